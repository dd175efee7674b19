/// A piece of the textual form of a graph.
struct GraphTextToken: Equatable {
  enum Kind: Equatable {
    /// A run of letters, digits, `_`, `.`, `+` and `-`: a keyword, a name, a number, `3x3`.
    case word(String)
    /// `%3`
    case value(Int)
    case string(String)
    /// One of `( ) [ ] { } = , :`
    case mark(Character)
    case end
  }

  var kind: Kind
  /// Where it starts, as an offset into the UTF-8 of the text.
  var offset: Int

  /// How a message names the token.
  var description: String {
    switch kind {
    case .word(let word): "'\(word)'"
    case .value(let index): "'%\(index)'"
    case .string(let string): GraphText.quoted(string)
    case .mark(let mark): "'\(mark)'"
    case .end: "the end of the text"
    }
  }
}

/// Cuts the textual form of a graph into tokens. White space and `//` comments separate.
struct GraphTextLexer {
  /// The whole text, as UTF-8.
  let bytes: [UInt8]
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
      UInt8(ascii: "+"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// All tokens, the last of which is `end`.
  mutating func tokens() throws(GraphTextError) -> [GraphTextToken] {
    var tokens: [GraphTextToken] = []
    repeat { tokens.append(try next()) } while tokens.last?.kind != .end
    return tokens
  }

  private mutating func next() throws(GraphTextError) -> GraphTextToken {
    skipSpace()
    let start = position
    guard let byte = peek() else { return GraphTextToken(kind: .end, offset: start) }
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"),
      UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "="), UInt8(ascii: ","),
      UInt8(ascii: ":"):
      position += 1
      return GraphTextToken(kind: .mark(Character(UnicodeScalar(byte))), offset: start)
    case UInt8(ascii: "%"):
      position += 1
      guard let index = Int(word()), index >= 0 else {
        throw error("expected the number of a value after '%', such as '%3'", at: start)
      }
      return GraphTextToken(kind: .value(index), offset: start)
    case UInt8(ascii: "\""):
      return GraphTextToken(kind: .string(try string()), offset: start)
    case _ where Self.isWordByte(byte):
      return GraphTextToken(kind: .word(word()), offset: start)
    default:
      throw error("a graph's text has no such character outside of a string", at: start)
    }
  }

  private func peek(_ ahead: Int = 0) -> UInt8? {
    position + ahead < bytes.count ? bytes[position + ahead] : nil
  }

  private func error(_ message: String, at offset: Int) -> GraphTextError {
    GraphTextError(message, at: offset, in: bytes)
  }

  private mutating func skipSpace() {
    let (slash, newline) = (UInt8(ascii: "/"), UInt8(ascii: "\n"))
    while let byte = peek() {
      if byte == slash, peek(1) == slash {
        while let byte = peek(), byte != newline { position += 1 }
      } else if [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), newline].contains(byte)
      {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func word() -> String {
    let start = position
    while let byte = peek(), Self.isWordByte(byte) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// A string from its opening quote to its closing one, which must stand on the same line.
  private mutating func string() throws(GraphTextError) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while let byte = peek(), byte != UInt8(ascii: "\n") {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        content += Array(String(try escape()).utf8)
      default:
        content.append(byte)
      }
    }
    throw error("expected a closing quote on the line of the opening one", at: start)
  }

  /// What stands for one scalar after a backslash: `"`, `\`, `n`, `t`, `r` or `u{hex}`.
  private mutating func escape() throws(GraphTextError) -> UnicodeScalar {
    let start = position - 1
    let byte = peek()
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "u"):
      guard peek() == UInt8(ascii: "{") else { break }
      position += 1
      guard let scalar = UInt32(word(), radix: 16).flatMap(UnicodeScalar.init),
        peek() == UInt8(ascii: "}")
      else { break }
      position += 1
      return scalar
    default: break
    }
    throw error(#"expected one of \" \\ \n \t \r \u{hexadecimal} after the backslash"#, at: start)
  }
}
