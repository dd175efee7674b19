import ModelFiles

/// The type of the elements of a tensor in an ONNX file: `TensorProto.DataType`. Its raw value is the
/// name that ONNX gives it.
public enum OnnxElementType: String, Hashable, Sendable, CaseIterable {
  case float
  case uint8
  case int8
  case uint16
  case int16
  case int32
  case int64
  case string
  case bool
  case float16
  case double
  case uint32
  case uint64
  case complex64
  case complex128
  case bfloat16
  case float8E4M3FN = "float8e4m3fn"
  case float8E4M3FNUZ = "float8e4m3fnuz"
  case float8E5M2 = "float8e5m2"
  case float8E5M2FNUZ = "float8e5m2fnuz"
  case uint4
  case int4
  case float4E2M1 = "float4e2m1"
  case float8E8M0 = "float8e8m0"
  case uint2
  case int2
  case float6E2M3 = "float6e2m3"
  case float6E3M2 = "float6e3m2"

  /// The number that stands for the type in files. ONNX counts the types from 1, in this order.
  public var code: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }

  /// - Returns: nil for a number that stands for no type, and 0, which stands for an unknown one.
  public init?(code: Int) {
    guard Self.allCases.indices.contains(code - 1) else { return nil }
    self = Self.allCases[code - 1]
  }

  /// Floating-point numbers of a type that weights can have.
  public var isFloatingPoint: Bool { storedType?.elementType != nil }

  /// Whole numbers and truth values of at least eight bits.
  public var isInteger: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .int32, .int64, .uint32, .uint64, .bool: true
    default: false
    }
  }

  /// The same type in the words of safetensors files, if it is one of floating-point numbers that
  /// weights can have, or of integers.
  public var storedType: StoredType? {
    switch self {
    case .float: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .double: .float64
    case .bool: .bool
    case .uint8: .uint8
    case .int8: .int8
    case .uint16: .uint16
    case .int16: .int16
    case .uint32: .uint32
    case .int32: .int32
    case .uint64: .uint64
    case .int64: .int64
    default: nil
    }
  }
}
