extension UnsafeRawBufferPointer {
  /// The little-endian integer at an offset of any alignment; nil unless all of it lies within.
  func littleEndian<Integer: FixedWidthInteger>(
    _ type: Integer.Type = Integer.self, at offset: Int
  ) -> Integer? {
    let size = MemoryLayout<Integer>.size
    guard offset >= 0, size <= count, offset <= count - size else { return nil }
    return Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: Integer.self))
  }
}
