/// A zip file of entries that are stored as they are.
package func zip(_ entries: [(name: String, data: [UInt8])]) -> [UInt8] {
  var (file, directory): ([UInt8], [UInt8]) = ([], [])
  for entry in entries {
    let place = file.count
    let sizes = littleEndian(UInt32(entry.data.count)) + littleEndian(UInt32(entry.data.count))
    let nameLength = littleEndian(UInt16(entry.name.utf8.count))
    // Version, flags, method, time, date and checksum.
    let common = [UInt8](repeating: 0, count: 14)
    file += [0x50, 0x4B, 3, 4] + common + sizes + nameLength + [0, 0] + Array(entry.name.utf8)
    file += entry.data
    directory += [0x50, 0x4B, 1, 2, 0, 0] + common + sizes + nameLength
    directory += [UInt8](repeating: 0, count: 12) + littleEndian(UInt32(place))
    directory += Array(entry.name.utf8)
  }
  let count = littleEndian(UInt16(entries.count))
  return file + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count
    + littleEndian(UInt32(directory.count)) + littleEndian(UInt32(file.count)) + [0, 0]
}

/// A field of a protobuf message that holds bytes: a text, a message or a list of numbers.
package func protobufField(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
  protobufVarint(number << 3 | 2) + protobufVarint(UInt64(bytes.count)) + bytes
}

/// A number as protobuf writes it: seven bits a byte, the lowest first.
package func protobufVarint(_ value: UInt64) -> [UInt8] {
  var (rest, bytes): (UInt64, [UInt8]) = (value, [])
  while rest >= 0x80 {
    bytes.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}
