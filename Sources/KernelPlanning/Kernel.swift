import GraphIR

/// The kernel families and the fixed numbers each is specialised to. Two steps with equal kernels
/// call the same function.
public enum Kernel: Hashable, Sendable {
  case copy(Copy)
  case rearrangement(Rearrangement)
  case concatenation(Concatenation)
  case convolution(DirectConvolution)
  case grouped(GroupedConvolution)
  case winograd(WinogradConvolution)
  case pooledLinear(PooledLinear)
  case pool(PoolKernel)
  case globalPool(GlobalPool)
  case elementwise(Elementwise)
  case softmax(SoftmaxKernel)

  /// How the kernel's matrix is stored; float32 for kernels that have none.
  public internal(set) var weightFormat: WeightFormat {
    get {
      switch self {
      case .convolution(let conv): conv.weightFormat
      case .grouped(let grouped): grouped.weightFormat
      case .winograd(let winograd): winograd.weightFormat
      case .pooledLinear(let linear): linear.product.weightFormat
      case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax:
        .float32
      }
    }
    set {
      switch self {
      case .convolution(var conv):
        conv.weightFormat = newValue
        self = .convolution(conv)
      case .grouped(var grouped):
        grouped.weightFormat = newValue
        self = .grouped(grouped)
      case .winograd(var winograd):
        winograd.weightFormat = newValue
        self = .winograd(winograd)
      case .pooledLinear(var linear):
        linear.product.weightFormat = newValue
        self = .pooledLinear(linear)
      case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax: break
      }
    }
  }
}

/// Copies a tensor from one place to another and, on the way, subsamples it, moves it within a larger
/// one, or both: `to[n, c, y, x] = from[n, c − channelShift, y · stride.height − rowShift,
/// x · stride.width − columnShift]`, and `fill` where that lies outside.
///
/// Conversions between layouts, explicit padding and the parameter-free shortcut are all copies.
public struct Copy: Hashable, Sendable {
  public var from: BufferFormat
  public var to: BufferFormat
  public var stride = Extent(1)
  public var channelShift = 0
  public var rowShift = 0
  public var columnShift = 0
  public var fill: Float = 0

  public init(from: BufferFormat, to: BufferFormat) {
    self.from = from
    self.to = to
  }
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
  /// The format of the factors that sums are multiplied by, one a channel of each image, if there are
  /// any.
  public var factors: BufferFormat?
  /// The format of the tensor that is added before ReLU, if there is one.
  public var residual: BufferFormat?
  public var relu: Bool
  public var pool: Pooling?
  public var weightFormat = WeightFormat.float32

  public var panels: Int { firstChannel.count }

  /// Whether all pixels of the batch form one row at a constant stride; cut by images where each has
  /// its own factors.
  public var isFlat: Bool {
    pool == nil && kernel == Extent(1) && stride == Extent(1) && padding.isZero
      && input.pixelsAreUniform && output.pixelsAreUniform && (residual?.pixelsAreUniform ?? true)
  }

  /// Images that are done one after the other: one row of pixels has all of them.
  public var separateImages: Int { isFlat && factors == nil ? 1 : output.batch }

  /// Pixels in a row.
  public var rowLength: Int {
    isFlat ? output.batch / separateImages * resultHeight * resultWidth : resultWidth
  }

  /// Offset, in the input buffer, of the first tap of pixel (0, 0).
  public var inputOrigin: Int {
    input.origin - padding.top * input.rowStride - padding.left * input.pixelStride
  }
}

/// The mean over space, then a matrix product with one row a picture. Each thread averages for
/// itself: it costs less than waiting for the others.
public struct PooledLinear: Hashable, Sendable {
  public var pool: GlobalPool
  public var product: DirectConvolution
}

/// A pool of its own: the maximum or the mean of each window, channel by channel.
public struct PoolKernel: Hashable, Sendable {
  /// What becomes of a window's values.
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
  /// The image, or the sums of its tiles, a pixel each.
  public var input: BufferFormat
  public var output: BufferFormat
  /// Pixels of the image, by which its sum is divided.
  public var pixels: Int
  /// Whether `input` holds the sums of tiles.
  public var readsTileSums: Bool

  /// The mean of an image.
  public init(input: BufferFormat, output: BufferFormat) {
    self.input = input
    self.output = output
    pixels = input.height * input.width
    readsTileSums = false
  }

  /// The mean of an image of so many pixels, whose tiles have been summed.
  public init(tileSums: BufferFormat, of pixels: Int, output: BufferFormat) {
    input = tileSums
    self.output = output
    self.pixels = pixels
    readsTileSums = true
  }
}

/// Softmax over the channels of each pixel.
public struct SoftmaxKernel: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
}
