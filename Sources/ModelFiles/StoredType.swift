import GraphIR

/// How the elements of a tensor are stored in a safetensors file.
public enum StoredType: String, Hashable, Sendable, CaseIterable {
  case bool = "BOOL"
  case float4 = "F4"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bits one element occupies.
  public var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0: 8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// The type of a weight stored so; nil for types that no weight has.
  public var elementType: ElementType? {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    default: nil
    }
  }
}

extension ElementType {
  /// The elements in `bytes`, as float32. A value that float32 cannot hold becomes an infinity, as
  /// in a conversion by the processor. Files are little-endian, as is every processor served here.
  ///
  /// - Parameter bytes: any alignment; a whole number of elements.
  package func float32Values(in bytes: UnsafeRawBufferPointer) -> [Float] {
    let count = bytes.count / byteCount
    guard count > 0, let base = bytes.baseAddress else { return [] }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let out = buffer.baseAddress else { return }
      switch self {
      case .float32:
        UnsafeMutableRawPointer(out).copyMemory(from: base, byteCount: 4 * count)
      case .float16:
        for i in 0..<count {
          let bits = base.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
          out[i] = singlePrecision(fromHalf: bits)
        }
      case .bfloat16:
        for i in 0..<count {
          let bits = base.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
          out[i] = Float(bitPattern: UInt32(bits) << 16)
        }
      case .float64:
        for i in 0..<count {
          let bits = base.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)
          out[i] = Float(Double(bitPattern: bits))
        }
      }
      initialized = count
    }
  }
}

/// An IEEE binary16 number as float32, exactly. Written out because `Float16` does not exist on
/// every platform that Swift runs on.
package func singlePrecision(fromHalf bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF)
  if magnitude >= 0x7C00 {  // infinity and NaN
    return Float(bitPattern: sign | 0x7F80_0000 | (magnitude & 0x3FF) << 13)
  }
  // The exponent bias is 15 in binary16 and 127 in binary32. Scaling does the rebiasing and, unlike
  // integer arithmetic, normalises subnormal numbers as well.
  let scaled = Float(bitPattern: magnitude << 13) * Float(bitPattern: (127 + 127 - 15) << 23)
  return Float(bitPattern: sign | scaled.bitPattern)
}
