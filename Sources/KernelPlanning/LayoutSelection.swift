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
  /// Of the best assignment that differs in at least one node; where memory for weights was short,
  /// of the best without a limit. Nil if there is no other.
  public var runnerUpSeconds: Double?
  /// Bytes that the runner-up's Winograd weights add; nil if there is no runner-up.
  public var runnerUpAddedWeightBytes: Int?
  /// How the optimum was proved.
  public var statistics: AssignmentProblem.Statistics
  /// Bytes that the packed weights take beyond those of direct kernels in float32; less than zero
  /// where float16 saves more than Winograd's algorithm adds.
  public var addedWeightBytes: Int
  /// How many they may take.
  public var addedWeightLimit: Int
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
/// Winograd's weights are larger than the direct algorithm's, and float16 ones smaller. Where the optimum would add more than
/// is allowed, layouts are chosen with a price on each added byte, the lowest at which the optimum
/// keeps the limit (Lagrange relaxation); then, for these layouts, the algorithms are chosen exactly
/// under the limit, as a multiple-choice knapsack.
struct LayoutSelection {
  var graph: Graph
  var model: CostModel
  var accuracy: Accuracy
  /// Only this layout is allowed for images.
  var layout: Layout?
  /// How each node has to be computed, if that is not left to the selection.
  var forced: [ForcedConfiguration?]
  /// Bytes that Winograd's weights may take beyond the direct algorithm's.
  var addedWeightLimit: Int

  /// The candidates of each node, with what each costs.
  private struct Choices {
    var candidates: [Candidate] = []
    var seconds: [Double] = []
    /// Beyond those of the network's own weights, which are float32; less than zero where they are
    /// stored in fewer.
    var addedWeightBytes: [Int] = []
  }

  func select() throws -> ([Candidate], LayoutReport) {
    let choices = try graph.nodeIDs.map { id in
      let all = try allowedCandidates(of: id)
      guard !all.isEmpty else {
        throw PlanningError.noLayout(node: graph[id].name, layout: layout ?? .nhwc)
      }
      let costs = all.map { cost(of: id, $0) }
      let own = zip(all, costs).filter { $0.0.weightFormat == .float32 }.map(\.1.weightBytes).min()
      return Choices(
        candidates: all, seconds: costs.map(\.seconds),
        addedWeightBytes: costs.map { Int($0.weightBytes - (own ?? 0)) })
    }
    func added(_ choice: [Int]) -> Int {
      zip(choices, choice).reduce(0) { $0 + $1.0.addedWeightBytes[$1.1] }
    }
    let free = try problem(choices, secondsPerByte: 0)
    let (best, second) = try free.solveWithRunnerUp()
    if added(best.choice) <= addedWeightLimit {
      return report(choices, free, best.choice, runnerUp: second?.choice, best.statistics)
    }
    let (priced, price) = try pricedChoice(choices, added)
    let choice = fill(choices, priced)
    // What would be chosen with more memory is the best there is beside the choice.
    var (chosen, limited) = report(
      choices, free, choice, runnerUp: best.choice, best.statistics)
    limited.secondsPerByte = price
    return (chosen, limited)
  }

