import Diagnostics
import GraphIR

extension Elaborator {
  /// Appends the node of an operation, once its arguments are checked.
  mutating func evaluate(
    _ operation: Operation, _ arguments: BoundArguments, label: String?
  ) -> Value {
    do throws(BoundArguments.Failure) {
      var inputs = [try arguments.tensor("x")]
      if operation == .add { inputs.append(try arguments.tensor("y")) }
      let prefix = label.map { path(of: $0) } ?? ""
      let op = try op(operation, arguments, on: graph[inputs[0]].type.shape, prefix: prefix)
      return append(op, inputs, operation, label: label, at: arguments.range)
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
      guard epsilon > 0 else {
        throw .init(message: "'eps' must be larger than 0", range: arguments.range(of: "eps"))
      }
      return .batchNorm(BatchNorm(Normalization(prefix: prefix, epsilon: epsilon)))
    case .relu: return .relu
    case .add: return .add(Add())
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
          before: try arguments.count("before", from: 0, default: 0),
          after: try arguments.count("after", from: 0, default: 0),
          stride: try arguments.extent("stride", from: 1, default: Extent(1))))
    case .pad:
      let value = Float(try arguments.real("value", default: 0))
      guard value.isFinite else {
        throw .init(
          message: "'value' does not fit in 32 bits", range: arguments.range(of: "value"))
      }
      return .pad(SpatialPadding(try arguments.padding("pad", same: nil), value: value))
    case .linear:
      let features = try arguments.count("features", from: 1)
      let hasBias = try arguments.flag("bias", default: true)
      return .linear(
        Linear(
          outputFeatures: features, weight: prefix + ".weight",
          bias: hasBias ? prefix + ".bias" : nil))
    case .flatten: return .flatten
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
    let padding = try arguments.padding("pad") { oddAtEnd in
      samePadding(
        of: shape, kernel: kernel, stride: stride, dilation: Extent(1), oddAtEnd: oddAtEnd)
    }
    return Pooling(
      kernel: kernel, stride: stride, padding: padding,
      ceilMode: try arguments.flag("ceil", default: false))
  }
}

/// The padding with which a window has ⌈size / stride⌉ places in each direction.
///
/// - Parameter oddAtEnd: an odd row or column goes to the bottom and right, as in TensorFlow and
///   ONNX's `SAME_UPPER`; otherwise to the top and left, as in `SAME_LOWER`.
func samePadding(
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
