import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct `A mapped file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `gives the bytes of the file`() throws {
    let file = try MappedFile(path: folder.file("a", [1, 2, 3]))
    #expect(file.count == 3)
    #expect(file.withBytes(Array.init) == [1, 2, 3])
  }

  @Test func `refuses what cannot be mapped, each for its own reason`() throws {
    let missing = folder.path + "/missing"
    #expect(throws: FileAccessError.missing(path: missing)) { try MappedFile(path: missing) }
    #expect(throws: FileAccessError.isDirectory(path: folder.path)) {
      try MappedFile(path: folder.path)
    }
    let empty = try folder.file("empty", [])
    #expect(throws: FileAccessError.empty(path: empty)) { try MappedFile(path: empty) }
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: FileAccessError.notRegular(path: pipe)) { try MappedFile(path: pipe) }
    let loop = folder.path + "/loop"
    try FileManager.default.createSymbolicLink(atPath: loop, withDestinationPath: loop)
    #expect(message { _ = try MappedFile(path: loop) }.contains("cannot be read: "))
  }
}
