/// Why an operation cannot take the inputs it was given.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  /// One sentence that names the operation and the shapes.
  public var message: String
  /// Indices of the inputs at fault.
  public var inputs: [Int]

  public init(_ message: String, inputs: [Int] = [0]) {
    self.message = message
    self.inputs = inputs
  }

  public var description: String { message }
}

/// The type of the result of `op` on inputs of the given types.
///
/// - Throws: `ShapeError` if there is no such result.
public func inferType(of op: Op, inputs: [TensorType]) throws -> TensorType {
  guard op.arity.contains(inputs.count) else {
    throw ShapeError(
      "\(op.mnemonic) takes \(op.arity.described) input(s), not \(inputs.count)", inputs: [])
  }
  if case .constant(let constant) = op { return TensorType(constant.shape) }
  guard let x = inputs.first else {
    throw ShapeError("the type of an input is declared, not inferred", inputs: [])
  }
  func result(_ dimensions: Int...) -> TensorType { TensorType(Shape(dimensions), x.element) }
  func requireImage() throws {
    guard x.shape.isImage else {
      throw ShapeError(
        "\(op.mnemonic) takes an image [batch, channels, height, width], not \(x.shape)")
    }
  }
  let shape = x.shape
  switch op {
  case .input, .constant, .relu, .activation, .batchNorm, .softmax:
    return x
  case .add:
    guard x.shape == inputs[1].shape else {
      throw ShapeError(
        "add takes two equal shapes, not \(x.shape) and \(inputs[1].shape)",
        inputs: [0, 1])
    }
    return x
  case .multiply:
    let factor = inputs[1].shape
    guard factor == shape || factor == shape.oneAChannel else {
      throw ShapeError(
        "multiply takes two equal shapes or one factor a channel, not \(shape) and \(factor)",
        inputs: [0, 1])
    }
    return x
  case .scaledAdd:
    try requireImage()
    guard inputs[1].shape == shape.oneAChannel, inputs[2].shape == shape else {
      throw ShapeError(
        "scaled_add takes one factor a channel and two equal shapes, not \(shape), "
          + "\(inputs[1].shape) and \(inputs[2].shape)", inputs: [0, 1, 2])
    }
    return x
  case .reshape(let new):
    guard new.elementCount == shape.elementCount else {
      throw ShapeError("reshape cannot make \(new) of \(shape): they differ in their elements")
    }
    return TensorType(new, x.element)
  case .transpose(let transposition):
    let order = transposition.permutation
    guard order.sorted() == Array(shape.dimensions.indices) else {
      throw ShapeError("transpose by \(order) does not order the dimensions of \(shape)")
    }
    return TensorType(Shape(order.map { shape.dimensions[$0] }), x.element)
  case .expand(let new):
    let missing = new.rank - shape.rank
    guard missing >= 0,
      zip(shape.dimensions, new.dimensions.dropFirst(missing)).allSatisfy({ $0 == 1 || $0 == $1 })
    else { throw ShapeError("expand cannot repeat \(shape) to \(new)") }
    return TensorType(new, x.element)
  case .concatenate:
    guard shape.rank >= 2 else {
      throw ShapeError("concatenate takes tensors with a dimension 1, not \(shape)")
    }
    var sum = shape
    for (index, other) in inputs.enumerated().dropFirst() {
      var aligned = other.shape
      if aligned.rank == shape.rank { aligned.dimensions[1] = shape.dimensions[1] }
      guard aligned == shape else {
        throw ShapeError(
          "concatenate takes shapes that differ in dimension 1 only, not \(shape) and "
            + "\(other.shape)", inputs: [0, index])
      }
      sum.dimensions[1] += other.shape.dimensions[1]
    }
    return TensorType(sum, x.element)
  case .convolution(let conv):
    try requireImage()
    guard conv.groups > 0, shape.channels % conv.groups == 0,
      conv.outputChannels > 0, conv.outputChannels % conv.groups == 0
    else {
      throw ShapeError(
        "conv with \(conv.groups) groups cannot map \(shape.channels) channels of \(shape) to "
          + "\(conv.outputChannels): both must be multiples of the groups")
    }
    let extent = try windowCount(
      shape, kernel: conv.kernel, stride: conv.stride, padding: conv.padding,
      dilation: conv.dilation, ceilMode: false, in: op)
    let full = result(shape.batch, conv.outputChannels, extent.height, extent.width)
    if conv.epilogue.addsResidual, inputs[1].shape != full.shape {
      throw ShapeError(
        "the residual \(inputs[1].shape) has not the shape of the convolution's result "
          + "\(full.shape)", inputs: [1])
    }
    if conv.epilogue.scales, let factors = inputs.last?.shape, factors != full.shape.oneAChannel {
      throw ShapeError(
        "the factors \(factors) of conv are not one for each channel of its result \(full.shape)",
        inputs: [inputs.count - 1])
    }
    guard let pool = conv.epilogue.maxPool else { return full }
    return try inferType(of: .maxPool(pool), inputs: [full])
  case .maxPool(let pool):
    try requireImage()
    let extent = try windowCount(shape, pool, in: op)
    return result(shape.batch, shape.channels, extent.height, extent.width)
  case .averagePool(let pool):
    try requireImage()
    let extent = try windowCount(shape, pool.window, in: op)
    return result(shape.batch, shape.channels, extent.height, extent.width)
  case .globalAveragePool:
    try requireImage()
    return result(shape.batch, shape.channels, 1, 1)
  case .padChannels(let pad):
    try requireImage()
    guard pad.stride.height > 0, pad.stride.width > 0 else {
      throw ShapeError("pad_channels takes strides of 1 or more")
    }
    guard pad.before > -shape.channels, pad.after > -shape.channels,
      min(0, pad.before) + min(0, pad.after) + shape.channels > 0
    else {
      throw ShapeError(
        "pad_channels (\(pad.before), \(pad.after)) leaves none of \(shape.channels) channels")
    }
    return result(
      shape.batch, pad.before + shape.channels + pad.after,
      (shape.height + pad.stride.height - 1) / pad.stride.height,
      (shape.width + pad.stride.width - 1) / pad.stride.width)
  case .pad(let pad):
    try requireImage()
    let p = pad.padding
    guard min(p.top, p.left, p.bottom, p.right) >= 0 else {
      throw ShapeError("pad takes counts of 0 or more")
    }
    return result(
      shape.batch, shape.channels, p.top + shape.height + p.bottom, p.left + shape.width + p.right)
  case .flatten:
    return result(shape.batch, shape.elementCount / max(shape.batch, 1))
  case .linear(let linear):
    guard linear.outputFeatures > 0 else {
      throw ShapeError("linear takes an output size of 1 or more")
    }
    guard linear.pooled ? shape.isImage : shape.rank == 2 else {
      throw ShapeError(
        linear.pooled
          ? "linear with pooling takes an image, not \(shape)"
          : "linear takes [batch, features], not \(shape); flatten it first")
    }
    return result(shape.batch, linear.outputFeatures)
  }
}

