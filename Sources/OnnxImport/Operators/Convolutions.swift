import GraphIR
import OnnxFiles

extension OnnxOperator {
  static let convolutions = [
    OnnxOperator(
      "Conv", inputs: 3,
      "1-D and 2-D; any strides, dilations, groups and pads, and all forms of auto_pad; weights and "
        + "bias constant",
      attributes: WindowAttributes.attributes + ["group"], convolution)
  ]

  /// The kernel of a 1-D convolution is one of a single row.
  private static func convolution(
    _ call: NodeCall, _ builder: inout GraphBuilder
  ) throws -> ImportedValue {
    let x = try builder.nodeID(try call.input(0))
    let shape = builder.shape(x)
    let weights = try call.constant(1, "weights")
    guard weights.shape.rank == shape.rank, (3...4).contains(shape.rank) else {
      throw NodeFault(
        "its input is \(shape) and its weights are \(weights.shape); convolutions over one or two "
          + "dimensions are understood")
    }
    let window = try WindowAttributes(
      call, over: shape, kernel: Array(weights.shape.dimensions.dropFirst(2)))
    let groups = try call.int("group", default: 1)
    let channels = weights.shape.channels
    guard groups > 0, channels > 0, shape.channels % channels == 0,
      shape.channels / channels == groups
    else {
      throw NodeFault(
        "its weights are \(weights.shape) in \(groups) groups, and its input \(shape) has "
          + "\(shape.channels) channels")
    }
    let outputs = weights.shape.batch
    var conv = Convolution(
      outputChannels: outputs, kernel: window.kernel, stride: window.stride,
      padding: window.padding, dilation: window.dilation, groups: groups,
      weight: builder.weight(
        try weights.asWeight().reshaped(
          [outputs, channels, window.kernel.height, window.kernel.width])))
    if let bias = try call.optionalConstant(2, "bias") {
      guard bias.shape == [outputs] else {
        throw NodeFault("its bias is \(bias.shape) and should be [\(outputs)]")
      }
      conv.bias = builder.weight(try bias.asWeight())
    }
    let operation = conv
    return .node(try builder.asImage(x) { try $0.append(.convolution(operation), [$1]) })
  }
}

extension ConstantTensor {
  /// The tensor if it can be a weight of a network of float32.
  func asWeight() throws -> ConstantTensor {
    guard type == .float else {
      throw NodeFault(
        "its weight \(quoted(name)) is of type \(type.rawValue), and float is understood")
    }
    return self
  }
}
