import Diagnostics
import GraphIR

extension Elaborator {
  /// Appends the node of an operation, once its arguments are checked.
  mutating func evaluate(
    _ operation: Operation, _ arguments: BoundArguments, label: String?
  ) -> Value {
    do throws(BoundArguments.Failure) {
      let inputs: [NodeID]
      switch operation {
      case .parameter: inputs = []
      case .add, .mul: inputs = [try arguments.tensor("x"), try arguments.tensor("y")]
      case .concat: inputs = try arguments.tensors("tensors")
      default: inputs = [try arguments.tensor("x")]
      }
      let name = operation == .parameter ? try arguments.name("name") : label
      let op = try op(
        operation, arguments, on: inputs.first.map { graph[$0].type.shape } ?? [],
        prefix: name.map { path(of: $0) } ?? "")
      return append(op, inputs, operation, label: name, at: arguments.range)
    } catch {
      if let message = error.message { report(message, at: error.range) }
      return .invalid
    }
  }

  /// - Parameters:
  ///   - shape: what the operation is applied to.
  ///   - prefix: the path of the operation, with which the names of its weights begin.
  private func op(
    _ operation: Operation, _ arguments: BoundArguments, on shape: Shape, prefix: String
  ) throws(BoundArguments.Failure) -> Op {
    switch operation {
    case .conv:
      return .convolution(try convolution(arguments, on: shape, prefix: prefix))
    case .bn:
      let epsilon = try arguments.real("eps", default: 1e-5)
      guard epsilon >= 0 else {
        throw .init(message: "'eps' must not be negative", range: arguments.range(of: "eps"))
      }
      return .batchNorm(BatchNorm(Normalization(prefix: prefix, epsilon: epsilon)))
    case .relu: return .relu
    case .leakyrelu:
      return .activation(.leakyReLU(slope: try arguments.float32("slope", default: 0.01)))
    case .clip:
      return .activation(
        .clip(
          lower: try arguments.float32("min", default: -.infinity),
          upper: try arguments.float32("max", default: .infinity)))
    case .sigmoid: return .activation(.sigmoid)
    case .hardsigmoid:
      return .activation(
        .hardSigmoid(
          slope: try arguments.float32("slope", default: 0.2),
          offset: try arguments.float32("offset", default: 0.5)))
    case .add: return .add(Add())
    case .mul: return .multiply
    case .maxpool: return .maxPool(try pooling(arguments, on: shape))
    case .avgpool:
      return .averagePool(
        AveragePooling(
          window: try pooling(arguments, on: shape),
          countIncludesPadding: try arguments.flag("count_include_pad", default: true)))
    case .globalavgpool: return .globalAveragePool
    case .padchannels:
      return .padChannels(
        ChannelPadding(
          before: try arguments.count("before", from: -Limits.dimension, default: 0),
          after: try arguments.count("after", from: -Limits.dimension, default: 0),
          stride: try arguments.extent("stride", from: 1, default: Extent(1))))
    case .pad:
      let value = try arguments.float32("value", default: 0)
      return .pad(SpatialPadding(try arguments.padding("pad", same: nil), value: value))
    case .linear:
      let features = try arguments.count("features", from: 1)
      let hasBias = try arguments.flag("bias", default: true)
      return .linear(
        Linear(
          outputFeatures: features, weight: prefix + ".weight",
          bias: hasBias ? prefix + ".bias" : nil))
    case .flatten: return .flatten
    case .reshape: return .reshape(Shape(try arguments.counts("shape", from: 1)))
    case .transpose: return .transpose(Transposition(try arguments.counts("order", from: 0)))
    case .expand: return .expand(Shape(try arguments.counts("shape", from: 1)))
    case .concat: return .concatenate
    case .parameter:
      return .constant(
        Constant(name: prefix, shape: Shape(try arguments.counts("shape", from: 1))))
    case .softmax: return .softmax
    }
  }

  private func convolution(
    _ arguments: BoundArguments, on shape: Shape, prefix: String
  ) throws(BoundArguments.Failure) -> Convolution {
    let kernel = try arguments.extent("kernel", from: 1)
    let stride = try arguments.extent("stride", from: 1, default: Extent(1))
    let dilation = try arguments.extent("dilation", from: 1, default: Extent(1))
    let padding = try arguments.padding("pad") { oddAtEnd in
      samePadding(
        of: shape, kernel: kernel, stride: stride, dilation: dilation, oddAtEnd: oddAtEnd)
    }
    return Convolution(
      outputChannels: try arguments.count("channels", from: 1), kernel: kernel, stride: stride,
      padding: padding, dilation: dilation,
      groups: try arguments.count("groups", from: 1, default: 1), weight: prefix + ".weight",
      bias: try arguments.flag("bias", default: false) ? prefix + ".bias" : nil)
  }

  private func pooling(
    _ arguments: BoundArguments, on shape: Shape
  ) throws(BoundArguments.Failure) -> Pooling {
    let kernel = try arguments.extent("kernel", from: 1)
    let stride = try arguments.extent("stride", from: 1, default: kernel)
    let dilation = try arguments.extent("dilation", from: 1, default: Extent(1))
    let padding = try arguments.padding("pad") { oddAtEnd in
      samePadding(
        of: shape, kernel: kernel, stride: stride, dilation: dilation, oddAtEnd: oddAtEnd)
    }
    return Pooling(
      kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      ceilMode: try arguments.flag("ceil", default: false))
  }
}

/// The padding with which a window has ⌈size / stride⌉ places in each direction.
///
/// - Parameter oddAtEnd: an odd row or column goes to the bottom and right, as in TensorFlow and
///   ONNX's `SAME_UPPER`; otherwise to the top and left, as in `SAME_LOWER`.
public func samePadding(
  of shape: Shape, kernel: Extent, stride: Extent, dilation: Extent, oddAtEnd: Bool
) -> Padding {
  func split(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> (Int, Int) {
    let places = (size + stride - 1) / stride
    let total = max((places - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return oddAtEnd ? (total / 2, total - total / 2) : (total - total / 2, total / 2)
  }
  let (top, bottom) = split(shape.height, kernel.height, stride.height, dilation.height)
  let (left, right) = split(shape.width, kernel.width, stride.width, dilation.width)
  return Padding(top: top, left: left, bottom: bottom, right: right)
}
