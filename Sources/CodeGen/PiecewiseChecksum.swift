/// The checksum of a weights file's payload, which several threads can verify at once: XXH64 of its
/// pieces' XXH64, each as 8 little-endian bytes.
public struct PiecewiseChecksum: Sendable {
  /// Bytes of every piece but the last, which may be shorter. Large beside what handing out a piece
  /// costs, small beside a thread's part of a network's weights.
  public static let pieceBytes = 1 << 20

  /// Pieces of so many bytes; no bytes are one empty piece.
  public static func pieceCount(_ byteCount: Int) -> Int {
    max(1, (byteCount + pieceBytes - 1) / pieceBytes)
  }

  private var piece = Checksum64()
  /// Bytes that `piece` has.
  private var filled = 0
  /// Of the finished pieces.
  private var sums = Checksum64()

  public init() {}

  /// Continues with these bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while !rest.isEmpty {
      if filled == Self.pieceBytes {
        sums = finished
        piece = Checksum64()
        filled = 0
      }
      let count = min(rest.count, Self.pieceBytes - filled)
      piece.update(UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      filled += count
    }
  }

  /// The checksum of everything so far.
  public var value: UInt64 { finished.value }

  /// `sums` with that of the piece begun.
  private var finished: Checksum64 {
    var sums = sums
    withUnsafeBytes(of: piece.value.littleEndian) { sums.update($0) }
    return sums
  }
}
