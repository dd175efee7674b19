import GraphIR
import MachineModel

/// What layout selection found: the cheapest assignment, exactly, and the second cheapest.
public struct LayoutReport: Equatable, Sendable {
  /// A node with all its candidates and what was chosen.
  public struct Row: Equatable, Sendable {
    public var node: NodeID
    public var name: String
    /// Whether the node has algorithms and tiles to choose among.
    public var isTunable: Bool
    public var candidates: [Candidate]
    /// Seconds that each candidate counts as: measured, or predicted. What was measured counts as more
    /// where a plan without it proved faster as a whole.
    public var seconds: [Double]
    /// Whether they were measured.
    public var isMeasured: [Bool]
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
  /// Seconds of the whole, conversions included.
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

/// What is chosen for a node.
struct Selected {
  var candidate: Candidate
  /// How the candidate was fastest, if it was measured.
  var measured: LayerMeasurements.Entry?
}

/// Chooses a layout and an algorithm for every node of a network at once.
///
/// Each node has candidates with predicted costs, each edge the cost of converting what one end
/// writes to what the other reads. The sum is minimised exactly as a partitioned boolean quadratic
/// problem (Anderson and Gregg 2018, "Optimal DNN Primitive Selection with Partitioned Boolean
/// Quadratic Programming"). A value that two readers want converted alike counts twice; everything
/// else of the model is additive.
///
/// Winograd's weights are larger than the direct algorithm's, and float16 ones smaller. Where the
/// optimum would add more than is allowed, layouts are chosen with a price on each added byte, the
/// lowest at which the optimum keeps the limit (Lagrange relaxation); then, for these layouts, the
/// algorithms are chosen exactly under the limit, as a multiple-choice knapsack.
///
/// Where a candidate was measured, its least seconds are its cost. What the model predicts for
/// others of the layer is scaled by what the measured ones took over what it predicts for them, and
/// layers that were not measured by the mean of that over the network, so that all costs compare. A
/// prediction beside a measurement is charged `doubt`, and weights that are rounded `roundingCharge`.
struct LayoutSelection {
  var candidates: NodeCandidates
  /// Bytes that Winograd's weights may take beyond the direct algorithm's.
  var addedWeightLimit: Int

  /// What a scaled prediction has to promise beyond a measurement of the same layer to be preferred: the
  /// model is right to about so much, so less is no reason to leave what is known.
  static let doubt = 1.05

  /// What float16 weights have to save to be preferred: a hair's breadth of time is no reason to give
  /// away digits.
  static let roundingCharge = 1.02

  private var graph: Graph { candidates.graph }
  private var model: CostModel { candidates.model }

  /// The candidates of each node, with what each costs.
  private struct Choices {
    var candidates: [Candidate] = []
    var seconds: [Double] = []
    var measured: [LayerMeasurements.Entry?] = []
    /// Beyond those of the network's own weights, which are float32; less than zero where they are
    /// stored in fewer.
    var addedWeightBytes: [Int] = []
  }

  func select() throws -> ([Selected], LayoutReport) {
    let costs = try graph.nodeIDs.map(candidates.costs)
    let ratio = geometricMean(costs.compactMap(\.ratio)) ?? 1
    let choices = costs.map { costs in
      return Choices(
        candidates: costs.candidates,
        seconds: costs.candidates.indices.map { index in
          let seconds =
            costs.measuredSeconds[index]
            ?? costs.predicted[index].seconds * (costs.ratio.map { $0 * Self.doubt } ?? ratio)
          return costs.candidates[index].weightFormat == .float16
            ? seconds * Self.roundingCharge : seconds
        }, measured: costs.measured,
        addedWeightBytes: costs.predicted.map { Int($0.weightBytes - costs.ownWeightBytes) })
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
            from.output == graph.layout(ofInput: slot, of: id, to) ? 0 : conversion
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
  ) -> ([Selected], LayoutReport) {
    func added(_ choice: [Int]) -> Int {
      zip(choices, choice).reduce(0) { $0 + $1.0.addedWeightBytes[$1.1] }
    }
    let chosen = zip(choices, choice).map { $0.candidates[$1] }
    let rows = graph.nodeIDs.map { id in
      let node = choices[id.index]
      return LayoutReport.Row(
        node: id, name: graph[id].name, isTunable: graph[id].op.hasAlgorithms,
        candidates: node.candidates, seconds: node.seconds,
        isMeasured: node.measured.map { $0 != nil }, choice: choice[id.index],
        runnerUp: (runnerUp ?? choice)[id.index])
    }
    let conversions = graph.nodeIDs.flatMap { id in
      graph[id].inputs.enumerated().compactMap { slot, producer -> LayoutReport.Conversion? in
        guard
          chosen[producer.index].output
            != graph.layout(ofInput: slot, of: id, chosen[id.index])
        else { return nil }
        return LayoutReport.Conversion(
          from: producer, to: id, seconds: conversionSeconds(producer))
      }
    }
    return (
      zip(choices, choice).map {
        Selected(candidate: $0.candidates[$1], measured: $0.measured[$1])
      },
      LayoutReport(
        rows: rows, conversions: conversions, seconds: problem.cost(of: choice),
        runnerUpSeconds: runnerUp.map(problem.cost(of:)),
        runnerUpAddedWeightBytes: runnerUp.map(added), statistics: statistics,
        addedWeightBytes: added(choice), addedWeightLimit: addedWeightLimit, secondsPerByte: 0)
    )
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
