/// A function of single elements.
public enum Activation: Hashable, Sendable {
  /// `x` where x is positive, `slope · x` elsewhere.
  case leakyReLU(slope: Float)
  /// `min(max(x, lower), upper)`; ReLU6 is the clip to 0 and 6. Where `lower` is above `upper`,
  /// everything becomes `upper`.
  case clip(lower: Float, upper: Float)
  /// `1 / (1 + exp(−x))`.
  case sigmoid
  /// `max(0, min(1, slope · x + offset))`.
  case hardSigmoid(slope: Float, offset: Float)

  /// The function's name in the textual form and in messages.
  public var mnemonic: String {
    switch self {
    case .leakyReLU: "leaky_relu"
    case .clip: "clip"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hard_sigmoid"
    }
  }

  /// The numbers the function is made with.
  var constants: [Float] {
    switch self {
    case .leakyReLU(let slope): [slope]
    case .clip(let lower, let upper): [lower, upper]
    case .sigmoid: []
    case .hardSigmoid(let slope, let offset): [slope, offset]
    }
  }

  /// Whether no result is below 0, whatever x is.
  public var isNonNegative: Bool {
    switch self {
    case .leakyReLU: false
    case .clip(let lower, let upper): lower >= 0 && upper >= 0
    case .sigmoid, .hardSigmoid: true
    }
  }
}

/// The sum of two tensors of one shape, element by element.
public struct Add: Hashable, Sendable {
  public var relu: Bool

  public init(relu: Bool = false) {
    self.relu = relu
  }
}

/// A tensor scaled channel by channel, plus another: the end of a residual block with
/// squeeze-and-excitation (Hu et al. 2018, "Squeeze-and-Excitation Networks", figure 3).
public struct ScaledAdd: Hashable, Sendable {
  public var relu: Bool

  public init(relu: Bool = false) {
    self.relu = relu
  }
}
