/// Why a rule for other names cannot be used.
public enum RenameError: Error, Equatable, CustomStringConvertible {
  /// It has no `=` between pattern and replacement, or nothing before it.
  case noPattern(rule: String)
  case badPattern(rule: String, reason: String)
  /// The replacement asks for a group that the pattern has not.
  case badReplacement(rule: String, reason: String)
  case matchesNothing(path: String, rule: String, names: [String])
  /// Two tensors would get the same name.
  case collision(path: String, first: String, second: String, name: String)

  public var description: String {
    switch self {
    case .noPattern(let rule):
      "'\(rule)' should read pattern=replacement, such as '^encoder\\.='"
    case .badPattern(let rule, let reason):
      "the pattern of '\(rule)' is no regular expression: \(reason)"
    case .badReplacement(let rule, let reason): "the replacement of '\(rule)' is wrong: \(reason)"
    case .matchesNothing(let path, let rule, let names):
      "\(path): the pattern of '\(rule)' matches the name of no tensor; there are "
        + names.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")
        + (names.count > 3 ? " and \(names.count - 3) more" : "")
    case .collision(let path, let first, let second, let name):
      "\(path): after renaming, \"\(first)\" and \"\(second)\" are both called \"\(name)\""
    }
  }
}

/// A rule that gives tensors other names: each match of a regular expression in a name, anywhere in
/// it, is replaced, as by Python's `re.sub`.
///
/// In the replacement `$1` to `$9` stand for the pattern's groups, `$0` for the whole match and `$$`
/// for a dollar sign.
public struct RenameRule {
  /// `pattern=replacement`. The last `=` divides, since names hold none and patterns may.
  public let text: String
  private let pattern: Regex<AnyRegexOutput>
  private let replacement: [Piece]

  private enum Piece {
    case text(String)
    case group(Int)
  }

  /// - Throws: `RenameError.noPattern`, `badPattern` or `badReplacement`.
  public init(_ text: String) throws {
    self.text = text
    guard let equals = text.lastIndex(of: "="), equals > text.startIndex else {
      throw RenameError.noPattern(rule: text)
    }
    do {
      pattern = try Regex(String(text[..<equals]))
    } catch {
      throw RenameError.badPattern(rule: text, reason: "\(error)")
    }
    replacement = try Self.pieces(of: text[text.index(after: equals)...], rule: text)
    // Every pattern knows its groups only in a match; the empty alternative matches any name.
    let groups = try? Regex("(?:\(text[..<equals]))|").firstMatch(in: "")?.output.count
    for case .group(let group) in replacement where group >= groups ?? 10 {
      throw RenameError.badReplacement(
        rule: text, reason: "there is no group $\(group) in the pattern")
    }
  }

  private static func pieces(of text: Substring, rule: String) throws -> [Piece] {
    var pieces: [Piece] = []
    var rest = text
    while let dollar = rest.firstIndex(of: "$") {
      pieces.append(.text(String(rest[..<dollar])))
      rest = rest[rest.index(after: dollar)...]
      switch rest.popFirst() {
      case "$": pieces.append(.text("$"))
      case let digit? where digit.isASCII && digit.isNumber:
        pieces.append(.group(digit.wholeNumberValue ?? 0))
      default:
        throw RenameError.badReplacement(
          rule: rule, reason: "'$' should be followed by the number of a group, or by another '$'")
      }
    }
    return pieces + [.text(String(rest))]
  }

  /// The name after renaming; nil if the pattern matches nothing in it.
  func renamed(_ name: String) -> String? {
    let matches = name.matches(of: pattern)
    guard !matches.isEmpty else { return nil }
    var result = ""
    var place = name.startIndex
    for match in matches {
      result += name[place..<match.range.lowerBound]
      for piece in replacement {
        switch piece {
        case .text(let text): result += text
        case .group(let group):
          guard group < match.output.count else { continue }
          result += match.output[group].substring ?? ""
        }
      }
      place = match.range.upperBound
    }
    return result + name[place...]
  }
}
