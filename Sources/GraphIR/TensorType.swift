/// The type of one element of a tensor.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  case float32 = "f32"
  case float16 = "f16"
  case bfloat16 = "bf16"
  case float64 = "f64"

  /// Bytes one element occupies in memory and in files.
  public var byteCount: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }
}

/// The logical extent of a tensor: `[batch, channels, height, width]` for images,
/// `[batch, features]` after flattening. A shape says nothing of the layout in memory.
public struct Shape: Hashable, Sendable, CustomStringConvertible, ExpressibleByArrayLiteral {
  public var dimensions: [Int]

  public init(_ dimensions: [Int]) {
    self.dimensions = dimensions
  }

  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  public var rank: Int { dimensions.count }
  public var elementCount: Int { dimensions.reduce(1, *) }
  public var isImage: Bool { rank == 4 }

  public var batch: Int { dimensions.first ?? 1 }
  /// Channels of an image, features of a matrix.
  public var channels: Int { rank > 1 ? dimensions[1] : 1 }
  /// Rows of an image; 1 for a matrix, which is an image of one pixel.
  public var height: Int { rank > 2 ? dimensions[2] : 1 }
  /// Columns of an image; 1 for a matrix. What a tensor has beyond four dimensions is taken as
  /// columns, so that every tensor can be read as an image.
  public var width: Int { rank > 3 ? dimensions[3...].reduce(1, *) : 1 }

  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}

/// An element type and a shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  public var element: ElementType
  public var shape: Shape

  public init(_ shape: Shape, _ element: ElementType = .float32) {
    self.shape = shape
    self.element = element
  }

  public var description: String {
    element.rawValue + "[" + shape.dimensions.map(String.init).joined(separator: ",") + "]"
  }
}
