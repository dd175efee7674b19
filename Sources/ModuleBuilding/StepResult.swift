import CodeGen
import GraphIR
import KernelPlanning

extension NativeContext {
  /// What one step makes of given operands rather than of what the steps before it left: its own
  /// error, without theirs.
  ///
  /// The memory of other buffers is lost.
  ///
  /// - Parameters:
  ///   - index: a step of the plan that computes a node.
  ///   - operand: the tensor of a node that the step reads.
  /// - Returns: the node's tensor; nil for a step that reads the caller's input, or sums of tiles,
  ///   which are no node's result, for one that computes no node, and where an operand is missing.
  /// - Throws: `NativeModuleError.status`.
  public func result(ofStep index: Int, on operand: (NodeID) -> Tensor?) throws -> Tensor? {
    let plan = module.network.plan
    let step = plan.steps[index]
    guard step.node != nil, case .buffer(let output) = step.output else { return nil }
    for input in step.inputs {
      guard case .buffer(let buffer) = input, let value = plan.value(of: buffer),
        let tensor = operand(value)
      else { return nil }
      write(tensor, to: plan.buffers[buffer])
    }
    try run([], steps: index..<index + 1)
    return contents(of: plan.buffers[output])
  }
}

extension KernelPlan {
  /// The node whose result a buffer holds, in some layout.
  func value(of buffer: Int) -> NodeID? {
    var buffer = buffer
    // Conversions lead back to the step that computed the value.
    while let step = steps.first(where: { $0.output == .buffer(buffer) }) {
      if let node = step.node { return node }
      guard case .buffer(let source) = step.inputs.first else { return nil }
      buffer = source
    }
    return nil
  }
}
