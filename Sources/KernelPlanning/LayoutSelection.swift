import GraphIR
import MachineModel

/// What layout selection found: the cheapest assignment, exactly, and the second cheapest.
public struct LayoutReport: Equatable, Sendable {
  public struct Row: Equatable, Sendable {
    public var node: NodeID
    public var name: String
    public var candidates: [Candidate]
    /// Predicted seconds of each candidate, one thread.
    public var seconds: [Double]
    /// Index of the chosen candidate.
    public var choice: Int
    /// Index that the runner-up assignment chooses.
    public var runnerUp: Int
  }

  /// A conversion that the choice needs.
  public struct Conversion: Equatable, Sendable {
    public var from: NodeID
    public var to: NodeID
    public var seconds: Double
  }

  public var rows: [Row]
  public var conversions: [Conversion]
  /// Predicted seconds of the whole, conversions included.
  public var seconds: Double
  /// Of the best assignment that differs in at least one node; nil if there is no other.
  public var runnerUpSeconds: Double?
  /// Bytes that the runner-up's Winograd weights add; nil if there is no runner-up.
  public var runnerUpAddedWeightBytes: Int?
  /// How the optimum was proved.
  public var statistics: AssignmentProblem.Statistics
  /// Bytes that the weights of Winograd convolutions take beyond those of direct ones.
  public var addedWeightBytes: Int
  /// Seconds that a byte more had to be worth, because memory for weights was short; 0 if it was not.
  public var secondsPerByte: Double
}

/// Chooses a layout and an algorithm for every node of a network at once.
///
/// Each node has candidates with predicted costs, each edge the cost of converting what one end
/// writes to what the other reads. The sum is minimised exactly as a partitioned boolean quadratic
/// problem (Anderson and Gregg 2018, "Optimal DNN Primitive Selection with Partitioned Boolean
/// Quadratic Programming"). A value that two readers want converted alike counts twice; everything
/// else of the model is additive.
///
/// Winograd's weights are larger than the direct algorithm's. Where they would add more than is
/// allowed, each added byte gets a price, the lowest at which the optimum stays within the limit
/// (Lagrange relaxation: no other assignment that adds as little is faster).
struct LayoutSelection {
  var graph: Graph
  var model: CostModel
  /// Only this layout is allowed for images.
  var forced: Layout?
  /// Bytes that Winograd's weights may take beyond the direct algorithm's.
  var addedWeightLimit: Int

  /// The part by which bytes get dearer from one node to the next.
  private static let priceStep = 1e-3

  /// The candidates of each node, with what each costs.
  private struct Choices {
    var candidates: [Candidate] = []
    var seconds: [Double] = []
    var addedWeightBytes: [Int] = []
  }

