import GraphIR

/// A convolution with everything that may be fused into it, in the order in which `Convolution`
/// documents them.
///
/// It is done as a matrix product: for each group, the weights are a matrix of
/// `[outputs, depth]` and the image unrolled (im2col) one of `[depth, pixels]`, with
/// `depth = inputs · kernel height · kernel width`. Each output element is one sum in float64, in
/// the order of `depth`. A projection is a convolution of its own, whose result is rounded.
func convolve(
  _ conv: Convolution, _ image: Tensor, residual: Tensor? = nil, factors: Tensor? = nil,
  from parameters: some ParameterSource
) throws -> Tensor {
  let x = try conv.projection.map { try convolve($0.convolution, image, from: parameters) } ?? image
  var unpooled = conv
  unpooled.epilogue.maxPool = nil
  let shape = try inferType(
    of: .convolution(unpooled),
    inputs: ([x] + [residual, factors].compactMap(\.self)).map { TensorType($0.shape) }
  ).shape

  let outputs = conv.outputChannels
  let inputsPerGroup = x.shape.channels / conv.groups
  let weights = try parameters.checkedValues(
    conv.weight, [outputs, inputsPerGroup, conv.kernel.height, conv.kernel.width])
  let bias = try conv.bias.map { try parameters.checkedValues($0, [outputs]) }
  let inputNorm = try conv.inputNorm.map {
    try parameters.checkedAffine($0, channels: x.shape.channels)
  }
  let outputNorms = try conv.outputNorms.map {
    try parameters.checkedAffine($0, channels: outputs)
  }

  let job = ConvolutionJob(
    image: UnrolledImage(conv, x, output: shape, norm: inputNorm),
    weights: PackedRows(
      weights, rows: outputs / conv.groups,
      depth: inputsPerGroup * conv.kernel.height * conv.kernel.width, groups: conv.groups),
    finish: ChannelFinish(
      channels: outputs, bias: bias, norms: outputNorms, factors: factors?.elements,
      residual: residual?.elements, relu: conv.epilogue.relu))
  let full = Tensor(shape, job.run())
  guard let pool = conv.epilogue.maxPool else { return full }
  // Rounding is monotone, so rounding before the maximum and after it are the same.
  return maxPool(full, pool, try inferType(of: .maxPool(pool), inputs: [TensorType(shape)]).shape)
}

/// What happens to a sum before it is stored: bias and norms, which together are one affine map per
/// channel, then a factor, then the residual, then ReLU.
struct ChannelFinish: Sendable {
  private var scale: [Double]
  private var shift: [Double]
  private let factors: [Float]?
  private let residual: [Float]?
  private let relu: Bool

  init(
    channels: Int, bias: [Float]?, norms: [ChannelAffine], factors: [Float]?, residual: [Float]?,
    relu: Bool
  ) {
    scale = [Double](repeating: 1, count: channels)
    shift = bias.map { $0.map { Double($0) } } ?? [Double](repeating: 0, count: channels)
    for norm in norms {
      for channel in 0..<channels {
        scale[channel] *= norm.scale[channel]
        shift[channel] = shift[channel] * norm.scale[channel] + norm.shift[channel]
      }
    }
    self.factors = factors
    self.residual = residual
    self.relu = relu
  }

  /// Finishes neighbouring pixels of one channel of an image and stores them from `offset` on.
  func store(
    _ sums: UnsafeBufferPointer<Double>, image: Int, channel: Int, at offset: Int,
    in output: DisjointWrites
  ) {
    let factor = factors.map { Double($0[image * self.scale.count + channel]) } ?? 1
    let (scale, shift) = (scale[channel] * factor, shift[channel] * factor)
    func finish(_ residual: (Int) -> Double) {
      for index in sums.indices {
        let y = sums[index] * scale + shift + residual(offset + index)
        output[offset + index] = Float(relu && y < 0 ? 0 : y)
      }
    }
    if let residual {
      residual.withUnsafeBufferPointer { values in finish { Double(values[$0]) } }
    } else {
      finish { _ in 0 }
    }
  }
}
