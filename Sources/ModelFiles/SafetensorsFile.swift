import GraphIR

/// One tensor of a safetensors file: what it is and where its bytes lie.
public struct StoredTensor: Equatable, Sendable {
  public var name: String
  public var type: StoredType
  public var shape: Shape
  /// Where the elements lie, counted from the start of the file.
  public var bytes: Range<Int>
}

/// A safetensors file, mapped into memory, whose header has been checked in full.
///
/// The format: eight bytes with the header's length, little-endian; the header, a JSON object of
/// `name: {"dtype", "shape", "data_offsets": [begin, end]}`; the data, which the tensors cover without
/// gap or overlap. Nothing in a file is trusted: after `init` every tensor's bytes lie in the file
/// and are exactly as many as its type and shape need.
public struct SafetensorsFile: Sendable {
  /// The free text under `__metadata__`.
  public let metadata: [String: String]
  /// In the order of their bytes in the file.
  public let tensors: [StoredTensor]
  private let file: MappedFile
  private let indices: [String: Int]

  public var path: String { file.path }

  /// The largest header taken, in bytes: some 100 000 tensors, a hundred times as many as the largest
  /// ResNet has, and read in less than a second.
  public static let maximalHeaderSize = 10_000_000

  /// - Throws: `FileAccessError`, `SafetensorsError`.
  public init(path: String) throws {
    try self.init(MappedFile(path: path))
  }

  /// - Throws: `SafetensorsError`.
  public init(_ file: MappedFile) throws {
    self.file = file
    (metadata, tensors) = try file.withBytes { try parseHeader(of: $0, path: file.path) }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of that name, if there is one.
  public subscript(name: String) -> StoredTensor? {
    indices[name].map { tensors[$0] }
  }

  /// The elements of a tensor of this file, row-major, as float32.
  ///
  /// - Throws: `UnsuitableWeight` if they are not stored as floating-point numbers.
  public func values(of tensor: StoredTensor) throws -> [Float] {
    guard let element = tensor.type.elementType else {
      throw UnsuitableWeight(path: path, tensor: tensor.name, type: tensor.type)
    }
    return file.withBytes {
      element.float32Values(in: UnsafeRawBufferPointer(rebasing: $0[tensor.bytes]))
    }
  }
}

private func parseHeader(
  of file: UnsafeRawBufferPointer, path: String
) throws -> (metadata: [String: String], tensors: [StoredTensor]) {
  guard file.count >= 8 else {
    throw SafetensorsError.truncated(
      path: path, "it has \(file.count) byte(s), and the length of the header alone takes 8")
  }
  let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
  guard length <= UInt64(SafetensorsFile.maximalHeaderSize) else {
    throw SafetensorsError.malformed(
      path: path,
      "its first 8 bytes give a header of \(length) bytes, more than any such file of a ResNet has")
  }
  guard length <= UInt64(file.count - 8) else {
    throw SafetensorsError.truncated(
      path: path, "its header has \(length) bytes and only \(file.count - 8) follow")
  }
  let dataStart = 8 + Int(length)
  let header: HeaderJSON
  do {
    header = try HeaderJSON(parsing: UnsafeRawBufferPointer(rebasing: file[8..<dataStart]))
  } catch let error as HeaderJSON.SyntaxError {
    throw SafetensorsError.malformed(path: path, error.description)
  }
  guard case .object(let members) = header else {
    throw SafetensorsError.malformed(path: path, "its header is not a JSON object")
  }

  var metadata: [String: String] = [:]
  var tensors: [StoredTensor] = []
  for (name, value) in members {
    if name == "__metadata__" {
      guard case .object(let entries) = value else {
        throw SafetensorsError.malformed(path: path, "__metadata__ is not an object of strings")
      }
      for (key, value) in entries {
        guard case .string(let text) = value else {
          throw SafetensorsError.malformed(path: path, "__metadata__.\(key) is not a string")
        }
        metadata[key] = text
      }
    } else {
      let reader = EntryReader(path: path, tensor: String(name.prefix(maximalTensorNameLength)))
      guard name.utf8.count <= maximalTensorNameLength else {
        throw reader.error("its name is longer than that")
      }
      tensors.append(try reader.tensor(value, data: dataStart..<file.count))
    }
  }
  // The end breaks ties, so that a tensor without elements comes before the one that starts there.
  tensors.sort {
    ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
  }
  try checkCoverage(tensors, data: dataStart..<file.count, path: path)
  return (metadata, tensors)
}

/// Checks that the tensors, sorted by place, cover the data without gap or overlap.
private func checkCoverage(_ tensors: [StoredTensor], data: Range<Int>, path: String) throws {
  var end = data.lowerBound
  for tensor in tensors {
    guard tensor.bytes.lowerBound == end else {
      let what =
        tensor.bytes.lowerBound < end ? "overlaps the tensor before it" : "leaves a gap before it"
      throw SafetensorsError.badTensor(
        path: path, tensor: tensor.name,
        "it begins at byte \(tensor.bytes.lowerBound - data.lowerBound) of the data and \(what), "
          + "which ends at byte \(end - data.lowerBound)")
    }
    end = tensor.bytes.upperBound
  }
  guard end == data.upperBound else {
    throw SafetensorsError.malformed(
      path: path,
      "its tensors take \(end - data.lowerBound) bytes, but \(data.count) bytes of data follow the header"
    )
  }
}

/// Reads the description of one tensor in the header.
private struct EntryReader {
  var path: String
  var tensor: String

