import Foundation

/// Standard error, with colour and progress where a person watches.
enum Terminal {
  /// Whether standard error is a terminal that can move its cursor.
  static let isInteractive: Bool =
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  /// Whether to write colours: https://no-color.org.
  static let usesColor: Bool =
    isInteractive && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty

  static func writeError(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  static func warn(_ text: String) {
    writeError("resnetc: \(styled("warning:", "35")) \(text)\n")
  }

  /// Tells something that is no fault.
  static func note(_ text: String) {
    writeError("resnetc: \(styled("note:", "36")) \(text)\n")
  }

  /// The word that starts an error, in red.
  static func emphasized(_ text: String) -> String { styled(text, "31") }

  private static func styled(_ text: String, _ color: String) -> String {
    usesColor ? "\u{1B}[1;\(color)m\(text)\u{1B}[0m" : text
  }
}

/// A line on the terminal that says what goes on, and is gone when it is over.
struct Progress {
  func show(_ text: String) {
    guard Terminal.isInteractive else { return }
    Terminal.writeError("\r\u{1B}[K\(text)")
  }

  func clear() { show("") }
}
