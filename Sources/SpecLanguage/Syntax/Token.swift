/// A comment, which runs from `#` to the end of its line.
public struct Comment: Equatable, Sendable {
  /// The text with its `#`, without blanks at the end.
  public var text: String
  /// No token stands before it on its line.
  public var isOnOwnLine: Bool
  public var followsBlankLine: Bool
}

/// One word of a spec with the comments that stand before it.
struct Token: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    case name
    case keyword
    case integer
    case real
    case string
    case punctuation
    case endOfFile
  }

  var kind: Kind
  /// As written; a string keeps its quotes.
  var text: String
  var lower: Int
  var upper: Int
  /// No token stands before it on its line.
  var startsLine: Bool
  var followsBlankLine: Bool
  /// What stands between the token before and this one.
  var comments: [Comment]

  func isPunctuation(_ text: String) -> Bool { kind == .punctuation && self.text == text }
  func isKeyword(_ text: String) -> Bool { kind == .keyword && self.text == text }

  /// How a message calls the token.
  var described: String {
    switch kind {
    case .endOfFile: "the end of the file"
    case .keyword: "the keyword '\(text)'"
    case .string: text
    default: "'\(text)'"
    }
  }
}

/// The words that cannot name a value, a block or a parameter.
let keywords: Set<String> = [
  "import", "block", "model", "for", "in", "if", "else", "return", "and", "or", "not", "true",
  "false",
]
