/// A zip file, mapped into memory, whose directory has been checked in full.
///
/// The format is PKWARE's APPNOTE 6.3 with zip64 records, as far as archives of one disk with
/// entries that are stored as they are need it. After `init` every entry lies in the file, before
/// the directory, and no two of them overlap, so that the entries together are no larger than the
/// file. Checksums are not looked at: PyTorch can be told not to write them.
struct ZipArchive: Sendable {
  struct Entry: Equatable, Sendable {
    var name: String
    /// Where its local header begins, counted from the start of the file.
    var header: Int
    /// Where its data lie, counted from the start of the file.
    var bytes: Range<Int>
    /// How they are stored; 0 is "as they are".
    var method: Int
  }

  /// In the order of the directory.
  let entries: [Entry]
  let file: MappedFile
  private let indices: [String: Int]

  /// More entries than any checkpoint has.
  static let maximalEntryCount = 100_000
  /// Bytes of an entry's name. A checkpoint's have some twenty.
  static let maximalNameLength = 1000

  /// - Throws: `ZipError`.
  init(_ file: MappedFile) throws {
    self.file = file
    entries = try file.withBytes { try ZipDirectory(bytes: $0, path: file.path).entries() }
    var indices: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard indices.updateValue(index, forKey: entry.name) == nil else {
        throw ZipError.badEntry(path: file.path, entry: entry.name, "the name stands twice")
      }
    }
    self.indices = indices
  }

  func contains(_ name: String) -> Bool { indices[name] != nil }

  /// Where the data of an entry lie in the file; nil if there is no such entry.
  ///
  /// - Throws: `ZipError.compressed`.
  func bytes(of name: String) throws -> Range<Int>? {
    guard let entry = indices[name].map({ entries[$0] }) else { return nil }
    guard entry.method == 0 else {
      throw ZipError.compressed(path: file.path, entry: name, method: entry.method)
    }
    return entry.bytes
  }
}

/// Reads the directory at the end of a zip file.
private struct ZipDirectory {
  let bytes: UnsafeRawBufferPointer
  let path: String

  /// The end records' account of the directory.
  private struct Extent {
    var range: Range<Int>
    var entryCount: UInt64
  }

  private enum Signature {
    static let localHeader: UInt32 = 0x0403_4B50
    static let directoryHeader: UInt32 = 0x0201_4B50
    static let end: UInt32 = 0x0605_4B50
    static let zip64End: UInt32 = 0x0606_4B50
    static let zip64Locator: UInt32 = 0x0706_4B50
  }

  func entries() throws -> [ZipArchive.Entry] {
    let directory = try extent()
    guard directory.entryCount <= UInt64(ZipArchive.maximalEntryCount) else {
      throw malformed(
        "it claims \(directory.entryCount) entries; checkpoints have fewer than "
          + "\(ZipArchive.maximalEntryCount)")
    }
    var entries: [ZipArchive.Entry] = []
    var place = directory.range.lowerBound
    for _ in 0..<directory.entryCount {
      entries.append(try entry(at: &place, in: directory.range))
    }
    guard place == directory.range.upperBound else {
      throw malformed("its directory has more bytes than its \(entries.count) entries take")
    }
    try checkDisjoint(entries)
    return entries
  }

  private func checkDisjoint(_ entries: [ZipArchive.Entry]) throws {
    let sorted = entries.sorted { $0.header < $1.header }
    for (entry, next) in zip(sorted, sorted.dropFirst())
    where next.header < entry.bytes.upperBound {
      throw badEntry(next.name, "it overlaps the entry \"\(entry.name)\"")
    }
  }

  /// Finds the record that ends every zip file, behind which only a comment may stand.
  private func endRecord() throws -> Int {
    let size = 22
    guard bytes.count >= size else {
      throw truncated("it has \(bytes.count) byte(s), and its end alone takes \(size)")
    }
    let last = bytes.count - size
    for place in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
    where bytes.littleEndian(UInt32.self, at: place) == Signature.end
      && number(UInt16.self, at: place + 20) == UInt64(last - place)
    {
      return place
    }
    throw truncated("the directory that ends every zip file is missing")
  }

  private func extent() throws -> Extent {
    let end = try endRecord()
    let locator = end - 20
    guard bytes.littleEndian(UInt32.self, at: locator) == Signature.zip64Locator else {
      return try extent(
        disks: [number(UInt16.self, at: end + 4), number(UInt16.self, at: end + 6)],
        counts: [number(UInt16.self, at: end + 8), number(UInt16.self, at: end + 10)],
        size: number(UInt32.self, at: end + 12), start: number(UInt32.self, at: end + 16),
        limit: end)
    }
    let place = number(UInt64.self, at: locator + 8)
    guard let record = Int(exactly: place), record <= locator - 56,
      bytes.littleEndian(UInt32.self, at: record) == Signature.zip64End
    else { throw malformed("its zip64 record is not at byte \(place), where it should be") }
    return try extent(
      disks: [number(UInt32.self, at: record + 16), number(UInt32.self, at: record + 20)],
      counts: [number(UInt64.self, at: record + 24), number(UInt64.self, at: record + 32)],
      size: number(UInt64.self, at: record + 40), start: number(UInt64.self, at: record + 48),
      limit: record)
  }