  func error(_ reason: String) -> SafetensorsError {
    .badTensor(path: path, tensor: tensor, reason)
  }

  func tensor(_ value: HeaderJSON, data: Range<Int>) throws -> StoredTensor {
    guard case .object(let fields) = value else { throw error("its entry is not an object") }
    var (dtype, shape, offsets): (HeaderJSON?, HeaderJSON?, HeaderJSON?)
    for (key, value) in fields {
      switch key {
      case "dtype": dtype = value
      case "shape": shape = value
      case "data_offsets": offsets = value
      default: throw error("its entry has an unknown field \"\(key)\"")
      }
    }
    guard case .string(let typeName)? = dtype else {
      throw error("its dtype is missing or no string")
    }
    guard let type = StoredType(rawValue: typeName) else {
      throw error("its dtype \"\(typeName)\" is not known")
    }
    let dimensions = try counts(shape, "shape")
    let ends = try counts(offsets, "data_offsets")
    guard ends.count == 2 else { throw error("its data_offsets are not two numbers") }
    guard ends[0] <= ends[1] else {
      throw error("its data begin at byte \(ends[0]) and end before that, at byte \(ends[1])")
    }
    guard ends[1] <= data.count else {
      throw error(
        "its data end at byte \(ends[1]), but only \(data.count) bytes of data are in the file; "
          + "it may be truncated")
    }
    var bits = type.bitCount
    for dimension in dimensions {
      let (product, overflow) = bits.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw error("its shape \(Shape(dimensions)) is too large") }
      bits = product
    }
    // A quotient cannot overflow where eight times an offset could.
    guard bits % 8 == 0, bits / 8 == ends[1] - ends[0] else {
      throw error(
        "\(typeName) \(Shape(dimensions)) takes \(bits / 8) bytes, but its data_offsets span "
          + "\(ends[1] - ends[0])")
    }
    return StoredTensor(
      name: tensor, type: type, shape: Shape(dimensions),
      bytes: (data.lowerBound + ends[0])..<(data.lowerBound + ends[1]))
  }

  /// An array of numbers, each 0 or more.
  func counts(_ value: HeaderJSON?, _ field: String) throws -> [Int] {
    guard case .array(let elements)? = value else {
      throw error("its \(field) is missing or no list")
    }
    return try elements.map {
      guard case .integer(let count) = $0, count >= 0 else {
        throw error("its \(field) holds something else than whole numbers of 0 or more")
      }
      return count
    }
  }
}
