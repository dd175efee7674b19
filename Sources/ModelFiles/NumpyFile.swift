import Foundation
import GraphIR

/// What is wrong with a `.npy` file.
public enum NumpyError: Error, Equatable, CustomStringConvertible {
  case notNumpy(path: String)
  case unsupportedVersion(path: String, major: Int)
  case malformedHeader(path: String, String)
  /// The array's element type is none of `<f4`, `<f8`, `<f2`.
  case unsupportedType(path: String, String)
  case fortranOrder(path: String)
  case wrongSize(path: String, expected: Int, found: Int)

  public var description: String {
    switch self {
    case .notNumpy(let path): "\(path): this is not a .npy file"
    case .unsupportedVersion(let path, let major):
      "\(path): version \(major) of the .npy format is not known; save the array with numpy.save"
    case .malformedHeader(let path, let reason): "\(path): the .npy header is malformed: \(reason)"
    case .unsupportedType(let path, let type):
      "\(path): the array's elements are \(type); save it as array.astype(\"<f4\")"
    case .fortranOrder(let path):
      "\(path): the array is in Fortran order; save it as numpy.ascontiguousarray(array)"
    case .wrongSize(let path, let expected, let found):
      "\(path): the header announces \(expected) bytes of data, but \(found) follow it"
    }
  }
}

/// An array of a `.npy` file: its shape and its elements, row-major, as float32.
public struct NumpyArray: Equatable, Sendable {
  public var shape: Shape
  public var values: [Float]

  public init(shape: Shape, values: [Float]) {
    self.shape = shape
    self.values = values
  }

  /// Reads versions 1 to 3 of the format: little-endian float32, float64 or float16 in C order.
  ///
  /// - Throws: `FileAccessError`, `NumpyError`.
  public init(path: String) throws {
    self = try MappedFile(path: path).withBytes { try NumpyArray(parsing: $0, path: path) }
  }

  /// - Parameter path: what errors call the bytes.
  /// - Throws: `NumpyError`.
  public init(parsing file: UnsafeRawBufferPointer, path: String) throws {
    guard file.count >= 10, file.starts(with: magic) else { throw NumpyError.notNumpy(path: path) }
    let major = Int(file[6])
    guard (1...3).contains(major) else {
      throw NumpyError.unsupportedVersion(path: path, major: major)
    }
    let headerStart = major == 1 ? 10 : 12
    guard file.count >= headerStart else { throw NumpyError.notNumpy(path: path) }
    let length =
      major == 1
      ? Int(file.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
      : Int(file.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    guard length <= file.count - headerStart else {
      throw NumpyError.malformedHeader(path: path, "it goes past the end of the file")
    }
    let dataStart = headerStart + length
    var parser = NumpyHeaderParser(path: path, bytes: Array(file[headerStart..<dataStart]))
    let header = try parser.header()

    let element: ElementType
    switch header.type {
    case "<f4": element = .float32
    case "<f8": element = .float64
    case "<f2": element = .float16
    default: throw NumpyError.unsupportedType(path: path, header.type)
    }
    guard !header.fortranOrder else { throw NumpyError.fortranOrder(path: path) }
    var size = element.byteCount
    for dimension in header.dimensions {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw NumpyError.malformedHeader(path: path, "its shape is too large")
      }
      size = product
    }
    guard file.count - dataStart == size else {
      throw NumpyError.wrongSize(path: path, expected: size, found: file.count - dataStart)
    }
    shape = Shape(header.dimensions)
    values = element.float32Values(in: UnsafeRawBufferPointer(rebasing: file[dataStart...]))
  }

  /// The array as a `.npy` file, version 1, of little-endian float32 in C order.
  public func encoded() -> [UInt8] {
    var tuple = shape.dimensions.map(String.init).joined(separator: ", ")
    if shape.rank == 1 { tuple += "," }
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(tuple)), }"
    // The data start at a multiple of 64 bytes, and the header ends in a newline.
    let unpadded = magic.count + 4 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    var bytes = magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Writes the array as a `.npy` file, whole or not at all.
  ///
  /// - Throws: `WriteError`.
  public func write(to path: String) throws {
    try writeAtomically(encoded(), to: path)
  }
}

private let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

/// Parses the header's Python dictionary, the three keys in any order.
private struct NumpyHeaderParser {
  var path: String
  var bytes: [UInt8]
  var position = 0

  init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  func error(_ reason: String) -> NumpyError { .malformedHeader(path: path, reason) }

  mutating func header() throws -> (type: String, fortranOrder: Bool, dimensions: [Int]) {
    var (type, fortranOrder, dimensions): (String?, Bool?, [Int]?)
    guard skip("{") else { throw error("a dictionary is expected") }
    while !skip("}") {
      let key = try string()
      guard skip(":") else { throw error("':' is expected after '\(key)'") }
      switch key {
      case "descr":
        // A list describes records; no such type is taken.
        guard peek() != UInt8(ascii: "[") else {
          throw NumpyError.unsupportedType(path: path, "records")
        }
        type = try string()
      case "fortran_order": fortranOrder = try boolean()
      case "shape": dimensions = try tuple()
      default: throw error("unknown key '\(key)'")
      }
      if !skip(",") && peek() != UInt8(ascii: "}") { throw error("',' or '}' is expected") }
    }
    guard let type, let fortranOrder, let dimensions else {
      throw error("it must have the keys 'descr', 'fortran_order' and 'shape'")
    }
    return (type, fortranOrder, dimensions)
  }

  mutating func peek() -> UInt8? {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A {
      position += 1
    }
    return position < bytes.count ? bytes[position] : nil
  }

  mutating func skip(_ text: String) -> Bool {
    guard peek() != nil, bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  mutating func string() throws -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\""),
      let end = bytes[(position + 1)...].firstIndex(of: quote)
    else { throw error("a string is expected") }
    defer { position = end + 1 }
    return String(decoding: bytes[(position + 1)..<end], as: UTF8.self)
  }

  mutating func boolean() throws -> Bool {
    if skip("True") { return true }
    if skip("False") { return false }
    throw error("'fortran_order' must be True or False")
  }

  mutating func tuple() throws -> [Int] {
    guard skip("(") else { throw error("'shape' must be a tuple") }
    var dimensions: [Int] = []
    while !skip(")") {
      _ = peek()
      let digits = bytes[position...].prefix {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
      guard let dimension = Int(String(decoding: digits, as: UTF8.self)) else {
        throw error("'shape' must hold whole numbers of 0 or more")
      }
      position = digits.endIndex
      dimensions.append(dimension)
      if !skip(",") && peek() != UInt8(ascii: ")") { throw error("',' or ')' is expected") }
    }
    return dimensions
  }
}
