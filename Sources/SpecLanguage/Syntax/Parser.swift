import Diagnostics

/// Reads a spec file by recursive descent (see Grammar.md).
///
/// After an error parsing goes on at the next statement, so that one run reports several.
struct Parser {
  /// Thrown once the error is reported; caught where parsing can go on.
  struct Failure: Error {}

  /// Nesting of expressions and bodies; keeps every recursion over the tree off the stack's end.
  static let maximumDepth = 48
  /// Height of an expression's tree, which chains such as `1 + 1 + …` raise without nesting.
  static let maximumHeight = 100
  static let maximumErrors = 20

  let path: String
  var tokens: [Token]
  var position = 0
  var depth = 0
  var diagnostics: [Diagnostic]
  /// Comments met inside an expression; they move up to the part that holds it.
  var strayComments: [Comment] = []

  /// - Parameter file: the text to parse; its path stands in every range.
  init(_ file: SourceFile) {
    path = file.path
    var lexer = Lexer(file)
    tokens = lexer.run()
    diagnostics = lexer.diagnostics
  }

  // MARK: Tokens

  var current: Token { tokens[position] }

  func peek(_ distance: Int = 1) -> Token { tokens[min(position + distance, tokens.count - 1)] }

  /// The end of the token before the current one.
  var previousEnd: Int { position > 0 ? tokens[position - 1].upper : 0 }

  @discardableResult
  mutating func advance() -> Token {
    let token = current
    strayComments += token.comments
    tokens[position].comments = []
    if token.kind != .endOfFile { position += 1 }
    return token
  }

  mutating func accept(_ punctuation: String) -> Bool {
    guard current.isPunctuation(punctuation) else { return false }
    advance()
    return true
  }

  @discardableResult
  mutating func expect(_ punctuation: String, _ purpose: String) throws(Failure) -> Token {
    guard current.isPunctuation(punctuation) else {
      throw fail("expected '\(punctuation)' \(purpose), found \(current.described)")
    }
    return advance()
  }

  mutating func expectName(_ what: String) throws(Failure) -> Identifier {
    guard current.kind == .name else {
      let hint = current.kind == .keyword ? ", which is reserved" : ""
      throw fail("expected \(what), found \(current.described)\(hint)")
    }
    let token = advance()
    return Identifier(text: token.text, range: range(of: token))
  }

  func range(of token: Token) -> SourceRange {
    SourceRange(file: path, lower: token.lower, upper: token.upper)
  }

  func range(from lower: Int) -> SourceRange {
    SourceRange(file: path, lower: lower, upper: max(previousEnd, lower))
  }

  // MARK: Errors

  /// Reports an error at the current token.
  mutating func fail(_ message: String, notes: [Diagnostic.Note] = []) -> Failure {
    report(Diagnostic(message, at: range(of: current), notes: notes))
  }

  mutating func report(_ diagnostic: Diagnostic) -> Failure {
    diagnostics.append(diagnostic)
    return Failure()
  }

  var hasTooManyErrors: Bool { diagnostics.count >= Self.maximumErrors }

  /// Skips the rest of a statement that could not be read: up to a line that can begin another one.
  /// A body that opens on the way is still parsed, for its own errors.
  mutating func synchronize(from start: Int) {
    var open = 0
    if position == start { advance() }
    while current.kind != .endOfFile {
      if open == 0, current.isPunctuation("}") { return }
      if open == 0, current.startsLine, current.kind == .name || current.kind == .keyword,
        !current.isKeyword("else"), !current.isKeyword("in"), !current.isKeyword("and"),
        !current.isKeyword("or")
      {
        return
      }
      if current.startsLine, isItemStart { return }
      if open == 0, current.isPunctuation("{"), peek().startsLine, !hasTooManyErrors,
        depth < Self.maximumDepth
      {
        _ = try? parseBody("the body")
        continue
      }
      if ["(", "[", "{"].contains(current.text), current.kind == .punctuation { open += 1 }
      if [")", "]", "}"].contains(current.text), current.kind == .punctuation {
        open = max(open - 1, 0)
      }
      advance()
    }
  }

  var isItemStart: Bool {
    ["import", "block", "model"].contains { current.isKeyword($0) }
  }

  // MARK: Comments

  /// Takes the comments before the current token.
  mutating func takeComments() -> [Comment] {
    defer { tokens[position].comments = [] }
    return tokens[position].comments
  }

  /// Parses a part that can stand on its own lines, and gathers the comments that belong to it.
  mutating func withTrivia<Part>(
    _ parse: (inout Parser) throws(Failure) -> Part
  ) throws(Failure) -> (Part, Trivia) {
    let outer = strayComments
    strayComments = []
    var trivia = Trivia(leading: takeComments(), followsBlankLine: current.followsBlankLine)
    do throws(Failure) {
      let part = try parse(&self)
      trivia.leading += strayComments
      strayComments = outer
      return (part, trivia)
    } catch {
      strayComments = outer
      throw error
    }
  }

  /// The comment on the line of the token before the current one.
  mutating func takeTrailingComment() -> Comment? {
    guard let first = current.comments.first, !first.isOnOwnLine else { return nil }
    tokens[position].comments.removeFirst()
    return first
  }

  /// Runs a part of the parser one level deeper.
  mutating func nested<Result>(
    _ parse: (inout Parser) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard depth < Self.maximumDepth else {
      throw fail("this is nested more than \(Self.maximumDepth) levels deep; name parts of it")
    }
    depth += 1
    defer { depth -= 1 }
    return try parse(&self)
  }
}
