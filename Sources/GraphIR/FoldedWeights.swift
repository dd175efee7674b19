/// Why weights that are each finite cannot be folded.
public enum FoldingError: Error, Equatable, CustomStringConvertible {
  /// A variance that has no square root.
  case notAVariance(tensor: String, index: Int, value: Double)
  /// A product or sum that leaves the range of float32.
  case overflow(tensor: String)

  public var description: String {
    switch self {
    case .notAVariance(let tensor, let index, let value):
      "\"\(tensor)\"[\(index)] is \(value), and with epsilon added a variance has to be greater than 0; "
        + "these are not the weights of a trained network"
    case .overflow(let tensor):
      "folding batch norms into \"\(tensor)\" gives values beyond float32; "
        + "these are not the weights of a trained network"
    }
  }
}

/// An affine map per channel: `scale[c] · x + shift[c]`.
public struct ChannelAffine: Equatable, Sendable {
  public var scale: [Double]
  public var shift: [Double]

  public init(scale: [Double], shift: [Double]) {
    self.scale = scale
    self.shift = shift
  }

  /// The map that a batch norm is at inference.
  ///
  /// - Throws: `FoldingError.notAVariance`, or what the source throws.
  public init(_ norm: Normalization, channels: Int, from source: some ParameterSource) throws {
    func vector(_ name: String) throws -> [Double] {
      try source.values(of: ParameterSpec(name: name, shape: [channels])).map(Double.init)
    }
    let (gamma, beta) = (try vector(norm.weight), try vector(norm.bias))
    let (mean, variance) = (try vector(norm.runningMean), try vector(norm.runningVariance))
    for (index, value) in variance.enumerated() where value + norm.epsilon <= 0 {
      throw FoldingError.notAVariance(tensor: norm.runningVariance, index: index, value: value)
    }
    let scale = (0..<channels).map { gamma[$0] / (variance[$0] + norm.epsilon).squareRoot() }
    self.init(scale: scale, shift: (0..<channels).map { beta[$0] - mean[$0] * scale[$0] })
  }
}

/// The weights and bias of a convolution with the batch norms around it multiplied in.
///
/// All arithmetic is in float64; who stores the values rounds once.
public struct FoldedWeights: Equatable, Sendable {
  /// `[outputChannels, inputChannels / groups, kernel.height, kernel.width]`.
  public var weight: [Double]
  /// `[outputChannels]`.
  public var bias: [Double]

  public init(weight: [Double], bias: [Double]) {
    self.weight = weight
    self.bias = bias
  }

  public init(_ conv: Convolution, inputChannels: Int, from source: some ParameterSource) throws {
    guard let projection = conv.projection else {
      try self.init(alone: conv, inputChannels: inputChannels, from: source)
      return
    }
    let first = try FoldedWeights(
      projection.convolution, inputChannels: inputChannels, from: source)
    let second = try FoldedWeights(
      alone: conv, inputChannels: projection.channels, from: source)
    self.init(second, after: first, inputs: inputChannels, between: projection.channels)
  }

  /// The product of the matrices of two 1×1 convolutions, one behind the other.
  private init(_ second: FoldedWeights, after first: FoldedWeights, inputs: Int, between: Int) {
    bias = second.bias
    var product = [Double](repeating: 0, count: second.bias.count * inputs)
    for output in second.bias.indices {
      product.withUnsafeMutableBufferPointer { product in
        first.weight.withUnsafeBufferPointer { weight in
          let row = UnsafeMutableBufferPointer(
            rebasing: product[(output * inputs)...].prefix(inputs))
          for middle in 0..<between {
            let factor = second.weight[output * between + middle]
            let other = UnsafeBufferPointer(rebasing: weight[(middle * inputs)...].prefix(inputs))
            for input in 0..<inputs { row[input] += factor * other[input] }
          }
        }
      }
      for middle in 0..<between {
        bias[output] += second.weight[output * between + middle] * first.bias[middle]
      }
    }
    weight = product
  }

  /// Without a projection.
  private init(
    alone conv: Convolution, inputChannels: Int, from source: some ParameterSource
  ) throws {
    let outputs = conv.outputChannels
    let inputs = inputChannels / conv.groups
    let taps = conv.kernel.height * conv.kernel.width
    weight = try source.values(
      of: ParameterSpec(
        name: conv.weight, shape: [outputs, inputs, conv.kernel.height, conv.kernel.width])
    ).map(Double.init)
    bias =
      try conv.bias.map {
        try source.values(of: ParameterSpec(name: $0, shape: [outputs])).map(Double.init)
      } ?? [Double](repeating: 0, count: outputs)

    if let norm = conv.inputNorm {
      let map = try ChannelAffine(norm, channels: inputChannels, from: source)
      for o in 0..<outputs {
        let firstChannel = o / (outputs / conv.groups) * inputs
        for i in 0..<inputs {
          for tap in 0..<taps {
            let index = (o * inputs + i) * taps + tap
            bias[o] += weight[index] * map.shift[firstChannel + i]
            weight[index] *= map.scale[firstChannel + i]
          }
        }
      }
    }
    for norm in conv.outputNorms {
      let map = try ChannelAffine(norm, channels: outputs, from: source)
      for o in 0..<outputs {
        for index in (o * inputs * taps)..<((o + 1) * inputs * taps) {
          weight[index] *= map.scale[o]
        }
        bias[o] = bias[o] * map.scale[o] + map.shift[o]
      }
    }
  }
}
