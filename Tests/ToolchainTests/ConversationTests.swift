import Foundation
import Testing

@testable import Toolchain

@Suite("A conversation with a program")
struct ConversationTests {
  private func shell(_ script: String) throws -> Conversation {
    try Conversation(["/bin/sh", "-c", script])
  }

  @Test("gets a line for each line, and one that nobody asked for")
  func answers() throws {
    let conversation = try shell("echo ready; while read -r line; do echo \"<$line>\"; done")
    #expect(try conversation.nextLine(timeout: 60) == "ready")
    #expect(try conversation.ask("one", timeout: 60) == "<one>")
    #expect(try conversation.ask("two words", timeout: 60) == "<two words>")
  }

  @Test("may be long, and keeps errors apart")
  func longLines() throws {
    let conversation = try shell("while read -r line; do echo noise >&2; echo \"$line\"; done")
    let line = String(repeating: "0123456789", count: 30_000)
    #expect(try conversation.ask(line, timeout: 60) == line)
  }

  @Test("says why the program has ended")
  func ending() throws {
    let conversation = try shell("read -r line; echo 'it is over' >&2; exit 3")
    #expect(throws: ToolchainError.ended(program: "/bin/sh", explanation: "it is over")) {
      try conversation.ask("hello", timeout: 60)
    }
    #expect(throws: ToolchainError.ended(program: "/bin/sh", explanation: "it is over")) {
      try conversation.ask("hello", timeout: 60)
    }
    let silent = try shell("exit 7")
    #expect(
      throws: ToolchainError.ended(program: "/bin/sh", explanation: "it ended with exit code 7")
    ) { try silent.nextLine(timeout: 60) }
  }

  @Test("ends when there is no answer in time")
  func timeout() throws {
    let conversation = try shell("exec sleep 60")
    let started = ContinuousClock.now
    #expect(throws: ToolchainError.timedOut(program: "/bin/sh", seconds: 0.1)) {
      try conversation.ask("hello", timeout: 0.1)
    }
    #expect(ContinuousClock.now - started < .seconds(20))
  }

  @Test("cannot be had with a program that does not exist")
  func missing() {
    #expect {
      _ = try Conversation(["/no/such/program"])
    } throws: { error in
      guard case ToolchainError.cannotStart(let program, _) = error else { return false }
      return program == "/no/such/program"
    }
  }
}
