import GraphIR

/// The kernel families and the fixed numbers each is specialised to. Two steps with equal kernels
/// call the same function.
public enum Kernel: Hashable, Sendable {
  case reorder(Reorder)
  case convolution(DirectConvolution)
  case winograd(WinogradConvolution)
  case pooledLinear(PooledLinear)
  case pool(PoolKernel)
  case globalPool(GlobalPool)
  case elementwise(Elementwise)
  case padChannels(PadChannels)
  case pad(PadKernel)
  case softmax(SoftmaxKernel)
}

/// Copies a tensor from one format to another.
public struct Reorder: Hashable, Sendable {
  public var from: BufferFormat
  public var to: BufferFormat
}

/// A convolution as an indirect matrix product: each output pixel is a row whose inputs are read in
/// place, through strides (Dukhan 2019, "The Indirect Convolution Algorithm", with the indirection
/// reduced to constants by the halo).
public struct DirectConvolution: Hashable, Sendable {
  public var input: BufferFormat
  /// The convolution's result, or the pool's if a pool is fused.
  public var output: BufferFormat
  /// The result of the convolution before a fused pool.
  public var resultHeight: Int
  public var resultWidth: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Padding
  public var dilation: Extent
  public var groups: Int
  public var reduction: Reduction
  /// The first input channel that each weight panel reads.
  public var firstChannel: [Int]
  public var addsResidual: Bool
  public var residual: BufferFormat?
  public var relu: Bool
  public var pool: Pooling?

  public var panels: Int { firstChannel.count }

  /// Whether all pixels of the batch form one row at a constant stride.
  public var isFlat: Bool {
    pool == nil && kernel == Extent(1) && stride == Extent(1) && padding.isZero
      && input.pixelsAreUniform && output.pixelsAreUniform && (residual?.pixelsAreUniform ?? true)
  }

  /// Rows of pixels: all images' rows, or one where the convolution is flat.
  public var rows: Int { isFlat ? 1 : output.batch * resultHeight }
  /// Pixels in a row.
  public var rowLength: Int {
    isFlat ? output.batch * resultHeight * resultWidth : resultWidth
  }

  /// Offset, in the input buffer, of the first tap of pixel (0, 0).
  public var inputOrigin: Int {
    input.origin - padding.top * input.rowStride - padding.left * input.pixelStride
  }
}

/// Winograd's minimal filtering F(m×m, 3×3) over NHWC (Lavin and Gray 2016, "Fast Algorithms for
/// Convolutional Neural Networks"): tiles of m × m outputs become points, each point a matrix product.
public struct WinogradConvolution: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
  public var padding: Padding
  /// Outputs a tile has in each direction: 2 or 4.
  public var tileOutputs: Int
  public var inputChannels: Int
  public var addsResidual: Bool
  public var relu: Bool

  public var points: Int { (tileOutputs + 2) * (tileOutputs + 2) }
  public var tileRows: Int { (output.height + tileOutputs - 1) / tileOutputs }
  public var tileColumns: Int { (output.width + tileOutputs - 1) / tileOutputs }
  public var tiles: Int { output.batch * tileRows * tileColumns }
  public var panels: Int { output.storedChannels / panelWidth }
}

/// The mean over space, then a matrix product with one row a picture. Each thread averages for
/// itself: it costs less than waiting for the others.
public struct PooledLinear: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
  public var features: Int

  public var panels: Int { output.storedChannels / panelWidth }
}

public struct PoolKernel: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case maximum
    case average(countIncludesPadding: Bool)
  }

  public var kind: Kind
  public var window: Pooling
  public var input: BufferFormat
  public var output: BufferFormat
}

/// The mean over height and width; the output is a matrix.
public struct GlobalPool: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
}

/// `relu?(scale · x + shift? + y?)`, element by element.
public struct Elementwise: Hashable, Sendable {
  public var x: BufferFormat
  public var y: BufferFormat?
  public var output: BufferFormat
  public var affine: Bool
  public var relu: Bool
}

/// The parameter-free shortcut: subsample, and surround the channels with zeros.
public struct PadChannels: Hashable, Sendable {
  public var padding: ChannelPadding
  public var input: BufferFormat
  public var output: BufferFormat
}

/// Explicit padding with a constant.
public struct PadKernel: Hashable, Sendable {
  public var padding: Padding
  public var value: Float
  public var input: BufferFormat
  public var output: BufferFormat
}

/// Softmax over the channels of each pixel.
public struct SoftmaxKernel: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
}
