/// How the elements of a packed matrix are stored. Kernels compute in float32 whatever it is.
public enum WeightFormat: String, Hashable, Sendable, CaseIterable {
  case float32
  /// IEEE 754 binary16. Half the bytes, which matters where weights stream from memory.
  case float16

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float32: 4
    case .float16: 2
    }
  }

  /// Elements in the bytes that a register tile fetches ahead at each step of its reduction: a cache
  /// line, which is a float32 panel's part of the step.
  public var elementsPerFetch: Int { 64 / byteCount }

  /// How many tiles together fetch the panels of a group.
  public func fetchingTiles(panels: Int) -> Int {
    (panels * panelWidth + elementsPerFetch - 1) / elementsPerFetch
  }
}

/// The elements of a packed tensor as they are stored.
public enum PackedElements: Equatable, Sendable {
  case float32([Float])
  /// Bit patterns of IEEE 754 binary16.
  case float16([UInt16])

  /// The values in a format, rounded to the nearest that it has, to even on a tie.
  public init(_ values: [Float], as format: WeightFormat) {
    switch format {
    case .float32: self = .float32(values)
    case .float16: self = .float16(values.map(halfPrecision))
    }
  }

  /// Whether no value is an infinity or not a number.
  var isFinite: Bool {
    switch self {
    case .float32(let values): values.allSatisfy(\.isFinite)
    case .float16(let values): values.allSatisfy { $0 & 0x7C00 != 0x7C00 }
    }
  }

  public var byteCount: Int {
    switch self {
    case .float32(let values): values.count * WeightFormat.float32.byteCount
    case .float16(let values): values.count * WeightFormat.float16.byteCount
    }
  }

  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    switch self {
    case .float32(let values): try values.withUnsafeBytes(body)
    case .float16(let values): try values.withUnsafeBytes(body)
    }
  }
}

/// The bits of the IEEE 754 binary16 number nearest to a float32, of two equally near ones the even;
/// an infinity beyond the range. Written out because `Float16` does not exist on every platform that
/// Swift runs on.
func halfPrecision(_ value: Float) -> UInt16 {
  let sign = UInt16(value.bitPattern >> 16) & 0x8000
  let magnitude = value.magnitude
  if value.isNaN { return sign | 0x7E00 }
  // 65520 is halfway between the largest binary16 number and the next power of two.
  if magnitude >= 65520 { return sign | 0x7C00 }
  if magnitude < 0x1p-14 {
    // Subnormal numbers are multiples of 2⁻²⁴; a carry makes the least normal number.
    return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
  }
  // Exponents are biased by 127 in binary32 and by 15 in binary16, whose fraction has 13 bits less. The
  // bits that go are rounded by what is added to them; a carry into the exponent is right as well.
  let rebiased = magnitude.bitPattern - (127 - 15) << 23
  return sign | UInt16((rebiased + 0xFFF + (rebiased >> 13 & 1)) >> 13)
}
