import Diagnostics

/// How tightly binary operators bind; all of them group to the left.
private let precedences: [String: Int] = [
  "or": 1, "and": 2, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "..<": 5, "+": 6, "-": 6,
  "*": 7, "/": 7, "//": 7, "%": 7,
]
private let notPrecedence = 3

extension Parser {
  /// `value if condition else value`, or what binds tighter.
  mutating func parseExpression() throws(Failure) -> Expression {
    try nested { parser throws(Failure) in
      let value = try parser.parsePipeline()
      // On a line of its own, `if` begins a statement.
      guard parser.current.isKeyword("if"), !parser.current.startsLine else { return value }
      parser.advance()
      let condition = try parser.parsePipeline()
      guard parser.current.isKeyword("else") else {
        throw parser.fail(
          "expected 'else' and the value for the other case, found \(parser.current.described)")
      }
      parser.advance()
      let otherwise = try parser.parseExpression()
      return try parser.make(
        .conditional(then: value, condition: condition, otherwise: otherwise),
        from: value.range.lower, over: [value, condition, otherwise])
    }
  }

  // MARK: Pipelines

  private mutating func parsePipeline() throws(Failure) -> Expression {
    let source = try parseBinary(1)
    var stages: [Stage] = []
    while current.isPunctuation("|>") {
      var (stage, trivia) = try withTrivia { parser throws(Failure) in try parser.parseStage() }
      // Behind the last stage a comment belongs to the statement or element around the pipeline.
      if current.isPunctuation("|>") { trivia.trailing = takeTrailingComment() }
      stage.trivia = trivia
      stages.append(stage)
    }
    guard !stages.isEmpty else { return source }
    return try make(
      .pipeline(source, stages), from: source.range.lower,
      over: [source] + stages.flatMap(\.expressions))
  }

  private mutating func parseStage() throws(Failure) -> Stage {
    let arrow = advance()
    if current.startsLine || current.kind == .endOfFile, !isAtLabel, !isAtStage {
      throw report(
        Diagnostic("expected an operation or a block behind '|>'", at: range(of: arrow)))
    }
    let lower = current.lower
    let label = isAtLabel ? try parseLabel() : nil
    let call = try parseCall()
    return Stage(label: label, call: call, range: range(from: lower), trivia: Trivia())
  }

  /// Whether an operation or a block is called here; `name =` begins the next statement.
  private var isAtStage: Bool { current.kind == .name && !peek().isPunctuation("=") }

  /// Whether names, numbers, dots and `{…}` without a gap lead up to a colon.
  private var isAtLabel: Bool {
    var index = position
    while index < tokens.count {
      let token = tokens[index]
      if token.isPunctuation(":") { return index > position }
      if index > position, tokens[index - 1].upper != token.lower { return false }
      switch token.kind {
      case .name, .keyword, .integer: index += 1
      case .punctuation where token.text == ".": index += 1
      case .punctuation where token.text == "{":
        guard let end = endOfBraces(from: index) else { return false }
        index = end + 1
      default: return false
      }
    }
    return false
  }

  /// The index of the brace that closes the one at `index`, on the same line.
  private func endOfBraces(from index: Int) -> Int? {
    var open = 0
    for end in index..<tokens.count {
      if end > index, tokens[end].startsLine { return nil }
      if tokens[end].isPunctuation("{") { open += 1 }
      if tokens[end].isPunctuation("}") { open -= 1 }
      if open == 0 { return end }
    }
    return nil
  }

  private mutating func parseLabel() throws(Failure) -> Label {
    let lower = current.lower
    var parts: [Label.Part] = []
    var segmentIsEmpty = true
    while !current.isPunctuation(":") {
      if accept("{") {
        parts.append(.interpolation(try parseExpression()))
        try expect("}", "to end the inserted value")
        segmentIsEmpty = false
      } else if current.isPunctuation("."), segmentIsEmpty {
        throw fail("expected a name or a number before '.'")
      } else {
        segmentIsEmpty = current.isPunctuation(".")
        parts.append(.text(advance().text))
      }
    }
    if segmentIsEmpty { throw fail("expected a name or a number before ':'") }
    let range = range(from: lower)
    advance()
    return Label(parts: parts, range: range)
  }

  mutating func parseCall() throws(Failure) -> Call {
    let lower = current.lower
    let callee = try expectName("an operation or a block")
    let hasArguments = current.isPunctuation("(") && !current.startsLine
    let arguments = hasArguments ? try parseArguments(until: ")", allowsNames: true) : nil
    return Call(callee: callee, arguments: arguments, range: range(from: lower))
  }

  // MARK: Operators

  private mutating func parseBinary(_ minimum: Int) throws(Failure) -> Expression {
    var left = try parseUnary(minimum)
    while let precedence = precedences[current.text],
      current.kind == .punctuation || current.kind == .keyword, precedence >= minimum
    {
      let token = advance()
      let right = try parseBinary(precedence + 1)
      left = try make(
        .binary(Identifier(text: token.text, range: range(of: token)), left, right),
        from: left.range.lower, over: [left, right])
    }
    return left
  }

