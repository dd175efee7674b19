import Diagnostics

/// Cuts a spec into tokens. What is no token is reported and skipped.
struct Lexer {
  private let path: String
  private let bytes: [UInt8]
  private var position = 0
  private var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []

  private var comments: [Comment] = []
  private var newlines = 0
  private var isAtLineStart = true

  private static let punctuation = [
    "..<", "|>", "==", "!=", "<=", ">=", "//", "(", ")", "[", "]", "{", "}", ",", ":", ".", "=",
    "<", ">", "+", "-", "*", "/", "%",
  ].map { Array($0.utf8) }

  init(_ file: SourceFile) {
    path = file.path
    bytes = Array(file.text.utf8)
  }

  /// The tokens, the last of which is the end of the file.
  mutating func run() -> [Token] {
    while position < bytes.count {
      scan()
    }
    append(.endOfFile, from: position)
    return tokens
  }

  private mutating func scan() {
    let start = position
    let byte = bytes[position]
    if byte == UInt8(ascii: "\n") {
      newlines += 1
      isAtLineStart = true
      position += 1
    } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    {
      position += 1
    } else if byte == UInt8(ascii: "#") {
      scanComment()
    } else if isLetter(byte) {
      skip { isLetter($0) || isDigit($0) }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      append(keywords.contains(text) ? .keyword : .name, from: start)
    } else if isDigit(byte) {
      scanNumber()
    } else if byte == UInt8(ascii: "\"") {
      scanString()
    } else if let mark = Self.punctuation.first(where: { bytes[start...].starts(with: $0) }) {
      position += mark.count
      append(.punctuation, from: start)
    } else {
      skipUnknown()
    }
  }

  private mutating func scanComment() {
    let start = position
    skip { $0 != UInt8(ascii: "\n") }
    var end = position
    while end > start,
      [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]
        .contains(bytes[end - 1])
    {
      end -= 1
    }
    comments.append(
      Comment(
        text: String(decoding: bytes[start..<end], as: UTF8.self), isOnOwnLine: isAtLineStart,
        followsBlankLine: newlines > 1))
    newlines = 0
  }

  private mutating func scanNumber() {
    let start = position
    skip(isDigit)
    // In a name such as `layer1.0.1` the numbers are path segments, not decimal fractions.
    let isSegment = tokens.last.map { $0.isPunctuation(".") && $0.upper == start } ?? false
    var kind = Token.Kind.integer
    if !isSegment {
      if peek(0) == UInt8(ascii: "."), let next = peek(1), isDigit(next) {
        position += 1
        skip(isDigit)
        kind = .real
      }
      let isSigned = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
      if peek(0) == UInt8(ascii: "e"), let digit = peek(isSigned ? 2 : 1), isDigit(digit) {
        position += isSigned ? 2 : 1
        skip(isDigit)
        kind = .real
      }
    }
    append(kind, from: start)
  }

  private mutating func scanString() {
    let start = position
    position += 1
    while let byte = peek(0), byte != UInt8(ascii: "\n") {
      if byte == UInt8(ascii: "\\"), let next = peek(1), next != UInt8(ascii: "\n") {
        position += 2
      } else {
        position += 1
        if byte == UInt8(ascii: "\"") {
          append(.string, from: start)
          return
        }
      }
    }
    if position > start, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    report("the string has no closing '\"' on its line", from: start)
    append(.string, from: start)
  }

  /// Reports a run of characters that begin no token, as one finding.
  private mutating func skipUnknown() {
    let start = position
    skip { byte in
      byte > 0x20 && !isLetter(byte) && !isDigit(byte) && byte != UInt8(ascii: "#")
        && byte != UInt8(ascii: "\"")
        && !Self.punctuation.contains { $0.count == 1 && $0[0] == byte }
    }
    if position == start { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let visible = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    let hint =
      switch text {
      case "!": "; write 'not'"
      case "&", "&&": "; write 'and'"
      case "|", "||": "; write 'or', or '|>' for a pipeline"
      case "'": "; write strings between '\"'"
      case ";": "; a new line ends a statement"
      default: ""
      }
    report("unexpected \(visible ? "'\(text)'" : "control character")\(hint)", from: start)
  }

  private mutating func append(_ kind: Token.Kind, from start: Int) {
    tokens.append(
      Token(
        kind: kind, text: String(decoding: bytes[start..<position], as: UTF8.self), lower: start,
        upper: position, startsLine: isAtLineStart, followsBlankLine: newlines > 1,
        comments: comments))
    comments = []
    newlines = 0
    isAtLineStart = false
  }

  private mutating func report(_ message: String, from start: Int) {
    diagnostics.append(
      Diagnostic(message, at: SourceRange(file: path, lower: start, upper: position)))
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private mutating func skip(_ isWanted: (UInt8) -> Bool) {
    while let byte = peek(0), isWanted(byte) { position += 1 }
  }
}

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
