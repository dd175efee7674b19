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
  /// How the optimum was proved.
  public var statistics: AssignmentProblem.Statistics
}

/// Chooses a layout and an algorithm for every node of a network at once.
///
/// Each node has candidates with predicted costs, each edge the cost of converting what one end
/// writes to what the other reads. The sum is minimised exactly as a partitioned boolean quadratic
/// problem (Anderson and Gregg 2018, "Optimal DNN Primitive Selection with Partitioned Boolean
/// Quadratic Programming"). A value that two readers want converted alike counts twice; everything
/// else of the model is additive.
struct LayoutSelection {
  var graph: Graph
  var model: CostModel
  /// Only this layout is allowed for images.
  var forced: Layout?
  var winograd: Bool

  func select() throws -> ([Candidate], LayoutReport) {
    var problem = AssignmentProblem()
    var candidates: [[Candidate]] = []
    for id in graph.nodeIDs {
      let all = allowedCandidates(of: id)
      guard !all.isEmpty else {
        throw PlanningError.noLayout(node: graph[id].name, layout: forced ?? .nhwc)
      }
      candidates.append(all)
      _ = try problem.addNode(costs: all.map { seconds(of: id, $0) })
    }
    for id in graph.nodeIDs {
      for (slot, producer) in graph[id].inputs.enumerated() {
        let conversion = conversionSeconds(producer)
        let costs = candidates[producer.index].map { from in
          candidates[id.index].map { to in
            from.output == to.layout(ofInput: slot) ? 0 : conversion
          }
        }
        try problem.addEdge(producer.index, id.index, costs: costs)
      }
    }
    let (best, second) = try problem.solveWithRunnerUp()
    let chosen = graph.nodeIDs.map { candidates[$0.index][best.choice[$0.index]] }
    let rows = graph.nodeIDs.map { id in
      LayoutReport.Row(
        node: id, name: graph[id].name, candidates: candidates[id.index],
        seconds: problem.nodeCosts[id.index], choice: best.choice[id.index],
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
        rows: rows, conversions: conversions, seconds: best.cost, runnerUpSeconds: second?.cost,
        statistics: best.statistics)
    )
  }

  private func allowedCandidates(of id: NodeID) -> [Candidate] {
    let all = graph.candidates(of: id, winograd: winograd)
    guard let forced else { return all }
    let readsImage = graph[id].inputs.first.map { graph[$0].type.shape.isImage } ?? false
    let writesImage = graph[id].type.shape.isImage && graph[id].op != .globalAveragePool
    return all.filter {
      (!readsImage || $0.input == forced) && (!writesImage || $0.output == forced)
    }
  }

  /// Seconds of one candidate, with the formats it would have on its own.
  private func seconds(of id: NodeID, _ candidate: Candidate) -> Double {
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
    return model.cost(of: kernel).seconds
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
