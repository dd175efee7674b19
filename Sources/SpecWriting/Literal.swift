/// A value as a spec writes it, but for tensors.
enum Literal: Hashable, Sendable {
  case integer(Int)
  /// The shortest text that reads back to the number.
  case real(String)
  case flag(Bool)
  case list([Int])
  case word(String)
  /// The extent of the network's input in dimension 0, whatever a user sets it to.
  case batch

  init(_ number: Double) {
    self = .real(Self.text(of: number.description))
  }

  init(_ number: Float) {
    self = .real(Self.text(of: number.description))
  }

  /// One integer if both sides are equal.
  init(height: Int, width: Int) {
    self = height == width ? .integer(height) : .list([height, width])
  }

  var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The text; `batch` is written as the given phrase.
  func phrase(batch: Phrase) -> Phrase {
    switch self {
    case .integer(let value): Phrase("\(value)")
    case .real(let text): Phrase(text)
    case .flag(let value): Phrase(value ? "true" : "false")
    case .list(let values): Phrase(Self.tuple(values.map(String.init)))
    case .word(let text): Phrase("\"\(text)\"")
    case .batch: batch
    }
  }

  /// The text of a value that holds no `batch`.
  var text: String { phrase(batch: Phrase("batch")).constantText }

  static func tuple(_ elements: [String]) -> String {
    "(" + elements.joined(separator: ", ") + (elements.count == 1 ? ",)" : ")")
  }

  /// `1e-05` and `1.0`, as Swift prints them, are `1e-5` and `1` in specs.
  private static func text(of number: String) -> String {
    guard let e = number.firstIndex(of: "e") else {
      return number.hasSuffix(".0") ? String(number.dropLast(2)) : number
    }
    let mantissa = number[..<e]
    let exponent = Int(number[number.index(after: e)...]) ?? 0
    let short = mantissa.hasSuffix(".0") ? mantissa.dropLast(2) : mantissa
    return "\(short)e\(exponent)"
  }
}

/// A value in a body that is being written: what comes in, or the result of a step.
enum Value: Hashable, Sendable {
  case entry
  case step(Int)
}

/// Text with gaps for the names of values, which get their names later.
struct Phrase: Equatable, Sendable {
  enum Piece: Equatable, Sendable {
    case text(String)
    case name(Value)
  }

  var pieces: [Piece]

  init(_ text: String) {
    pieces = [.text(text)]
  }

  init(name value: Value) {
    pieces = [.name(value)]
  }

  init(joining phrases: [Phrase], separator: String) {
    pieces = []
    for (index, phrase) in phrases.enumerated() {
      if index > 0 { pieces.append(.text(separator)) }
      pieces += phrase.pieces
    }
  }

  static func + (a: Phrase, b: Phrase) -> Phrase {
    var sum = a
    sum.pieces += b.pieces
    return sum
  }

  static func + (a: Phrase, b: String) -> Phrase { a + Phrase(b) }
  static func + (a: String, b: Phrase) -> Phrase { Phrase(a) + b }

  /// The values that are named in it, in order.
  var values: [Value] {
    pieces.compactMap { piece in
      if case .name(let value) = piece { value } else { nil }
    }
  }

  func text(naming name: (Value) -> String) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .name(let value): name(value)
      }
    }.joined()
  }

  /// The text of a phrase without gaps.
  var constantText: String { text { _ in "" } }
}
