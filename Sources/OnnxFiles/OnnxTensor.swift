import Foundation
import GraphIR
import ModelFiles

/// A constant tensor of an ONNX file. Its elements are only converted when they are asked for; that
/// there are as many as its shape needs has been checked.
public struct OnnxTensor: Sendable {
  /// The name of the value; often empty in an attribute.
  public var name: String
  public var elementType: OnnxElementType
  /// Any rank; `[]` for a single number. The number of elements fits in an `Int`.
  public var shape: Shape
  /// What messages call it, such as `initializer "conv1.weight"`.
  public let label: String
  /// The file, for messages.
  public let path: String
  let elements: OnnxElements

  /// The file beside the model that the elements are in; nil if they are in the model.
  public var externalPath: String? {
    if case .mapped(let file, _) = elements { file.path } else { nil }
  }

  /// The elements, row-major, as float32. Those of float64 that it cannot hold become infinities.
  ///
  /// - Throws: `OnnxFileError.unsuitableElements` unless they are stored as floating-point numbers of
  ///   16 bits or more.
  public func floatValues() throws -> [Float] {
    guard let element = elementType.storedType?.elementType else {
      throw unsuitable("floating-point numbers")
    }
    switch elements {
    case .bytes(let data): return data.withUnsafeBytes { element.float32Values(in: $0) }
    case .mapped(let file, let range):
      return file.withBytes {
        element.float32Values(in: UnsafeRawBufferPointer(rebasing: $0[range]))
      }
    case .floats(let values): return values
    case .doubles(let values): return values.map { Float($0) }
    case .int32s(let values):
      return values.map {
        let bits = UInt16(truncatingIfNeeded: $0)
        return element == .bfloat16
          ? Float(bitPattern: UInt32(bits) << 16) : singlePrecision(fromHalf: bits)
      }
    case .int64s, .uint64s, .none: throw unsuitable("floating-point numbers")
    }
  }

  /// The elements, row-major, of a tensor of integers or of truth values, which are 0 and 1.
  ///
  /// - Throws: `OnnxFileError.unsuitableElements` unless they are stored as such; `badTensor` if one
  ///   is 2⁶³ or more.
  public func intValues() throws -> [Int] {
    guard elementType.isInteger else { throw unsuitable("integers") }
    switch elements {
    case .bytes(let data): return try data.withUnsafeBytes { try integers(in: $0) }
    case .mapped(let file, let range):
      return try file.withBytes {
        try integers(in: UnsafeRawBufferPointer(rebasing: $0[range]))
      }
    case .int32s(let values): return values.map { Int($0) }
    case .int64s(let values): return values.map { Int($0) }
    case .uint64s(let values): return try values.map { try signed($0) }
    case .floats, .doubles, .none: throw unsuitable("integers")
    }
  }

  private func integers(in bytes: UnsafeRawBufferPointer) throws -> [Int] {
    switch elementType {
    case .bool: bytes.map { $0 == 0 ? 0 : 1 }
    case .uint8: bytes.map { Int($0) }
    case .int8: bytes.map { Int(Int8(bitPattern: $0)) }
    case .uint16: words(UInt16.self, in: bytes)
    case .int16: words(Int16.self, in: bytes)
    case .uint32: words(UInt32.self, in: bytes)
    case .int32: words(Int32.self, in: bytes)
    case .int64: words(Int64.self, in: bytes)
    case .uint64:
      try stride(from: 0, to: bytes.count, by: 8).map {
        try signed(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
      }
    default: throw unsuitable("integers")
    }
  }

  private func words<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, in bytes: UnsafeRawBufferPointer
  ) -> [Int] {
    stride(from: 0, to: bytes.count, by: MemoryLayout<Word>.size).map {
      Int(Word(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Word.self)))
    }
  }

  private func signed(_ value: UInt64) throws -> Int {
    guard let result = Int(exactly: value) else {
      throw OnnxFileError.badTensor(
        path: path, tensor: label, "its element \(value) is larger than any that is understood")
    }
    return result
  }

  private func unsuitable(_ wanted: String) -> OnnxFileError {
    .unsuitableElements(path: path, tensor: label, elementType, wanted: wanted)
  }
}

/// Where the elements of a tensor are.
enum OnnxElements: Sendable {
  /// As in memory, little-endian.
  case bytes(Data)
  /// As in memory, in a range of a file beside the model.
  case mapped(MappedFile, Range<Int>)
  case floats([Float])
  case doubles([Double])
  /// Integers of up to 32 bits and the bits of numbers of 16, one an element.
  case int32s([Int32])
  case int64s([Int64])
  case uint64s([UInt64])
  /// Of a type whose elements are never read.
  case none
}
