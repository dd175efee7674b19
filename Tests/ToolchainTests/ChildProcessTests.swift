import Foundation
import Testing

@testable import Toolchain

@Suite("A child process")
struct ChildProcessTests {
  @Test("may write more than a pipe holds, to both outputs")
  func longOutput() throws {
    let script = "i=0; while [ $i -lt 20000 ]; do echo 0123456789; echo e >&2; i=$((i+1)); done"
    let outcome = try ChildProcess.run(["/bin/sh", "-c", script])
    #expect(outcome.succeeded)
    #expect(outcome.standardOutput.utf8.count == 220_000)
    #expect(outcome.standardError.utf8.count == 40_000)
  }

  @Test("reports how it ended")
  func status() throws {
    let failed = try ChildProcess.run(["/bin/sh", "-c", "exit 7"])
    #expect(failed.status == .exited(7))
    #expect(failed.explanation == "it ended with exit code 7")
    let killed = try ChildProcess.run(["/bin/sh", "-c", "kill -9 $$"])
    #expect(killed.status == .killed(signal: 9))
    #expect(killed.explanation == "it was killed by signal 9")
  }

  @Test("is killed when it takes too long")
  func timeout() throws {
    let started = ContinuousClock.now
    #expect(throws: ToolchainError.timedOut(program: "/bin/sleep", seconds: 0.1)) {
      try ChildProcess.run(["/bin/sleep", "30"], timeout: 0.1)
    }
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test("cannot be a program that does not exist")
  func missing() {
    #expect {
      _ = try ChildProcess.run(["/no/such/program"])
    } throws: { error in
      guard case ToolchainError.cannotStart(let program, _) = error else { return false }
      return program == "/no/such/program"
    }
  }

  @Test("leaves no temporary folder behind")
  func cleanUp() throws {
    let path: String
    do {
      let folder = try TemporaryFolder()
      try write("x", to: folder.url.appendingPathComponent("a/b"))
      path = folder.url.path
      #expect(FileManager.default.fileExists(atPath: path + "/a/b"))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
