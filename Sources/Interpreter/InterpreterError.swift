import GraphIR

/// Why a graph cannot be executed.
public enum InterpreterError: Error, Equatable, CustomStringConvertible {
  /// Another number of tensors was given than the graph has inputs.
  case inputCount(expected: Int, given: Int)
  /// A tensor has not the shape that its input declares.
  case inputShape(name: String, expected: Shape, given: Shape)
  /// The parameter source returned another number of elements than it was asked for.
  case parameterCount(name: String, expected: Shape, given: Int)
  /// The graph breaks a rule that every pass has to keep.
  case inconsistentGraph(node: String, reason: String)

  public var description: String {
    switch self {
    case .inputCount(let expected, let given):
      "the network takes \(expected) input(s), and \(given) were given"
    case .inputShape(let name, let expected, let given):
      "the input '\(name)' has the shape \(expected), and a tensor of shape \(given) was given"
    case .parameterCount(let name, let expected, let given):
      "the parameter '\(name)' has the shape \(expected), and \(given) elements were supplied"
    case .inconsistentGraph(let node, let reason):
      "the graph is inconsistent at '\(node)': \(reason)"
    }
  }
}

extension ParameterSource {
  /// The elements of a parameter, checked to be as many as its shape has.
  func checkedValues(_ name: String, _ shape: Shape) throws -> [Float] {
    let values = try values(of: ParameterSpec(name: name, shape: shape))
    guard values.count == shape.elementCount else {
      throw InterpreterError.parameterCount(name: name, expected: shape, given: values.count)
    }
    return values
  }

  /// The affine map of a batch norm, with the vectors checked.
  func checkedAffine(_ norm: Normalization, channels: Int) throws -> ChannelAffine {
    for name in [norm.weight, norm.bias, norm.runningMean, norm.runningVariance] {
      _ = try checkedValues(name, [channels])
    }
    return try ChannelAffine(norm, channels: channels, from: self)
  }
}
