import Diagnostics

extension Parser {
  // MARK: Files

  mutating func parseFile() -> SpecFile {
    var items: [Item] = []
    while current.kind != .endOfFile, !hasTooManyErrors {
      let start = position
      do throws(Failure) {
        items.append(try parseItem())
      } catch {
        synchronize(from: start)
        if current.isPunctuation("}") { advance() }
      }
    }
    return SpecFile(path: path, items: items, danglingComments: takeComments())
  }

  private mutating func parseItem() throws(Failure) -> Item {
    let lower = current.lower
    var (kind, trivia) = try withTrivia { parser throws(Failure) in try parser.parseItemKind() }
    try expectEndOfLine()
    trivia.trailing = takeTrailingComment()
    return Item(kind: kind, range: range(from: lower), trivia: trivia)
  }

  private mutating func parseItemKind() throws(Failure) -> Item.Kind {
    if current.isKeyword("import") {
      advance()
      guard current.kind == .string else {
        throw fail("expected the file's name between '\"', found \(current.described)")
      }
      return .importFile(try parsePrimary())
    }
    if current.isKeyword("block") {
      advance()
      return .block(try parseDefinition("block"))
    }
    if current.isKeyword("model") {
      advance()
      return .model(try parseDefinition("model"))
    }
    if current.kind == .name, peek().isPunctuation("=") {
      let name = try expectName("a name")
      advance()
      return .constant(name, try parseExpression())
    }
    let near =
      current.kind == .name
      ? nearestName(to: current.text, among: ["import", "block", "model"]) : nil
    let failure = fail(
      "expected 'import', 'block', 'model' or 'name = value', found \(current.described)"
        + (near.map { "; did you mean '\($0)'?" } ?? ""))
    if let near {
      diagnostics[diagnostics.count - 1].fix = .init(replacing: range(of: current), with: near)
    }
    throw failure
  }

  private mutating func parseDefinition(_ kind: String) throws(Failure) -> Definition {
    let name = try expectName("the name of the \(kind)")
    let opening = try expect("(", "before the parameters")
    var parameters: [Parameter] = []
    while !current.isPunctuation(")") {
      var (parameter, trivia) = try withTrivia { parser throws(Failure) in
        let name = try parser.expectName("a parameter or ')'")
        return (name, parser.accept("=") ? try parser.parseExpression() : nil)
      }
      try expectCommaOrEnd(")", openedBy: opening)
      trivia.trailing = takeTrailingComment()
      parameters.append(Parameter(name: parameter.0, defaultValue: parameter.1, trivia: trivia))
    }
    let dangling = takeComments()
    advance()
    let body = try parseBody("the \(kind)")
    return Definition(
      name: name, parameters: parameters, danglingComments: dangling, body: body)
  }

  // MARK: Statements

  /// Statements between braces. An error inside a statement is caught here.
  mutating func parseBody(_ what: String) throws(Failure) -> Body {
    try nested { parser throws(Failure) in
      let opening = try parser.expect("{", "to begin \(what)")
      var body = Body(statements: [], danglingComments: [])
      while !parser.current.isPunctuation("}") {
        if parser.current.kind == .endOfFile || parser.current.startsLine && parser.isItemStart {
          throw parser.fail(
            "expected '}' to end \(what), found \(parser.current.described)",
            notes: [.init("it began here", at: parser.range(of: opening))])
        }
        if parser.hasTooManyErrors { throw Failure() }
        let start = parser.position
        do throws(Failure) {
          body.statements.append(try parser.parseStatement())
        } catch {
          parser.synchronize(from: start)
        }
      }
      body.danglingComments = parser.takeComments()
      parser.advance()
      return body
    }
  }

  private mutating func parseStatement() throws(Failure) -> Statement {
    let lower = current.lower
    var (kind, trivia) = try withTrivia { parser throws(Failure) in
      try parser.parseStatementKind()
    }
    let range = range(from: lower)
    try expectEndOfLine()
    trivia.trailing = takeTrailingComment()
    return Statement(kind: kind, range: range, trivia: trivia)
  }

  private mutating func parseStatementKind() throws(Failure) -> Statement.Kind {
    if current.isKeyword("return") {
      advance()
      return .returnValue(try parseExpression())
    }
    if current.isKeyword("for") { return try parseFor() }
    if current.isKeyword("if") { return try parseIf() }
    if current.kind == .name, peek().isPunctuation("=") {
      let name = try expectName("a name")
      advance()
      return .assign(name, try parseExpression())
    }
    if current.kind == .name, peek().isPunctuation("("), !peek().startsLine {
      return .call(try parseCall())
    }
    throw fail(
      "expected 'name = value', 'for', 'if', 'return' or a declaration, found "
        + current.described)
  }

  private mutating func parseFor() throws(Failure) -> Statement.Kind {
    advance()
    var names: [Identifier] = []
    let isTuple = current.isPunctuation("(")
    if isTuple {
      let opening = advance()
      while !current.isPunctuation(")") {
        names.append(try expectName("a name or ')'"))
        try expectCommaOrEnd(")", openedBy: opening)
      }
      advance()
    } else {
      names.append(try expectName("the name of the loop's value, or '('"))
    }
    guard current.isKeyword("in") else {
      throw fail("expected 'in' and the values to loop over, found \(current.described)")
    }
    advance()
    let values = try parseExpression()
    return .forEach(names, isTuple: isTuple, values, try parseBody("the loop"))
  }

  private mutating func parseIf() throws(Failure) -> Statement.Kind {
    var branches: [Statement.Branch] = []
    while true {
      advance()
      let condition = try parseExpression()
      branches.append(.init(condition: condition, body: try parseBody("the branch")))
      guard current.isKeyword("else") else { return .ifElse(branches, nil) }
      advance()
      guard current.isKeyword("if") else { return .ifElse(branches, try parseBody("the branch")) }
    }
  }

  private mutating func expectEndOfLine() throws(Failure) {
    guard current.startsLine || current.kind == .endOfFile || current.isPunctuation("}") else {
      throw fail("expected an operator or the end of the line, found \(current.described)")
    }
  }
}
