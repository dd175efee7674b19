import Foundation
import TestSupport
import Testing
import struct Toolchain.CompilerSearch

/// A compilation that stands still while the C compiler works.
private final class HeldCompilation {
  let folder: TemporaryFolder
  let program: RunningProgram
  private let hold: String
  /// Where the program puts its temporary files.
  let temporary: String

  /// - Parameter ignoring: a signal that the parent of the program ignores.
  init(ignoring: String? = nil) throws {
    folder = try TemporaryFolder()
    hold = try folder.file("hold", "")
    temporary = folder.path + "/tmp"
    try FileManager.default.createDirectory(
      atPath: temporary, withIntermediateDirectories: true)
    // The probe for OpenMP passes; the kernels wait until the file is gone.
    let cc = try folder.script(
      "cc",
      """
      case "$*" in
        *network_*) touch '\(folder.path)/started'; while [ -e '\(hold)' ]; do sleep 0.02; done;;
      esac
      exec \(try CompilerSearch.run().compiler.path) "$@"
      """)
    try FileManager.default.createDirectory(
      atPath: folder.path + "/out", withIntermediateDirectories: true)
    let before = ignoring.map { "trap '' \($0); " } ?? ""
    program = try RunningProgram(
      "/bin/sh",
      [
        "-c", before + "exec \"$@\"", "sh", resnetcPath, "compile", resnet8, "-o",
        folder.path + "/out/Module", "--cc", cc,
      ],
      environment: ["TMPDIR": temporary])
    let started = folder.path + "/started"
    let deadline = ContinuousClock.now + .seconds(60)
    while !FileManager.default.fileExists(atPath: started) {
      try #require(program.process.isRunning && ContinuousClock.now < deadline)
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  deinit { release() }

  /// Lets the C compiler go on.
  func release() { try? FileManager.default.removeItem(atPath: hold) }

  func end(with signal: Int32) throws -> Outcome {
    kill(program.process.processIdentifier, signal)
    return try program.wait()
  }
}

@Suite struct `A compilation that is stopped` {
  @Test func `leaves no half-written package when killed, and the next one tidies up`() throws {
    let compilation = try HeldCompilation()
    let outcome = try compilation.end(with: SIGKILL)
    #expect(outcome.signal == SIGKILL)
    let left = try compilation.folder.contents(of: "out")
    #expect(left.count == 1)
    #expect(left.allSatisfy { $0.hasPrefix(".Module.") })
    let next = try resnetc("compile", resnet8, "-o", compilation.folder.path + "/out/Module")
    #expect(next.code == 0, "\(next.errors)")
    #expect(try compilation.folder.contents(of: "out") == ["Module"])
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `leaves nothing at all when interrupted`(signal: Int32) throws {
    let compilation = try HeldCompilation()
    let outcome = try compilation.end(with: signal)
    #expect(outcome.signal == signal)
    #expect(try compilation.folder.contents(of: "out") == [])
    #expect(try compilation.folder.contents(of: "tmp") == [])
  }

  @Test func `goes on if its parent has it ignore the signal`() throws {
    let compilation = try HeldCompilation(ignoring: "HUP")
    kill(compilation.program.process.processIdentifier, SIGHUP)
    // Time enough for the signal to do harm, if it does.
    Thread.sleep(forTimeInterval: 0.2)
    compilation.release()
    let outcome = try compilation.program.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try compilation.folder.contents(of: "out") == ["Module"])
  }

  @Test func `has its temporary folder removed by the next process if it was killed`() throws {
    let folder = try TemporaryFolder()
    // No process has the largest id; the parent of this process is alive.
    let alive = "resnetc-process-\(getppid())-a"
    for name in ["resnetc-process-\(Int32.max)-a", alive] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/" + name, withIntermediateDirectories: false)
    }
    _ = try resnetc("fmt", resnet8, environment: ["TMPDIR": folder.path])
    #expect(try folder.contents() == [alive])
  }

  @Test func `leaves no temporary files when it ends by itself`() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      ["run", resnet8, "--input", "seeded"], ["compile", resnet8, "-o", "/dev/null"],
    ] {
      _ = try RunningProgram(
        resnetcPath, arguments, environment: ["TMPDIR": folder.path]
      ).wait()
      #expect(try folder.contents() == [])
    }
  }
}
