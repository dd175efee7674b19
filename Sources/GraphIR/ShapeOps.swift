/// A tensor of the state dict as a value of its own.
public struct Constant: Hashable, Sendable {
  /// Its name in the state dict.
  public var name: String
  public var shape: Shape

  public init(name: String, shape: Shape) {
    self.name = name
    self.shape = shape
  }
}

/// An order of dimensions: dimension `i` of the result is dimension `permutation[i]` of the operand.
public struct Transposition: Hashable, Sendable {
  public var permutation: [Int]

  public init(_ permutation: [Int]) {
    self.permutation = permutation
  }

  /// From the channels-last order of TensorFlow to that of the graph.
  public static let nhwcToNCHW = Transposition([0, 3, 1, 2])
  public static let nchwToNHWC = Transposition([0, 2, 3, 1])

  public var isIdentity: Bool { permutation == Array(permutation.indices) }
}
