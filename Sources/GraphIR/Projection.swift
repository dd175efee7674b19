/// A 1×1 convolution of stride 1 folded into another convolution from before it: the product of the
/// two matrices is one matrix, smaller than the two if the channels between them are many.
public struct Projection: Equatable, Sendable {
  /// Channels between the two convolutions.
  public var channels: Int
  /// State-dict name of `[channels, inputChannels, 1, 1]`.
  public var weight: String
  /// State-dict name of `[channels]`.
  public var bias: String?
  /// Batch norms behind the 1×1 convolution, in order of application.
  public var norms: [Normalization]

  public init(
    channels: Int, weight: String, bias: String? = nil, norms: [Normalization] = []
  ) {
    self.channels = channels
    self.weight = weight
    self.bias = bias
    self.norms = norms
  }

  /// The projection that a convolution is.
  ///
  /// - Returns: nil for one that does more than multiply the channels of each pixel by a matrix.
  public init?(_ conv: Convolution) {
    guard conv.kernel == Extent(1), conv.stride == Extent(1), conv.padding.isZero,
      conv.groups == 1, conv.inputNorm == nil, conv.projection == nil, conv.epilogue == Epilogue()
    else { return nil }
    self.init(
      channels: conv.outputChannels, weight: conv.weight, bias: conv.bias, norms: conv.outputNorms)
  }

  /// The convolution as it was before it was folded.
  public var convolution: Convolution {
    Convolution(
      outputChannels: channels, kernel: Extent(1), weight: weight, bias: bias, outputNorms: norms)
  }
}
