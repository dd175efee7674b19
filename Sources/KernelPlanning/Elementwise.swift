import GraphIR

/// A function of the elements at one place: `x`, scaled and shifted if `affine`, times `factor`, plus
/// `addend`, then ReLU or another activation. What is absent is left out. The operands are read in this
/// order: x, factor, addend.
public struct Elementwise: Hashable, Sendable {
  /// What the elements are multiplied by.
  public enum Factor: Hashable, Sendable {
    /// A tensor of x's shape.
    case elements(BufferFormat)
    /// One number for each channel of each image: a tensor of one pixel.
    case channels(BufferFormat)

    public var format: BufferFormat {
      switch self {
      case .elements(let format), .channels(let format): format
      }
    }
  }

  public var x: BufferFormat
  public var factor: Factor?
  public var addend: BufferFormat?
  public var output: BufferFormat
  public var affine = false
  public var relu = false
  public var activation: Activation?

  public init(x: BufferFormat, output: BufferFormat) {
    self.x = x
    self.output = output
  }

  /// What is read beside x.
  public var operands: [BufferFormat] { [factor?.format, addend].compactMap(\.self) }

  /// Words for what is done, in order; the last names of functions are those of the graph's text.
  public var parts: [String] {
    [
      affine ? "scale_shift" : nil, factor == nil ? nil : "multiply", addend == nil ? nil : "add",
      relu ? "relu" : nil, activation?.mnemonic,
    ].compactMap(\.self)
  }

  /// Whether channels that fill a panel, which are zero, would become something else.
  public var changesZero: Bool {
    switch activation {
    case nil, .leakyReLU: false
    case .clip(let lower, let upper): lower > 0 || upper < 0
    case .sigmoid: true
    case .hardSigmoid(_, let offset): offset > 0
    }
  }
}