  private mutating func parseUnary(_ minimum: Int) throws(Failure) -> Expression {
    let isNot = current.isKeyword("not") && minimum <= notPrecedence
    guard isNot || current.isPunctuation("-") else { return try parsePostfix() }
    let token = advance()
    let operand = try nested { parser throws(Failure) in
      isNot ? try parser.parseBinary(notPrecedence) : try parser.parseUnary(8)
    }
    return try make(.unary(token.text, operand), from: token.lower, over: [operand])
  }

  private mutating func parsePostfix() throws(Failure) -> Expression {
    var base = try parsePrimary()
    while true {
      if current.isPunctuation(".") {
        advance()
        let member = try expectName("a property such as 'shape'")
        base = try make(.member(base, member), from: base.range.lower, over: [base])
      } else if current.isPunctuation("["), !current.startsLine {
        let opening = advance()
        let index = try parseExpression()
        guard current.isPunctuation("]") else { throw failUnclosed("]", openedBy: opening) }
        advance()
        base = try make(.index(base, index), from: base.range.lower, over: [base, index])
      } else {
        return base
      }
    }
  }

  // MARK: Primaries

  mutating func parsePrimary() throws(Failure) -> Expression {
    let token = current
    switch token.kind {
    case .integer:
      advance()
      return leaf(.integer(token.text), token)
    case .real:
      advance()
      return leaf(.real(token.text), token)
    case .string:
      advance()
      return leaf(.string(token.text), token)
    case .keyword where token.text == "true" || token.text == "false":
      advance()
      return leaf(.boolean(token.text == "true"), token)
    case .name:
      if token.text == "input", peek().isPunctuation("[") {
        advance()
        let dimensions = try parseArguments(until: "]", allowsNames: false)
        return try make(
          .input(dimensions), from: token.lower, over: dimensions.elements.map(\.value))
      }
      if peek().isPunctuation("("), !peek().startsLine {
        let call = try parseCall()
        return try make(
          .call(call), from: token.lower, over: call.arguments?.elements.map(\.value) ?? [])
      }
      advance()
      return leaf(.name(token.text), token)
    case .punctuation where token.text == "[":
      let list = try parseArguments(until: "]", allowsNames: false)
      return try make(.list(list), from: token.lower, over: list.elements.map(\.value))
    case .punctuation where token.text == "(":
      return try parseParentheses()
    default:
      throw fail("expected a value, found \(token.described)")
    }
  }

  /// `(a)` groups, `(a, b)` and `(a,)` are tuples.
  private mutating func parseParentheses() throws(Failure) -> Expression {
    let lower = current.lower
    let tuple = try parseArguments(until: ")", allowsNames: false)
    let endsInComma = position > 1 && tokens[position - 2].isPunctuation(",")
    if tuple.elements.count == 1, !endsInComma, tuple.danglingComments.isEmpty,
      !tuple.elements[0].trivia.hasComments
    {
      let inner = tuple.elements[0].value
      return try make(.parenthesized(inner), from: lower, over: [inner])
    }
    if tuple.elements.count == 1, !endsInComma {
      let inner = tuple.elements[0]
      strayComments += inner.trivia.leading
      strayComments += [inner.trivia.trailing].compactMap { $0 } + tuple.danglingComments
      return try make(.parenthesized(inner.value), from: lower, over: [inner.value])
    }
    return try make(.tuple(tuple), from: lower, over: tuple.elements.map(\.value))
  }

  private mutating func parseArguments(
    until end: String, allowsNames: Bool
  ) throws(Failure) -> Arguments {
    let opening = advance()
    var arguments = Arguments(elements: [], danglingComments: [])
    while !current.isPunctuation(end) {
      var (part, trivia) = try withTrivia { parser throws(Failure) in
        var name: Identifier?
        if allowsNames, parser.current.kind == .name, parser.peek().isPunctuation(":") {
          name = try parser.expectName("a parameter")
          parser.advance()
        }
        return (name, try parser.parseExpression())
      }
      try expectCommaOrEnd(end, openedBy: opening)
      trivia.trailing = takeTrailingComment()
      arguments.elements.append(Argument(name: part.0, value: part.1, trivia: trivia))
    }
    arguments.danglingComments = takeComments()
    advance()
    return arguments
  }

  mutating func expectCommaOrEnd(_ end: String, openedBy opening: Token) throws(Failure) {
    if accept(",") || current.isPunctuation(end) { return }
    throw failUnclosed(end, openedBy: opening)
  }

  private mutating func failUnclosed(_ end: String, openedBy opening: Token) -> Failure {
    fail(
      "expected \(end == "]" && opening.text == "[" ? "" : "',' or ")'\(end)', found "
        + current.described,
      notes: [.init("to match this '\(opening.text)'", at: range(of: opening))])
  }

  private func leaf(_ kind: Expression.Kind, _ token: Token) -> Expression {
    Expression(kind: kind, range: range(of: token), depth: 1)
  }

  private mutating func make(
    _ kind: Expression.Kind, from lower: Int, over parts: [Expression]
  ) throws(Failure) -> Expression {
    let depth = (parts.map(\.depth).max() ?? 0) + 1
    let range = range(from: lower)
    guard depth <= Self.maximumHeight else {
      throw report(
        Diagnostic(
          "the expression has more than \(Self.maximumHeight) levels; name parts of it",
          at: range))
    }
    return Expression(kind: kind, range: range, depth: depth)
  }
}
