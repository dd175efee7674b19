/// One operation of a graph.
///
/// Semantics (all arithmetic is on real numbers; an executor states its own rounding):
///
/// | Operation | Inputs | Result |
/// |---|---|---|
/// | `input` | – | the caller's tensor |
/// | `constant` | – | a tensor of the state dict |
/// | `convolution` | x [, residual] [, s] | `epilogue(W * norm(x) + b)`; s `[batch, channels, 1, 1]` |
/// | `batchNorm` | x | `γ (x − μ) / √(σ² + ε) + β`, then ReLU if `relu` |
/// | `relu` | x | `max(x, 0)` |
/// | `activation` | x | a function of each element: see `Activation` |
/// | `add` | x, y | `x + y`, then ReLU if `relu`; both shapes equal |
/// | `multiply` | x, y | `x · y`; shapes equal, or y `[batch, channels, 1, 1]`: one factor a channel |
/// | `scaledAdd` | x, s, y | `x · s + y`, then ReLU if `relu`; s `[batch, channels, 1, 1]` |
/// | `maxPool` | x | maximum over the window; padding never wins |
/// | `averagePool` | x | mean over the window |
/// | `globalAveragePool` | x | mean over height and width; keeps rank 4 with extent 1 × 1 |
/// | `padChannels` | x | rows and columns `0, stride, 2·stride…` of x between zero channels; negative counts leave channels out instead |
/// | `pad` | x | x surrounded by `value` |
/// | `flatten` | x | `[batch, channels · height · width]`, in NCHW order |
/// | `reshape` | x | the same elements in row-major order under another shape |
/// | `transpose` | x | dimension `i` of the result is dimension `permutation[i]` of x |
/// | `expand` | x | x repeated along dimensions of extent 1, as NumPy broadcasts it to the shape |
/// | `concatenate` | x, y … | one behind the other along dimension 1 |
/// | `linear` | x | `x Wᵀ + b`; if `pooled`, x is an image and is averaged over space first |
/// | `softmax` | x | softmax over dimension 1 |
public enum Op: Equatable, Sendable {
  case input
  case constant(Constant)
  case convolution(Convolution)
  case batchNorm(BatchNorm)
  case relu
  case activation(Activation)
  case add(Add)
  case multiply
  case scaledAdd(ScaledAdd)
  case maxPool(Pooling)
  case averagePool(AveragePooling)
  case globalAveragePool
  case padChannels(ChannelPadding)
  case pad(SpatialPadding)
  case flatten
  case reshape(Shape)
  case transpose(Transposition)
  case expand(Shape)
  case concatenate
  case linear(Linear)
  case softmax

  /// The operation's name in the textual form and in messages.
  public var mnemonic: String {
    switch self {
    case .input: "input"
    case .constant: "constant"
    case .convolution: "conv"
    case .batchNorm: "batch_norm"
    case .relu: "relu"
    case .activation(let activation): activation.mnemonic
    case .add: "add"
    case .multiply: "multiply"
    case .scaledAdd: "scaled_add"
    case .maxPool: "max_pool"
    case .averagePool: "average_pool"
    case .globalAveragePool: "global_average_pool"
    case .padChannels: "pad_channels"
    case .pad: "pad"
    case .flatten: "flatten"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .expand: "expand"
    case .concatenate: "concatenate"
    case .linear: "linear"
    case .softmax: "softmax"
    }
  }
}

/// A height and a width, in pixels.
public struct Extent: Hashable, Sendable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  public init(_ side: Int) {
    self.init(height: side, width: side)
  }
}

/// Rows and columns added at each side of an image, in pixels.
public struct Padding: Hashable, Sendable {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int, left: Int, bottom: Int, right: Int) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  public init(_ all: Int) {
    self.init(top: all, left: all, bottom: all, right: all)
  }

  public static let zero = Padding(0)
  public var isZero: Bool { self == .zero }
}

/// The names, in the state dict, of a batch normalisation's four vectors, and its ε.
///
/// At inference it is an affine map per channel (Ioffe and Szegedy 2015, algorithm 2):
/// `γ (x − μ) / √(σ² + ε) + β`.
public struct Normalization: Hashable, Sendable {
  /// γ, `[channels]`.
  public var weight: String
  /// β, `[channels]`.
  public var bias: String
  /// μ, `[channels]`.
  public var runningMean: String
  /// σ², `[channels]`.
  public var runningVariance: String
  public var epsilon: Double

  /// The four names PyTorch gives to the vectors of a module called `prefix`.
  public init(prefix: String, epsilon: Double = 1e-5) {
    weight = prefix + ".weight"
    bias = prefix + ".bias"
    runningMean = prefix + ".running_mean"
    runningVariance = prefix + ".running_var"
    self.epsilon = epsilon
  }
}

