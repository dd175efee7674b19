/// Why a graph cannot be turned into kernels.
public enum PlanningError: Error, Equatable, CustomStringConvertible {
  /// Generated modules take one tensor.
  case inputCount(Int)
  /// No candidate of a node allows the layout that was asked for.
  case noLayout(node: String, layout: Layout)
  /// An operation that no kernel computes in this form.
  case unsupported(node: String, operation: String, reason: String)

  public var description: String {
    switch self {
    case .inputCount(let count):
      "a compiled network takes one input and this one has \(count); give it one input tensor"
    case .noLayout(let node, let layout):
      "'\(node)' has no kernel for layout \(layout.rawValue); leave the layout to the compiler"
    case .unsupported(let node, let operation, let reason):
      "'\(node)' (\(operation)) cannot be compiled: \(reason)"
    }
  }
}