extension Op {
  /// How many inputs the operation takes.
  public var arity: ClosedRange<Int> {
    switch self {
    case .input, .constant: 0...0
    case .add, .multiply: 2...2
    case .scaledAdd: 3...3
    case .concatenate: 1...Int.max
    case .convolution(let conv): conv.epilogue.operandCount...conv.epilogue.operandCount
    default: 1...1
    }
  }
}

extension Epilogue {
  /// Inputs of the convolution: x, the residual, the factors.
  fileprivate var operandCount: Int { 1 + (addsResidual ? 1 : 0) + (scales ? 1 : 0) }
}

extension ClosedRange<Int> {
  /// A number, or the least one of an open range.
  var described: String { upperBound == Int.max ? "\(lowerBound) or more" : "\(lowerBound)" }
}

extension Shape {
  /// The shape of a tensor with one value for each channel of each image.
  public var oneAChannel: Shape { [batch, channels, 1, 1] }
}

private func windowCount(_ shape: Shape, _ pool: Pooling, in op: Op) throws -> Extent {
  let p = pool.padding
  guard pool.dilation.height > 0, pool.dilation.width > 0 else {
    throw ShapeError("\(op.mnemonic) takes dilations of 1 or more")
  }
  guard max(p.top, p.bottom) < pool.span.height, max(p.left, p.right) < pool.span.width else {
    throw ShapeError("\(op.mnemonic) pads as much as its window: a window would see padding only")
  }
  return try windowCount(
    shape, kernel: pool.kernel, stride: pool.stride, padding: pool.padding,
    dilation: pool.dilation, ceilMode: pool.ceilMode, in: op)
}

/// How many windows fit in each direction.
private func windowCount(
  _ shape: Shape, kernel: Extent, stride: Extent, padding: Padding, dilation: Extent,
  ceilMode: Bool, in op: Op
) throws -> Extent {
  func count(_ size: Int, _ kernel: Int, _ stride: Int, _ before: Int, _ after: Int, _ step: Int)
    throws -> Int
  {
    guard kernel > 0, stride > 0, step > 0, before >= 0, after >= 0 else {
      throw ShapeError(
        "\(op.mnemonic) takes kernels, strides and dilations of 1 or more and padding of 0 or more")
    }
    let room = before + size + after - ((kernel - 1) * step + 1)
    guard room >= 0 else {
      throw ShapeError("the window of \(op.mnemonic) is larger than its padded input \(shape)")
    }
    var windows = room / stride + 1
    if ceilMode, room % stride != 0, windows * stride < size + before { windows += 1 }
    return windows
  }
  return Extent(
    height: try count(
      shape.height, kernel.height, stride.height, padding.top, padding.bottom, dilation.height),
    width: try count(
      shape.width, kernel.width, stride.width, padding.left, padding.right, dilation.width))
}
