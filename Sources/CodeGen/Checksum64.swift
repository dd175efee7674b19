/// XXH64 with seed 0, fed piece by piece.
///
/// Four independent lanes of 64-bit multiplications: it reads memory about as fast as memory can be
/// read. It finds damage, not forgery. The algorithm is Yann Collet's, after its specification in
/// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>; the generated C has the same.
public struct Checksum64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var a = prime1 &+ prime2
  private var b = prime2
  private var c: UInt64 = 0
  private var d = 0 &- prime1
  private var count = 0
  /// Fewer than 32 bytes that no lane has taken yet.
  private var tail: [UInt8] = []

  public init() {}

  /// The checksum of these bytes alone.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var checksum = Checksum64()
    checksum.update(bytes)
    return checksum.value
  }

  /// Continues with these bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    count += bytes.count
    var start = 0
    if !tail.isEmpty {
      start = min(32 - tail.count, bytes.count)
      tail.append(contentsOf: bytes[..<start])
      guard tail.count == 32 else { return }
      tail.withUnsafeBytes { consume($0) }
      tail.removeAll(keepingCapacity: true)
    }
    let whole = (bytes.count - start) / 32 * 32
    consume(UnsafeRawBufferPointer(rebasing: bytes[start..<start + whole]))
    tail.append(contentsOf: bytes[(start + whole)...])
  }

  /// The checksum of everything so far.
  public var value: UInt64 {
    var hash = Self.prime5
    if count >= 32 {
      hash = Self.rotate(a, 1) &+ Self.rotate(b, 7) &+ Self.rotate(c, 12) &+ Self.rotate(d, 18)
      for lane in [a, b, c, d] {
        hash = (hash ^ Self.round(0, lane)) &* Self.prime1 &+ Self.prime4
      }
    }
    hash &+= UInt64(count)
    return tail.withUnsafeBytes { bytes in
      var offset = 0
      while offset + 8 <= bytes.count {
        hash ^= Self.round(0, Self.load(bytes, offset, UInt64.self))
        hash = Self.rotate(hash, 27) &* Self.prime1 &+ Self.prime4
        offset += 8
      }
      if offset + 4 <= bytes.count {
        hash ^= UInt64(Self.load(bytes, offset, UInt32.self)) &* Self.prime1
        hash = Self.rotate(hash, 23) &* Self.prime2 &+ Self.prime3
        offset += 4
      }
      for byte in bytes[offset...] {
        hash = Self.rotate(hash ^ UInt64(byte) &* Self.prime5, 11) &* Self.prime1
      }
      hash = (hash ^ hash >> 33) &* Self.prime2
      hash = (hash ^ hash >> 29) &* Self.prime3
      return hash ^ hash >> 32
    }
  }

  /// Feeds the lanes a multiple of 32 bytes.
  private mutating func consume(_ bytes: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (self.a, self.b, self.c, self.d)
    var offset = 0
    while offset < bytes.count {
      a = Self.round(a, Self.load(bytes, offset, UInt64.self))
      b = Self.round(b, Self.load(bytes, offset + 8, UInt64.self))
      c = Self.round(c, Self.load(bytes, offset + 16, UInt64.self))
      d = Self.round(d, Self.load(bytes, offset + 24, UInt64.self))
      offset += 32
    }
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  private static func load<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _ type: Word.Type
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Word.self))
  }

  private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word << bits | word >> (64 - bits)
  }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }
}
