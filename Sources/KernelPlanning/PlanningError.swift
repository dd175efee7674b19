/// Why a graph cannot be turned into kernels.
public enum PlanningError: Error, Equatable, CustomStringConvertible {
  /// Generated modules take one tensor.
  case inputCount(Int)
  /// A tensor whose elements 32-bit offsets cannot count.
  case tooLarge(node: String, elements: Int)
  /// No candidate of a node allows the layout that was asked for.
  case noLayout(node: String, layout: Layout)
  /// A forced configuration whose pattern stands for none of the layers that have a choice.
  case noSuchLayer(pattern: String, layers: [String])
  /// A layer cannot be computed as it is forced to be; `allowed` says how it can.
  case cannotForce(layer: String, configuration: String, allowed: String)
  /// An operation that no kernel computes in this form.
  case unsupported(node: String, operation: String, reason: String)

  public var description: String {
    switch self {
    case .inputCount(let count):
      "a compiled network takes one input and this one has \(count); give it one input tensor"
    case .tooLarge(let node, let elements):
      "'\(node)' has \(elements) elements and the generated code counts to \(Int(Int32.max)); "
        + "choose a smaller batch or input size"
    case .noLayout(let node, let layout):
      "'\(node)' has no kernel for layout \(layout.rawValue); leave the layout to the compiler"
    case .noSuchLayer(let pattern, let layers):
      "there is no convolution or linear layer called '\(pattern)'; choose among "
        + (layers.count > 12
          ? layers.prefix(12).joined(separator: ", ") + " and \(layers.count - 12) more"
          : layers.joined(separator: ", "))
    case .cannotForce(let layer, let configuration, let allowed):
      "'\(layer)' cannot be computed as \(configuration); it allows \(allowed)"
    case .unsupported(let node, let operation, let reason):
      "'\(node)' (\(operation)) cannot be compiled: \(reason)"
    }
  }
}
