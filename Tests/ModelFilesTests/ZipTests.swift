import ModelFiles
import TestSupport
import Testing

@Suite struct `A zip file` {
  let folder: TemporaryFolder
  let whole: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    let pickle = Pickle.dictionary([
      ("w", .tensor(.storage("FloatStorage", "0", count: 4), [4], [1]))
    ])
    whole = torchFile(pickle: pickle, storages: [bytes(of: [1, 2, 3, 4])])
  }

  private func open(_ bytes: [UInt8]) throws -> String {
    let path = try folder.file("x.pth", bytes)
    return message { _ = try openTensors(path: path) }
  }

  /// Where the directory's header of entry `index` begins.
  private func directory(_ index: Int) -> Int {
    var found = -1
    var place = 0
    while found < index {
      place += 1
      if whole[place...].starts(with: [0x50, 0x4B, 1, 2]) { found += 1 }
    }
    return place
  }

  private func changed(_ place: Int, _ bytes: [UInt8]) -> [UInt8] {
    var copy = whole
    copy.replaceSubrange(place..<place + bytes.count, with: bytes)
    return copy
  }

  private var end: Int { whole.count - 22 }

  @Test func `is found with a comment behind it`() throws {
    #expect(try open(whole) == "")
    var commented = changed(end + 20, [3, 0])
    commented += [1, 2, 3]
    #expect(try open(commented) == "")
    #expect(try open(whole + [1]).contains("directory that ends every zip file is missing"))
  }

  @Test func `has to have its entries within itself`() throws {
    let entry = directory(2)
    // The compressed size, the size, and both.
    #expect(try open(changed(entry + 20, [9])).contains("stored as it is, yet takes 9 bytes"))
    #expect(try open(changed(entry + 20, [0, 0, 0, 9, 0, 0, 0, 9])).contains("should have"))
    #expect(try open(changed(entry + 42, [255, 255])).contains("header is not at byte 65535"))
    #expect(try open(changed(entry + 42, [1])).contains("header is not at byte"))
    #expect(
      try open(changed(entry + 42, [255, 255, 255, 255])).contains("zip64 field is missing"))
    #expect(try open(changed(end + 16, [255, 255])).contains("has to end before byte"))
    #expect(try open(changed(end + 10, [9])).contains("archive of several files"))
    #expect(try open(changed(end + 8, [9, 0, 9, 0])).contains("directory is damaged"))
    #expect(try open(changed(end + 8, [1, 0, 1, 0])).contains("more bytes than its 1 entries"))
    #expect(try open(changed(entry + 8, [1])).contains("encrypted"))
  }

  @Test func `cannot have entries that overlap or share a name`() throws {
    // The second entry's directory header points to the first one's data, under its name.
    let first = zip([("net/data.pkl", [1, 2, 3, 4])])
    let local = Array(first.prefix(30 + 12 + 4))
    let twice = zip([("net/data.pkl", local), ("net/data.pkl", [1])])
    #expect(try open(twice).contains("stands twice"))
    var overlapping = zip([("a", Array(zip([("b", [7])]).prefix(32))), ("b", [7])])
    let inner = 31
    let last = overlapping.count - 22 - 47
    overlapping.replaceSubrange(last + 42..<last + 44, with: [UInt8(inner), 0])
    #expect(try open(overlapping).contains("it overlaps the entry \"a\""))
  }

  @Test func `that torch has not written is refused`() throws {
    #expect(try open(zip([("a.npy", [1])])).contains("it has no data.pkl"))
    #expect(try open(zip([("a/data.pkl", []), ("b/data.pkl", [])])).contains("it has 2 entries"))
  }

  @Test func `cannot claim more entries than it has bytes`() throws {
    var file = try readBytes(checkpoint("plain.pth"))
    // The zip64 record stands before its locator of 20 bytes and the end of 22.
    let record = file.count - 22 - 20 - 56
    file.replaceSubrange(
      record + 24..<record + 40, with: [UInt8](repeating: 255, count: 16))
    #expect(try open(file).contains("it claims 18446744073709551615 entries"))
  }
}
