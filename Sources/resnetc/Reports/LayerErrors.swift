import GraphIR
import Interpreter
import KernelPlanning
import ModuleBuilding

/// How far generated code is from the interpreter, which executes the same graph, the one after the
/// passes.
struct LayerErrors {
  /// The largest difference between two tensors.
  struct Deviation {
    var absolute: Double
    /// Relative to the largest magnitude of the expected tensor.
    var relative: Double

    /// A value that is not a number counts as infinitely wrong.
    init(_ found: some Sequence<Float>, from expected: [Float]) {
      var difference = 0.0
      var magnitude = 0.0
      for (a, b) in zip(found, expected) {
        let distance = abs(Double(a) - Double(b))
        difference = distance.isNaN ? .infinity : max(difference, distance)
        magnitude = max(magnitude, abs(Double(b)))
      }
      absolute = difference
      relative = difference == 0 ? 0 : difference / magnitude
    }
  }

  /// One a step; nil for steps that compute no node of the graph.
  private(set) var steps: [Deviation?]
  /// Of each step by itself, on the interpreter's tensors as operands.
  private(set) var alone: [Deviation?]
  /// Of the direct algorithm on float32 weights, by itself; nil where that was chosen.
  private(set) var direct: [Deviation?]
  /// Seconds of the interpreter for the step's node.
  private(set) var interpretedSeconds: [Double?]
  /// One for each output of the network.
  private(set) var outputs: [Deviation] = []

  /// Runs both beside each other. A step runs as soon as the interpreter has its node, and its buffer
  /// is looked at before a later step can write over it.
  ///
  /// - Parameters:
  ///   - directContext: of the same network compiled with direct algorithms only, if the first has
  ///     others.
  ///   - input: one batch, as callers pass it.
  init(
    _ context: NativeContext, direct directContext: NativeContext?, weights: Weights,
    input: [Float]
  ) throws {
    let network = context.module.network
    let plan = network.plan
    steps = [Deviation?](repeating: nil, count: plan.steps.count)
    interpretedSeconds = [Double?](repeating: nil, count: plan.steps.count)
    alone = steps
    direct = steps
    let single = try context.module.makeContext(threads: context.threads)
    var tensors = LiveTensors(network.graph)
    tensors.keep(Tensor(network.runtime.inputShape, input), of: network.graph.inputs[0])
    var next = 0
    let expected = try GraphInterpreter(network.graph, parameters: weights).run(
      [Tensor(network.runtime.inputShape, input)]
    ) { id, tensor, seconds in
      while next < plan.steps.count, plan.steps[next].node ?? id <= id {
        let step = plan.steps[next]
        try context.run(input, steps: next..<next + 1)
        if step.node == id {
          interpretedSeconds[next] = seconds
          steps[next] = Deviation(
            context.contents(of: step.output, in: plan), from: tensor.elements)
          alone[next] = try single.result(ofStep: next, on: { tensors[$0] })
            .map { Deviation($0.elements, from: tensor.elements) }
          if step.kernel.trade != nil, let directContext {
            direct[next] = try directContext.result(ofNode: id, on: { tensors[$0] })
              .map { Deviation($0.elements, from: tensor.elements) }
          }
        }
        next += 1
      }
      tensors.keep(tensor, of: id)
    }
    try context.run(input, steps: next..<plan.steps.count)
    outputs = zip(context.results, expected).map { Deviation($0.elements, from: $1.elements) }
  }
}

/// The results of nodes that later nodes read.
private struct LiveTensors {
  private var tensors: [NodeID: Tensor] = [:]
  private let lastReader: [NodeID?]

  init(_ graph: Graph) { lastReader = graph.readers().map { $0.max() } }

  subscript(id: NodeID) -> Tensor? { tensors[id] }

  /// Adds a node's result and forgets what no later node reads.
  mutating func keep(_ tensor: Tensor, of id: NodeID) {
    tensors[id] = tensor
    let last = lastReader
    tensors = tensors.filter { last[$0.key.index].map { $0 > id } ?? false }
  }
}

extension NativeContext {
  fileprivate func result(ofNode id: NodeID, on operand: (NodeID) -> Tensor?) throws -> Tensor? {
    guard let index = module.network.plan.steps.firstIndex(where: { $0.node == id }) else {
      return nil
    }
    return try result(ofStep: index, on: operand)
  }

  /// What the step that writes an operand has left there, in NCHW order.
  fileprivate func contents(of operand: Operand, in plan: KernelPlan) -> [Float] {
    switch operand {
    case .buffer(let index): contents(of: plan.buffers[index]).elements
    case .output(let index): results[index].elements
    case .input, .weight: []
    }
  }
}