  /// The optimum at the lowest price for a byte at which it keeps the limit, and that price.
  private func pricedChoice(_ choices: [Choices], _ added: ([Int]) -> Int) throws -> ([Int], Double)
  {
    // Between a price at which everybody buys and one at which nobody does.
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = low == 0 ? high / 16 : (low * high).squareRoot()
      let choice = try problem(choices, secondsPerByte: middle).solve().choice
      if added(choice) > addedWeightLimit { low = middle } else { high = middle }
      if low > 0, high / low < 1.0001 { break }
    }
    return (try problem(choices, secondsPerByte: high).solve().choice, high)
  }

  /// The fastest algorithms for the layouts of a choice that keep the limit.
  private func fill(_ choices: [Choices], _ choice: [Int]) -> [Int] {
    let alike = zip(choices, choice).map { node, chosen in
      node.candidates.indices.filter {
        node.candidates[$0].input == node.candidates[chosen].input
          && node.candidates[$0].output == node.candidates[chosen].output
      }
    }
    // A knapsack's weights are not negative: each is counted from the least of its node.
    var limit = addedWeightLimit
    let items = zip(choices, alike).map { node, indices in
      let least = indices.map { node.addedWeightBytes[$0] }.min() ?? 0
      limit -= least
      return indices.map {
        Knapsack.Item(cost: node.seconds[$0], weight: node.addedWeightBytes[$0] - least)
      }
    }
    let taken = Knapsack(classes: items, limit: limit).solve()
    return taken.map { zip(alike, $0).map { $0[$1] } } ?? choice
  }

  private func problem(_ choices: [Choices], secondsPerByte price: Double) throws
    -> AssignmentProblem
  {
    var problem = AssignmentProblem()
    for node in choices {
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
    _ choices: [Choices], _ problem: AssignmentProblem, _ choice: [Int], runnerUp: [Int]?,
    _ statistics: AssignmentProblem.Statistics
  ) -> ([Candidate], LayoutReport) {
    func added(_ choice: [Int]) -> Int {
      zip(choices, choice).reduce(0) { $0 + $1.0.addedWeightBytes[$1.1] }
    }
    let chosen = zip(choices, choice).map { $0.candidates[$1] }
    let rows = graph.nodeIDs.map { id in
      let node = choices[id.index]
      return LayoutReport.Row(
        node: id, name: graph[id].name, candidates: node.candidates, seconds: node.seconds,
        choice: choice[id.index], runnerUp: (runnerUp ?? choice)[id.index])
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
        rows: rows, conversions: conversions, seconds: problem.cost(of: choice),
        runnerUpSeconds: runnerUp.map(problem.cost(of:)),
        runnerUpAddedWeightBytes: runnerUp.map(added), statistics: statistics,
        addedWeightBytes: added(choice), addedWeightLimit: addedWeightLimit, secondsPerByte: 0)
    )
  }

  private func allowedCandidates(of id: NodeID) throws -> [Candidate] {
    let forced = forced[id.index]
    var all = graph.candidates(
      of: id, winograd: addedWeightLimit > 0 || forced != nil, accuracy: accuracy)
    if let layout {
      let readsImage = graph[id].inputs.first.map { graph[$0].type.shape.isImage } ?? false
      let writesImage = graph[id].type.shape.isImage && graph[id].op != .globalAveragePool
      all = all.filter {
        (!readsImage || $0.input == layout) && (!writesImage || $0.output == layout)
      }
    }
    guard let forced else { return all }
    let possible = all.filter { candidate in
      candidate.method == forced.method
        && kernel(of: id, candidate).allows(forced.schedule, on: model.machine)
    }
    guard !possible.isEmpty || all.isEmpty else {
      throw PlanningError.cannotForce(
        layer: graph[id].name, configuration: forced.configuration,
        allowed: allowed(all, of: id, asked: forced))
    }
    return possible
  }

  /// What a layer allows, for a person: its algorithms, or what the algorithm that was asked for can
  /// be told besides.
  private func allowed(_ all: [Candidate], of id: NodeID, asked: ForcedConfiguration) -> String {
    guard let candidate = all.first(where: { $0.method == asked.method }) else {
      var names: [String] = []
      for candidate in all where !names.contains(candidate.method) {
        names.append(candidate.method)
      }
      return names.joined(separator: ", ")
    }
    // The layout that the tiles are most often in.
    let nhwc = all.first { $0.method == candidate.method && $0.output == .nhwc }
    return kernel(of: id, nhwc ?? candidate).allowedSchedules(asked.schedule, on: model.machine)
  }

  /// The kernel of one candidate, with the formats it would have on its own.
  private func kernel(of id: NodeID, _ candidate: Candidate) -> Kernel {
    let node = graph[id]
    var inputs = node.inputs.enumerated().map { slot, producer in
      var halo = Padding.zero
      if slot == 0, case .convolution(let conv) = node.op {
        halo = conv.halo(for: candidate.algorithm, output: node.type.shape)
      }
      let layout = candidate.layout(ofInput: slot)
      return graph.isReadByConvolutionsOnly(producer)
        ? .networkInput(graph[producer].type.shape, layout: layout, halo: halo)
        : BufferFormat(graph[producer].type.shape, layout: layout, halo: halo)
    }
    if node.op == .input { inputs = [.dense(node.type.shape)] }
    let output =
      graph.isReadByConvolutionsOnly(id)
      ? BufferFormat.networkInput(node.type.shape, layout: candidate.output, halo: .zero)
      : BufferFormat(node.type.shape, layout: candidate.output)
    var kernel = KernelSelection(graph: graph).kernel(
      for: id, algorithm: candidate.algorithm, inputs: inputs, output: output)
    kernel.weightFormat = candidate.weightFormat
    return kernel
  }

  private func cost(of id: NodeID, _ candidate: Candidate) -> StepCost {
    model.cost(of: kernel(of: id, candidate), forced[id.index]?.schedule ?? .free)
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
