import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct `A file written atomically` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `replaces what was there and leaves nothing else`() throws {
    try writeAtomically("old", to: folder.path + "/a.txt")
    try writeAtomically("new text", to: folder.path + "/a.txt")
    #expect(try folder.text(of: "a.txt") == "new text")
    #expect(try folder.contents() == ["a.txt"])
  }

  @Test func `keeps the permissions of what was there, and a link to it`() throws {
    let (file, link) = (folder.path + "/a.txt", folder.path + "/link")
    try writeAtomically("old", to: file)
    #expect(chmod(file, 0o640) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a.txt")
    try writeAtomically("new", to: link)
    #expect(try folder.text(of: "a.txt") == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "a.txt")
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_mode & 0o7777 == 0o640)
    #expect(try folder.contents() == ["a.txt", "link"])
  }

  @Test func `can come in pieces, of which none is seen before the last`() throws {
    let path = folder.path + "/a.txt"
    try writeAtomically("old", to: path)
    try writeAtomically(to: path) { append in
      for piece in ["new ", "text"] { try Array(piece.utf8).withUnsafeBytes(append) }
      #expect(try folder.text(of: "a.txt") == "old")
    }
    #expect(try folder.text(of: "a.txt") == "new text")
    struct Stopped: Error {}
    #expect(throws: Stopped.self) {
      try writeAtomically(to: path) { append in
        try Array("half".utf8).withUnsafeBytes(append)
        throw Stopped()
      }
    }
    #expect(try folder.text(of: "a.txt") == "new text")
    #expect(try folder.contents() == ["a.txt"])
  }

  @Test func `can take another file along, and is never found beside that of another writing`()
    throws
  {
    let (path, data) = (folder.path + "/m", folder.path + "/m.data")
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    func write(_ contents: String, failing: Bool = false) throws {
      try writeAtomically(to: path, companion: data) { append, appendData in
        let before = [text(path), text(data)]
        try Array("data of \(contents)".utf8).withUnsafeBytes { try appendData($0) }
        try Array(contents.utf8).withUnsafeBytes { try append($0) }
        #expect([text(path), text(data)] == before)
        if failing { throw CancellationError() }
      }
    }
    for contents in ["one", "two"] {
      try write(contents)
      #expect([text(path), text(data)] == [contents, "data of \(contents)"])
    }
    #expect(throws: CancellationError.self) { try write("three", failing: true) }
    #expect([text(path), text(data)] == ["two", "data of two"])
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    #expect(throws: WriteError.isDirectory(path: path)) { try write("four") }
    #expect(text(data) == "data of two")
    #expect(try folder.contents() == ["m", "m.data"])
  }

  @Test func `does not replace what is no file`() throws {
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: WriteError.notARegularFile(path: pipe)) {
      try writeAtomically("x", to: pipe)
    }
    #expect(throws: WriteError.notARegularFile(path: pipe)) { try checkWritable(pipe) }
    #expect(try folder.contents() == ["pipe"])
  }

  @Test func `leaves nothing behind when it fails`() throws {
    let directory = folder.path + "/directory"
    #expect(mkdir(directory, 0o700) == 0)
    #expect(throws: WriteError.isDirectory(path: directory)) {
      try writeAtomically("x", to: directory)
    }
    let missing = folder.path + "/missing/a.txt"
    #expect(
      message { try writeAtomically("x", to: missing) }.hasPrefix("\(missing): cannot be written"))
    #expect(try folder.contents() == ["directory"])
  }
}

@Suite struct `A generated folder` {
  let folder: TemporaryFolder
  var target: String { folder.path + "/Generated/Net" }

  init() throws { folder = try TemporaryFolder() }

  func generate(_ text: String) throws {
    try GeneratedFolder.write(to: target) { temporary in
      try writeAtomically(text, to: temporary + "/a.txt")
    }
  }

  @Test func `is made with the folders above it, and replaced whole`() throws {
    try generate("old")
    try writeAtomically("stale", to: target + "/b.txt")
    try generate("new")
    #expect(try folder.contents(of: "Generated") == ["Net"])
    #expect(try folder.contents(of: "Generated/Net") == [".resnetc", "a.txt"])
    #expect(try folder.text(of: "Generated/Net/a.txt") == "new")
  }

  @Test func `stays as it was when building fails`() throws {
    struct Failure: Error {}
    try generate("old")
    #expect(throws: Failure.self) {
      try GeneratedFolder.write(to: target) { temporary in
        try writeAtomically("half", to: temporary + "/a.txt")
        throw Failure()
      }
    }
    #expect(try folder.text(of: "Generated/Net/a.txt") == "old")
    #expect(try folder.contents(of: "Generated") == ["Net"])
  }

  @Test func `never replaces a folder or file of someone else's`() throws {
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    try generate("into an empty folder")
    try FileManager.default.removeItem(atPath: target + "/.resnetc")
    #expect(throws: WriteError.foreignFolder(path: target)) { try generate("new") }
    #expect(try folder.text(of: "Generated/Net/a.txt") == "into an empty folder")
    #expect(throws: WriteError.notADirectory(path: target + "/a.txt")) {
      try GeneratedFolder.write(to: target + "/a.txt") { _ in }
    }
  }

  @Test func `clears away what a killed process left, and only that`() throws {
    try generate("old")
    // No process has the largest id; the parent of this process is alive.
    let dead = "Generated/.Net.resnetc-partial-\(Int32.max)-1"
    let alive = "Generated/.Net.resnetc-partial-\(getppid())-1"
    for name in [dead, alive] { #expect(mkdir(folder.path + "/" + name, 0o700) == 0) }
    try generate("new")
    #expect(try folder.contents(of: "Generated") == [String(alive.dropFirst(10)), "Net"])
  }

  @Test func `is not written through a link to nothing`() throws {
    let link = folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "nowhere")
    #expect(throws: WriteError.linkToNothing(path: link)) {
      try GeneratedFolder.write(to: link) { _ in }
    }
    #expect(try folder.contents() == ["link"])
  }

  @Test func `follows a symbolic link to the folder`() throws {
    try generate("old")
    let link = folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    try GeneratedFolder.write(to: link + "/") { try writeAtomically("new", to: $0 + "/a.txt") }
    #expect(try folder.text(of: "Generated/Net/a.txt") == "new")
    #expect(try folder.contents() == ["Generated", "link"])
  }
}