  func select() throws -> ([Candidate], LayoutReport) {
    let choices = try graph.nodeIDs.map { id in
      let all = allowedCandidates(of: id)
      guard !all.isEmpty else {
        throw PlanningError.noLayout(node: graph[id].name, layout: forced ?? .nhwc)
      }
      let costs = all.map { cost(of: id, $0) }
      let least = costs.map(\.weightBytes).min() ?? 0
      return Choices(
        candidates: all, seconds: costs.map(\.seconds),
        addedWeightBytes: costs.map { Int($0.weightBytes - least) })
    }
    func added(_ choice: [Int]) -> Int {
      zip(choices, choice).reduce(0) { $0 + $1.0.addedWeightBytes[$1.1] }
    }
    var price = 0.0
    var (best, second) = try problem(choices, secondsPerByte: 0).solveWithRunnerUp()
    if added(best.choice) > addedWeightLimit {
      // A price at which nobody would buy; then halve the interval.
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = low == 0 ? high / 16 : (low * high).squareRoot()
        let choice = try problem(choices, secondsPerByte: middle).solve().choice
        if added(choice) > addedWeightLimit { low = middle } else { high = middle }
        if low > 0, high / low < 1.0001 { break }
      }
      price = high
      (best, second) = try problem(choices, secondsPerByte: price).solveWithRunnerUp()
    }
    return report(choices, best, second, added: added, price: price)
  }

  private func problem(_ choices: [Choices], secondsPerByte price: Double) throws
    -> AssignmentProblem
  {
    var problem = AssignmentProblem()
    for (index, node) in choices.enumerated() {
      // Equal layers would all change their choice at one price and leave a gap in memory; so a byte
      // of a later layer is a little dearer.
      let price = price * (1 + Self.priceStep * Double(index))
      _ = try problem.addNode(
        costs: zip(node.seconds, node.addedWeightBytes).map { $0 + price * Double($1) })
    }
    for id in graph.nodeIDs {
      for (slot, producer) in graph[id].inputs.enumerated() {
        let conversion = conversionSeconds(producer)
        let costs = choices[producer.index].candidates.map { from in
          choices[id.index].candidates.map { to in
            from.output == to.layout(ofInput: slot) ? 0 : conversion
          }
        }
        try problem.addEdge(producer.index, id.index, costs: costs)
      }
    }
    return problem
  }

  private func report(
    _ choices: [Choices], _ best: AssignmentProblem.Solution,
    _ second: AssignmentProblem.Solution?, added: ([Int]) -> Int, price: Double
  ) -> ([Candidate], LayoutReport) {
    func seconds(_ solution: AssignmentProblem.Solution) -> Double {
      zip(choices, solution.choice).enumerated().reduce(solution.cost) { cost, entry in
        let (node, choice) = entry.element
        return cost - price * (1 + Self.priceStep * Double(entry.offset))
          * Double(node.addedWeightBytes[choice])
      }
    }
    let chosen = zip(choices, best.choice).map { $0.candidates[$1] }
    let rows = graph.nodeIDs.map { id in
      let node = choices[id.index]
      return LayoutReport.Row(
        node: id, name: graph[id].name, candidates: node.candidates, seconds: node.seconds,
        choice: best.choice[id.index],
        runnerUp: second?.choice[id.index] ?? best.choice[id.index])
    }
    let conversions = graph.nodeIDs.flatMap { id in
      graph[id].inputs.enumerated().compactMap { slot, producer -> LayoutReport.Conversion? in
        guard chosen[producer.index].output != chosen[id.index].layout(ofInput: slot) else {
          return nil
        }
        return LayoutReport.Conversion(
          from: producer, to: id, seconds: conversionSeconds(producer))
      }
    }
    return (
      chosen,
      LayoutReport(
        rows: rows, conversions: conversions, seconds: seconds(best),
        runnerUpSeconds: second.map(seconds),
        runnerUpAddedWeightBytes: second.map { added($0.choice) },
        statistics: best.statistics, addedWeightBytes: added(best.choice), secondsPerByte: price)
    )
  }

  private func allowedCandidates(of id: NodeID) -> [Candidate] {
    let all = graph.candidates(of: id, winograd: addedWeightLimit > 0)
    guard let forced else { return all }
    let readsImage = graph[id].inputs.first.map { graph[$0].type.shape.isImage } ?? false
    let writesImage = graph[id].type.shape.isImage && graph[id].op != .globalAveragePool
    return all.filter {
      (!readsImage || $0.input == forced) && (!writesImage || $0.output == forced)
    }
  }

  /// The cost of one candidate, with the formats it would have on its own.
  private func cost(of id: NodeID, _ candidate: Candidate) -> StepCost {
    let node = graph[id]
    var inputs = node.inputs.enumerated().map { slot, producer in
      var halo = Padding.zero
      if slot == 0, case .convolution(let conv) = node.op {
        halo = conv.halo(for: candidate.algorithm, output: node.type.shape)
      }
      return BufferFormat(
        graph[producer].type.shape, layout: candidate.layout(ofInput: slot), halo: halo)
    }
    if node.op == .input { inputs = [.dense(node.type.shape)] }
    let output = BufferFormat(node.type.shape, layout: candidate.output)
    let kernel = KernelSelection(graph: graph).kernel(
      for: id, algorithm: candidate.algorithm, inputs: inputs, output: output)
    return model.cost(of: kernel)
  }

  private func conversionSeconds(_ producer: NodeID) -> Double {
    let shape = graph[producer].type.shape
    return model.cost(
      of: .copy(
        Copy(
          from: BufferFormat(shape, layout: .nchw), to: BufferFormat(shape, layout: .nhwc)))
    ).seconds
  }
}
