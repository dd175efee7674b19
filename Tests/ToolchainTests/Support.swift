import Foundation

@testable import Toolchain

/// The compiler of this machine, found once for all tests.
let foundCompiler = Result { try CompilerSearch.run().compiler }

extension TemporaryFolder {
  /// A shell script that stands for a compiler.
  func script(_ name: String, _ text: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    return file.path
  }
}
