import Foundation

/// A folder for one test, removed with everything in it when the test is over.
package final class TemporaryFolder {
  package let path: String

  package init() throws {
    path = NSTemporaryDirectory() + "resnetc-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Writes a file with these bytes and returns its path.
  package func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    // To write over an old file can wait for the disk, which a new one does not.
    unlink(file)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a text file and returns its path.
  package func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  /// Writes a shell script that can be run and returns its path.
  package func script(_ name: String, _ text: String) throws -> String {
    let path = try file(name, "#!/bin/sh\n" + text + "\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// The names in the folder, or in a folder in it, hidden ones included, sorted.
  package func contents(of subfolder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + subfolder).sorted()
  }

  /// The paths of all files below a folder in it, sorted.
  package func files(below subfolder: String) throws -> [String] {
    let root = path + "/" + subfolder
    return try FileManager.default.subpathsOfDirectory(atPath: root).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: root + "/" + $0, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  package func text(of name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }
}
