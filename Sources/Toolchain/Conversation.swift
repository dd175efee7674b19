import Foundation

/// A running program that answers each line it is sent with a line. What it writes to standard error
/// goes to a file, so that it never waits for a reader.
///
/// It sees the end of its input, or is killed, if nobody holds this any more.
public final class Conversation {
  private let program: String
  private let process = Process()
  /// This end of the socket that is the program's standard input and output.
  private let socket: Int32
  private let folder: TemporaryFolder
  private var unread: [UInt8] = []

  /// Starts a program.
  ///
  /// - Parameter command: the program's path and its arguments.
  /// - Throws: `ToolchainError.cannotStart` or `.cannotWrite`.
  public init(_ command: [String]) throws {
    folder = try TemporaryFolder()
    program = command.first ?? ""
    let errors = folder.url.appendingPathComponent("err")
    try write("", to: errors)
    var ends: [Int32] = [-1, -1]
    // A socket rather than pipes: to write to a program that has ended is an error then, and no signal.
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      throw ToolchainError.cannotStart(program: program, reason: String(cString: strerror(errno)))
    }
    socket = ends[0]
    let other = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C.UTF-8"]) { $1 }
    process.standardInput = other
    process.standardOutput = other
    process.standardError = FileHandle(forWritingAtPath: errors.path)
    do {
      try process.run()
      // Or the program's end would not close the socket.
      try? other.close()
    } catch {
      throw ToolchainError.cannotStart(program: program, reason: error.localizedDescription)
    }
  }

  deinit {
    close(socket)
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Sends a line and waits for the answer.
  ///
  /// - Throws: `ToolchainError.ended`, or `.timedOut` after so many seconds.
  public func ask(_ line: String, timeout: Double) throws -> String {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent < 0, errno == EINTR { continue }
      guard sent > 0 else { throw ended() }
      rest = rest.dropFirst(sent)
    }
    return try nextLine(timeout: timeout)
  }

  /// Waits for a line.
  ///
  /// - Throws: `ToolchainError.ended`, or `.timedOut` after so many seconds.
  public func nextLine(timeout: Double) throws -> String {
    let deadline = ContinuousClock.now + .seconds(timeout)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      let left = (deadline - ContinuousClock.now) / .milliseconds(1)
      guard left > 0 else {
        throw ToolchainError.timedOut(program: program, seconds: timeout)
      }
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(min(left.rounded(.up), 1e6))) > 0 else { continue }
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(socket, &bytes, bytes.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ended() }
      unread += bytes[..<count]
    }
  }

  /// What to say of a program that hangs up.
  private func ended() -> ToolchainError {
    // It may have closed its output a moment before it ends.
    let deadline = ContinuousClock.now + .seconds(1)
    while process.isRunning, ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: ChildProcess.pollInterval)
    }
    var outcome = ProcessOutcome(status: .exited(0), standardOutput: "", standardError: "")
    if !process.isRunning {
      outcome.status =
        process.terminationReason == .exit
        ? .exited(process.terminationStatus) : .killed(signal: process.terminationStatus)
    }
    let errors = try? Data(contentsOf: folder.url.appendingPathComponent("err"))
    outcome.standardError = String(decoding: errors ?? Data(), as: UTF8.self)
    return .ended(program: program, explanation: outcome.explanation)
  }
}

/// The path of a program that is named by a path, or found in `PATH`; nil if there is none.
public func programPath(
  _ name: String, environment: [String: String] = ProcessInfo.processInfo.environment
) -> String? {
  SearchPath(environment).resolve([name])?.first
}
