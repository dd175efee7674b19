import KernelPlanning

/// Writes the packed weights that a generated library maps at open.
///
/// | offset | bytes | |
/// |---|---|---|
/// | 0 | 8 | `RESNETCW` |
/// | 8 | 4 | format version |
/// | 12 | 4 | reserved; written as zero |
/// | 16 | 32 | fingerprint of the network and of the order of its weights |
/// | 48 | 8 | bytes of the payload |
/// | 56 | 4040 | reserved; written as zero |
/// | 4096 | | the payload, float32 and float16 tensors as the network's plan has them |
/// | at its end | 8 | the payload's ``PiecewiseChecksum`` |
///
/// Numbers are little-endian. The payload starts on a page, so that kernels read the mapping as it
/// is; the checksum stands last, so that the file can be written in one go.
public struct WeightsFile: Sendable {
  public static let formatVersion = 2
  /// Bytes before the payload.
  public static let payloadOffset = 4096

  /// Some of the payload: packed elements and their place.
  public struct Region {
    /// From the start of the payload, in bytes; a multiple of 4.
    public var offset: Int
    /// Bytes that `elements` makes.
    public var byteCount: Int
    /// Called once, when its place in the file is reached, so that only one region's packed elements
    /// are in memory at a time.
    public var elements: () throws -> PackedElements

    public init(offset: Int, byteCount: Int, elements: @escaping () throws -> PackedElements) {
      self.offset = offset
      self.byteCount = byteCount
      self.elements = elements
    }
  }

  /// 64 hexadecimal digits; the library's.
  public let fingerprint: String
  /// The library's.
  public let payloadBytes: Int

  /// - Throws: `WeightsFileError.invalidFingerprint` unless there are 64 hexadecimal digits.
  public init(fingerprint: String, payloadBytes: Int) throws(WeightsFileError) {
    guard Self.bytes(ofHexadecimal: fingerprint)?.count == 32 else {
      throw .invalidFingerprint(fingerprint)
    }
    self.fingerprint = fingerprint
    self.payloadBytes = payloadBytes
  }

  /// The weights of this description's library.
  public init(_ description: RuntimeDescription) throws(WeightsFileError) {
    try self.init(
      fingerprint: description.fingerprint, payloadBytes: description.weightsPayloadBytes)
  }

  /// The size of the whole file.
  public var byteCount: Int { Self.payloadOffset + payloadBytes + 8 }

  /// Makes the file's bytes from first to last and hands them on in pieces.
  ///
  /// - Parameters:
  ///   - regions: in any order; bytes that none covers are zero.
  ///   - sink: takes the next bytes, which are valid during the call only.
  /// - Throws: `WeightsFileError` if regions overlap, leave the payload or make another number of
  ///   bytes than they said; and whatever a region or the sink throws.
  public func write(
    _ regions: [Region], to sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try header.withUnsafeBytes(sink)
    var checksum = PiecewiseChecksum()
    var end = 0
    func append(_ bytes: UnsafeRawBufferPointer) throws {
      checksum.update(bytes)
      try sink(bytes)
      end += bytes.count
    }
    func fill(to offset: Int) throws {
      let zeros = [UInt8](repeating: 0, count: min(offset - end, 65536))
      while end < offset {
        try zeros.withUnsafeBytes {
          try append(UnsafeRawBufferPointer(rebasing: $0.prefix(offset - end)))
        }
      }
    }
    for region in regions.sorted(by: { $0.offset < $1.offset }) {
      guard region.offset >= end, region.offset % 4 == 0, region.byteCount >= 0,
        region.byteCount <= payloadBytes - region.offset
      else {
        throw WeightsFileError.misplacedRegion(
          offset: region.offset, byteCount: region.byteCount, payloadBytes: payloadBytes)
      }
      try fill(to: region.offset)
      let elements = try region.elements()
      guard elements.byteCount == region.byteCount else {
        throw WeightsFileError.wrongSize(
          offset: region.offset, expected: region.byteCount, found: elements.byteCount)
      }
      try elements.withUnsafeBytes(append)
    }
    try fill(to: payloadBytes)
    try Self.littleEndian(checksum.value).withUnsafeBytes(sink)
  }

  /// The whole file in memory; see `write(_:to:)`.
  public func bytes(_ regions: [Region]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount)
    try write(regions) { bytes.append(contentsOf: $0) }
    return bytes
  }

  private var header: [UInt8] {
    var header = Array("RESNETCW".utf8)
    header += Self.littleEndian(UInt32(Self.formatVersion)) + [0, 0, 0, 0]
    header += Self.bytes(ofHexadecimal: fingerprint) ?? []
    header += Self.littleEndian(UInt64(payloadBytes))
    return header + [UInt8](repeating: 0, count: Self.payloadOffset - header.count)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }

  /// Nil unless the text is pairs of hexadecimal digits.
  static func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = text.map(\.hexDigitValue)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      bytes.append(UInt8(high * 16 + low))
    }
    return bytes
  }
}

/// Why weights cannot be written. Each is a mistake in the plan that packed them.
public enum WeightsFileError: Error, Equatable, CustomStringConvertible {
  case invalidFingerprint(String)
  /// A region starts before the end of the one before it or ends after the payload.
  case misplacedRegion(offset: Int, byteCount: Int, payloadBytes: Int)
  case wrongSize(offset: Int, expected: Int, found: Int)

  public var description: String {
    switch self {
    case .invalidFingerprint(let text):
      "'\(text)' is not a fingerprint; it has to be 64 hexadecimal digits"
    case .misplacedRegion(let offset, let byteCount, let payloadBytes):
      "\(byteCount) bytes of weights at byte \(offset) overlap others or leave the payload of "
        + "\(payloadBytes) bytes"
    case .wrongSize(let offset, let expected, let found):
      "the weights at byte \(offset) should be \(expected) bytes, but \(found) were packed"
    }
  }
}
