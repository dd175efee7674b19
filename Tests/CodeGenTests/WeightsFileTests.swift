import CodeGen
import Testing

@Suite("The weights file's writer")
struct WeightsFileTests {
  private let fingerprint = String(repeating: "ab", count: 32)

  @Test(
    "The checksum is XXH64 with seed 0",
    arguments: [
      ("", 0xEF46_DB37_51D8_E999), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
      ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
    ] as [(String, UInt64)])
  func knownChecksums(text: String, expected: UInt64) {
    #expect(Array(text.utf8).withUnsafeBytes(Checksum64.of) == expected)
  }

  @Test("Pieces give the checksum of the whole", arguments: [1, 5, 31, 32, 33, 200])
  func pieces(size: Int) {
    let bytes = (0..<500).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var checksum = Checksum64()
    for start in stride(from: 0, to: 500, by: size) {
      bytes[start..<min(start + size, 500)].withUnsafeBytes { checksum.update($0) }
    }
    #expect(checksum.value == bytes.withUnsafeBytes(Checksum64.of))
  }

  /// What the format says: XXH64 of the XXH64 of pieces.
  private static func checksum(ofPieces pieces: [[UInt8]]) -> UInt64 {
    pieces.flatMap { piece in
      let sum = piece.withUnsafeBytes(Checksum64.of)
      return (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) }
    }.withUnsafeBytes(Checksum64.of)
  }

  @Test(
    "A payload's checksum is made of its pieces', however it comes",
    arguments: [0, 1, 1 << 20, (1 << 20) + 1, 5 << 19])
  func payloadChecksum(size: Int) {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ ($0 >> 8)) }
    let starts = Array(stride(from: 0, to: max(size, 1), by: 1 << 20))
    let pieces = starts.map { Array(bytes[$0..<min($0 + (1 << 20), size)]) }
    var checksum = PiecewiseChecksum()
    for start in stride(from: 0, to: size, by: 700_001) {
      bytes[start..<min(start + 700_001, size)].withUnsafeBytes { checksum.update($0) }
    }
    #expect(checksum.value == Self.checksum(ofPieces: pieces))
    #expect(PiecewiseChecksum.pieceCount(size) == pieces.count)
  }

  @Test("Header, regions in any order with zeros between, checksum at the end")
  func layout() throws {
    let file = try WeightsFile(fingerprint: fingerprint, payloadBytes: 32)
    let bytes = try file.bytes([
      .init(offset: 16, byteCount: 8, elements: { .float32([3, 4]) }),
      .init(offset: 24, byteCount: 4, elements: { .float16([0x3C00, 0xC000]) }),
      .init(offset: 0, byteCount: 4, elements: { .float32([1]) }),
    ])
    #expect(bytes.count == file.byteCount)
    #expect(bytes.prefix(16).elementsEqual(Array("RESNETCW".utf8) + [2, 0, 0, 0, 0, 0, 0, 0]))
    #expect(bytes[16..<48].allSatisfy { $0 == 0xAB })
    #expect(bytes[48..<56].elementsEqual([32, 0, 0, 0, 0, 0, 0, 0]))
    #expect(bytes[56..<4096].allSatisfy { $0 == 0 })
    let payload = bytes[4096..<4128].withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(payload == [1, 0, 0, 0, 3, 4, Float(bitPattern: 0xC000_3C00), 0])
    let checksum = Self.checksum(ofPieces: [Array(bytes[4096..<4128])])
    #expect(
      bytes[4128...].elementsEqual((0..<8).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }))
  }

  @Test("Regions that overlap, leave the payload or miscount are errors")
  func invalidRegions() throws {
    let file = try WeightsFile(fingerprint: fingerprint, payloadBytes: 32)
    let region = { (offset: Int, count: Int, made: Int) in
      WeightsFile.Region(offset: offset, byteCount: 4 * count) {
        .float32([Float](repeating: 1, count: made))
      }
    }
    for regions in [
      [region(0, 2, 2), region(4, 1, 1)], [region(28, 2, 2)], [region(2, 1, 1)], [region(-4, 1, 1)],
      [region(64, 0, 0)], [region(0, 2, 3)],
    ] {
      #expect(throws: WeightsFileError.self) { try file.bytes(regions) }
    }
    #expect(throws: WeightsFileError.invalidFingerprint("xyz")) {
      try WeightsFile(fingerprint: "xyz", payloadBytes: 0)
    }
  }

  @Test("An error from a region or from the sink ends the writing")
  func thrownErrors() throws {
    struct Stop: Error {}
    let file = try WeightsFile(fingerprint: fingerprint, payloadBytes: 4)
    #expect(throws: Stop.self) {
      try file.bytes([.init(offset: 0, byteCount: 4, elements: { throw Stop() })])
    }
    #expect(throws: Stop.self) { try file.write([]) { _ in throw Stop() } }
  }
}
