import GraphIR

/// Bytes of a tensor's name. What is longer is no name, and would fill the screen.
let maximalTensorNameLength = 1000

/// What a file says of one of its tensors.
public struct TensorInfo: Equatable, Sendable {
  public var name: String
  public var type: StoredType
  public var shape: Shape

  public init(name: String, type: StoredType, shape: Shape) {
    self.name = name
    self.type = type
    self.shape = shape
  }
}

/// Named tensors in a file, or in several that belong together.
public protocol TensorSource: Sendable {
  /// The file that a user named, for messages.
  var path: String { get }
  /// All tensors in the order of the file. No name stands twice.
  var contents: [TensorInfo] { get }
  /// The elements of one tensor, by its place in `contents`, row-major, as float32.
  ///
  /// The memory it takes is what the tensor's shape says, so compare that first.
  ///
  /// - Throws: `UnsuitableWeight` if they are not stored as floating-point numbers.
  func values(at index: Int) throws -> [Float]
}

/// A tensor that is not stored as floating-point numbers and can be no weight.
public struct UnsuitableWeight: Error, Equatable, CustomStringConvertible {
  public var path: String
  public var tensor: String
  public var type: StoredType

  public var description: String {
    "\(path): tensor \"\(tensor)\" is stored as \(type.rawValue); weights must be F32, F16, BF16 or "
      + "F64"
  }
}

extension SafetensorsFile: TensorSource {
  public var contents: [TensorInfo] {
    tensors.map { TensorInfo(name: $0.name, type: $0.type, shape: $0.shape) }
  }

  public func values(at index: Int) throws -> [Float] { try values(of: tensors[index]) }
}