/// A two-dimensional cross-correlation (what frameworks call convolution), with what passes have
/// fused into it. Order of application: `projection`, `inputNorm`, zero padding and convolution, bias,
/// `outputNorms` in order, then the epilogue.
public struct Convolution: Equatable, Sendable {
  public var outputChannels: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Padding
  public var dilation: Extent
  public var groups: Int
  /// State-dict name of `[outputChannels, inputChannels / groups, kernel.height, kernel.width]`.
  public var weight: String
  /// State-dict name of `[outputChannels]`.
  public var bias: String?
  /// A batch norm folded into the weights from before the convolution. Exact only where the
  /// convolution pads nothing, since padding is zero after the norm and not before it.
  public var inputNorm: Normalization?
  /// A 1×1 convolution folded into the weights from before this one, which is 1×1 itself.
  public var projection: Projection?
  /// Batch norms folded into the weights from behind the convolution, in order of application.
  public var outputNorms: [Normalization]
  public var epilogue: Epilogue

  public init(
    outputChannels: Int, kernel: Extent, stride: Extent = Extent(1), padding: Padding = .zero,
    dilation: Extent = Extent(1), groups: Int = 1, weight: String, bias: String? = nil,
    inputNorm: Normalization? = nil, projection: Projection? = nil,
    outputNorms: [Normalization] = [],
    epilogue: Epilogue = Epilogue()
  ) {
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.weight = weight
    self.bias = bias
    self.inputNorm = inputNorm
    self.projection = projection
    self.outputNorms = outputNorms
    self.epilogue = epilogue
  }
}

/// What a convolution does with each sum before it is stored:
/// scale it, add the residual, then ReLU, then max-pool.
public struct Epilogue: Equatable, Sendable {
  /// The node's last input has one factor for each channel of each image, by which the sum is
  /// multiplied first.
  public var scales: Bool
  /// The node's second input is added to the sum. It has the shape of the convolution's result.
  public var addsResidual: Bool
  public var relu: Bool
  /// A max-pool over the convolution's result; the node's type is then the pool's.
  public var maxPool: Pooling?

  public init(
    scales: Bool = false, addsResidual: Bool = false, relu: Bool = false, maxPool: Pooling? = nil
  ) {
    self.scales = scales
    self.addsResidual = addsResidual
    self.relu = relu
    self.maxPool = maxPool
  }
}

/// A batch norm that stands alone, at inference: each channel scaled and shifted.
public struct BatchNorm: Equatable, Sendable {
  public var norm: Normalization
  public var relu: Bool

  public init(_ norm: Normalization, relu: Bool = false) {
    self.norm = norm
    self.relu = relu
  }
}

/// A pooling window.
public struct Pooling: Hashable, Sendable {
  public var kernel: Extent
  public var stride: Extent
  public var padding: Padding
  /// From one element of the window to the next.
  public var dilation: Extent
  /// Round the number of windows up instead of down. A last window that would start outside the
  /// image and its leading padding is dropped, as in PyTorch.
  public var ceilMode: Bool

  public init(
    kernel: Extent, stride: Extent, padding: Padding = .zero, dilation: Extent = Extent(1),
    ceilMode: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.ceilMode = ceilMode
  }

  /// The pixels from the first to the last element of the window, both included.
  public var span: Extent {
    Extent(
      height: (kernel.height - 1) * dilation.height + 1,
      width: (kernel.width - 1) * dilation.width + 1)
  }
}

/// The mean of each window of each channel.
public struct AveragePooling: Hashable, Sendable {
  public var window: Pooling
  /// Whether padded zeros count in the divisor (PyTorch's default is that they do). Positions past
  /// the padding, which `ceilMode` can reach, never count.
  public var countIncludesPadding: Bool

  public init(window: Pooling, countIncludesPadding: Bool = true) {
    self.window = window
    self.countIncludesPadding = countIncludesPadding
  }
}

/// The parameter-free shortcut of He et al. 2015, section 3.3, option A: keep every `stride`-th row
/// and column and surround the channels with zero channels.
///
/// Negative counts leave out as many channels at that end, so that a part of the channels is taken.
public struct ChannelPadding: Hashable, Sendable {
  public var before: Int
  public var after: Int
  public var stride: Extent

  public init(before: Int, after: Int, stride: Extent = Extent(1)) {
    self.before = before
    self.after = after
    self.stride = stride
  }
}

/// Explicit padding with a constant.
public struct SpatialPadding: Hashable, Sendable {
  public var padding: Padding
  public var value: Float

  public init(_ padding: Padding, value: Float = 0) {
    self.padding = padding
    self.value = value
  }
}

/// A product with a matrix: `[batch, inputFeatures]` becomes `[batch, outputFeatures]`.
public struct Linear: Equatable, Sendable {
  public var outputFeatures: Int
  /// State-dict name of `[outputFeatures, inputFeatures]`.
  public var weight: String
  /// State-dict name of `[outputFeatures]`.
  public var bias: String?
  /// The input is an image and is averaged over height and width first.
  public var pooled: Bool

  public init(outputFeatures: Int, weight: String, bias: String?, pooled: Bool = false) {
    self.outputFeatures = outputFeatures
    self.weight = weight
    self.bias = bias
    self.pooled = pooled
  }
}