  private func extent(
    disks: [UInt64], counts: [UInt64], size: UInt64, start: UInt64, limit: Int
  ) throws -> Extent {
    guard disks == [0, 0], counts[0] == counts[1] else {
      throw malformed("it is part of an archive of several files")
    }
    guard start <= UInt64(limit), size <= UInt64(limit) - start else {
      throw malformed(
        "its directory of \(size) bytes is said to begin at byte \(start), and has to end before "
          + "byte \(limit)")
    }
    return Extent(range: Int(start)..<Int(start + size), entryCount: counts[1])
  }

  /// Reads a header of the directory and the entry's local header, and moves on behind the former.
  private func entry(at place: inout Int, in directory: Range<Int>) throws -> ZipArchive.Entry {
    let fixedSize = 46
    guard directory.upperBound - place >= fixedSize,
      bytes.littleEndian(UInt32.self, at: place) == Signature.directoryHeader
    else { throw malformed("its directory is damaged at byte \(place)") }
    let lengths = [28, 30, 32].map { Int(number(UInt16.self, at: place + $0)) }
    let (start, header) = (place + fixedSize, place)
    place = start + lengths.reduce(0, +)
    guard place <= directory.upperBound else {
      throw malformed("its directory ends within the entry at byte \(header)")
    }
    let nameBytes = bytes[start..<start + lengths[0]]
    guard nameBytes.count <= ZipArchive.maximalNameLength,
      let name = String(validating: nameBytes, as: UTF8.self)
    else { throw malformed("the name of the entry at byte \(header) is too long or not UTF-8") }
    guard number(UInt16.self, at: header + 8) & 1 == 0 else {
      throw badEntry(name, "it is encrypted; decrypt the file first")
    }
    let extra = start + lengths[0]..<start + lengths[0] + lengths[1]
    let numbers = try wideNumbers(
      [20, 24, 42].map { number(UInt32.self, at: header + $0) }, extra: extra, name)
    let (compressed, size, local) = (numbers[0], numbers[1], numbers[2])
    let method = Int(number(UInt16.self, at: header + 10))
    guard method != 0 || compressed == size else {
      throw badEntry(
        name, "it is stored as it is, yet takes \(compressed) bytes and has \(size)")
    }
    let data = try localData(
      header: local, size: compressed, name: nameBytes, limit: directory.lowerBound, name)
    return ZipArchive.Entry(name: name, header: Int(local), bytes: data, method: method)
  }

  /// The compressed size, the size and the header's place of an entry. Each that does not fit into
  /// 32 bits has all of them set, and stands in the zip64 field: size, compressed size, place.
  private func wideNumbers(
    _ narrow: [UInt64], extra: Range<Int>, _ name: String
  ) throws -> [UInt64] {
    let unset = UInt64(UInt32.max)
    guard narrow.contains(unset) else { return narrow }
    var field = extra.lowerBound
    while field + 4 <= extra.upperBound {
      let kind = number(UInt16.self, at: field)
      let end = field + 4 + Int(number(UInt16.self, at: field + 2))
      guard end <= extra.upperBound else { break }
      guard kind == 1 else {
        field = end
        continue
      }
      var (wide, place) = (narrow, field + 4)
      for index in [1, 0, 2] where narrow[index] == unset {
        guard place + 8 <= end else { throw badEntry(name, "its zip64 field is too short") }
        wide[index] = number(UInt64.self, at: place)
        place += 8
      }
      return wide
    }
    throw badEntry(name, "its zip64 field is missing")
  }

  /// Where an entry's data lie, behind its local header, which has to agree about the name.
  private func localData(
    header place: UInt64, size: UInt64, name bytesOfName: Slice<UnsafeRawBufferPointer>,
    limit: Int, _ name: String
  ) throws -> Range<Int> {
    let fixedSize = 30
    guard let header = Int(exactly: place), header <= limit - fixedSize,
      bytes.littleEndian(UInt32.self, at: header) == Signature.localHeader
    else { throw badEntry(name, "its header is not at byte \(place), where it should be") }
    let nameLength = Int(number(UInt16.self, at: header + 26))
    let start = header + fixedSize + nameLength + Int(number(UInt16.self, at: header + 28))
    guard start <= limit else { throw badEntry(name, "its header runs into the directory") }
    let ownName = bytes[header + fixedSize..<header + fixedSize + nameLength]
    guard ownName.elementsEqual(bytesOfName) else {
      throw badEntry(name, "the header before its data has another name")
    }
    guard size <= UInt64(limit - start) else {
      throw badEntry(
        name, "it should have \(size) bytes, and only \(limit - start) follow its header")
    }
    return start..<start + Int(size)
  }

  /// A number at a place that has been checked to lie in the file.
  private func number<Integer: FixedWidthInteger & UnsignedInteger>(
    _ type: Integer.Type, at place: Int
  ) -> UInt64 {
    guard let value = bytes.littleEndian(type, at: place) else { return 0 }
    return UInt64(value)
  }

  private func truncated(_ reason: String) -> ZipError { .truncated(path: path, reason) }
  private func malformed(_ reason: String) -> ZipError { .malformed(path: path, reason) }
  private func badEntry(_ name: String, _ reason: String) -> ZipError {
    .badEntry(path: path, entry: name, reason)
  }
}
