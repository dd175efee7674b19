import Foundation

/// How a process ended and what it wrote.
struct ProcessOutcome: Sendable {
  enum Status: Equatable, Sendable {
    case exited(Int32)
    case killed(signal: Int32)
  }

  var status: Status
  var standardOutput: String
  var standardError: String

  var succeeded: Bool { status == .exited(0) }

  /// What to tell a person of a failure: what the process wrote, or else how it ended.
  var explanation: String {
    let written = [standardError, standardOutput]
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.isEmpty }
      .joined(separator: "\n")
    if !written.isEmpty { return written }
    switch status {
    case .exited(let code): return "it ended with exit code \(code)"
    case .killed(let signal): return "it was killed by signal \(signal)"
    }
  }
}

/// A running process. Its output goes to files, so that it can never wait for a reader.
///
/// It is killed if nobody holds it any more and it has not ended.
final class ChildProcess {
  private let process = Process()
  private let outputFolder: TemporaryFolder

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - command: the program's path and its arguments.
  ///   - folder: the working directory.
  /// - Throws: `ToolchainError.cannotStart` or `.cannotWrite`.
  init(_ command: [String], in folder: URL) throws {
    outputFolder = try TemporaryFolder()
    let program = command.first ?? ""
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = folder
    // Messages are read and shown, so they should not depend on the user's language.
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C"]) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file("out", in: outputFolder)
    process.standardError = try Self.file("err", in: outputFolder)
    do {
      try process.run()
    } catch {
      throw ToolchainError.cannotStart(program: program, reason: error.localizedDescription)
    }
  }

  deinit { kill() }

  /// The outcome, if the process has ended.
  func poll() -> ProcessOutcome? {
    guard !process.isRunning else { return nil }
    return ProcessOutcome(
      status: process.terminationReason == .exit
        ? .exited(process.terminationStatus) : .killed(signal: process.terminationStatus),
      standardOutput: text("out"), standardError: text("err"))
  }

  /// Ends the process at once, if it still runs.
  func kill() {
    guard process.isRunning else { return }
    _ = Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private static func file(_ name: String, in folder: TemporaryFolder) throws
    -> FileHandle
  {
    let url = folder.url.appendingPathComponent(name)
    try write("", to: url)
    do {
      return try FileHandle(forWritingTo: url)
    } catch {
      throw ToolchainError.cannotWrite(path: url.path, reason: error.localizedDescription)
    }
  }

  private func text(_ name: String) -> String {
    let data = try? Data(contentsOf: outputFolder.url.appendingPathComponent(name))
    return String(decoding: data ?? Data(), as: UTF8.self)
  }
}

extension ChildProcess {
  /// How many seconds to sleep between two looks at a running process.
  static let pollInterval = 0.002

  /// Runs a program to its end.
  ///
  /// - Throws: `ToolchainError.cannotStart`, or `.timedOut` after `timeout` seconds, when the program
  ///   has been killed.
  static func run(
    _ command: [String], in folder: URL = FileManager.default.temporaryDirectory,
    timeout: Double = 120
  ) throws -> ProcessOutcome {
    let process = try ChildProcess(command, in: folder)
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      if let outcome = process.poll() { return outcome }
      guard ContinuousClock.now < deadline else {
        process.kill()
        throw ToolchainError.timedOut(program: command.first ?? "", seconds: timeout)
      }
      Thread.sleep(forTimeInterval: pollInterval)
    }
  }
}
