import Diagnostics

/// Writes files, definitions and statements, one part below the other.
struct Formatter {
  private(set) var text = ""
  /// Nothing stands in the current file or braces yet, so that no blank line may come.
  private var isAtStart = true

  // MARK: Files

  mutating func write(_ file: SpecFile) {
    var previousIsDefinition = false
    for (index, item) in file.items.enumerated() {
      let isDefinition = item.isDefinition
      write(
        item.trivia, indent: 0,
        blankLine: index > 0 && (isDefinition || previousIsDefinition))
      writeItem(item)
      writeTrailing(item.trivia)
      previousIsDefinition = isDefinition
    }
    write(file.danglingComments, indent: 0, blankLine: previousIsDefinition)
  }

  private mutating func writeItem(_ item: Item) {
    switch item.kind {
    case .importFile(let name):
      text += "import " + layout(name, indent: 0, column: 7, reserve: 0)
    case .constant(let name, let value):
      text += "\(name.text) = "
      text += layout(value, indent: 0, column: name.text.count + 3, reserve: 0)
    case .block(let block): write(block, keyword: "block")
    case .model(let model): write(model, keyword: "model")
    }
  }

  private mutating func write(_ definition: Definition, keyword: String) {
    let head = "\(keyword) \(definition.name.text)"
    let elements = definition.parameters.map { parameter in
      BracketElement(
        prefix: parameter.defaultValue == nil ? parameter.name.text : "\(parameter.name.text) = ",
        value: parameter.defaultValue, trivia: parameter.trivia)
    }
    text += head
    text += layout(
      Brackets("(", ")", elements, dangling: definition.danglingComments), indent: 0,
      column: head.count, reserve: 2)
    write(definition.body, indent: 0)
  }

  // MARK: Statements

  /// Writes ` {`, the statements and `}`.
  private mutating func write(_ body: Body, indent: Int) {
    if body.statements.isEmpty, body.danglingComments.isEmpty {
      text += " {}"
      return
    }
    text += " {\n"
    isAtStart = true
    for statement in body.statements {
      write(statement.trivia, indent: indent + 2, blankLine: false)
      write(statement, indent: indent + 2)
      writeTrailing(statement.trivia)
    }
    write(body.danglingComments, indent: indent + 2, blankLine: false)
    text += blanks(indent) + "}"
  }

  private mutating func write(_ statement: Statement, indent: Int) {
    switch statement.kind {
    case .assign(let name, let value):
      text += "\(name.text) = "
      text += layout(value, indent: indent, column: indent + name.text.count + 3, reserve: 0)
    case .returnValue(let value):
      text += "return " + layout(value, indent: indent, column: indent + 7, reserve: 0)
    case .call(let call):
      text += layout(call, label: nil, indent: indent, column: indent, reserve: 0)
    case .forEach(let names, let isTuple, let values, let body):
      let list = names.map(\.text).joined(separator: ", ")
      let head = "for \(isTuple ? "(\(list)\(names.count == 1 ? "," : ""))" : list) in "
      text += head
      text += layout(values, indent: indent, column: indent + head.count, reserve: 2)
      write(body, indent: indent)
    case .ifElse(let branches, let otherwise):
      for (index, branch) in branches.enumerated() {
        let head = index == 0 ? "if " : " else if "
        text += head
        text += layout(
          branch.condition, indent: indent, column: indent + head.count + 1, reserve: 2)
        write(branch.body, indent: indent)
      }
      if let otherwise {
        text += " else"
        write(otherwise, indent: indent)
      }
    }
  }

  // MARK: Comments and blank lines

  /// Writes what stands before a part, and its indentation.
  private mutating func write(_ trivia: Trivia, indent: Int, blankLine: Bool) {
    write(trivia.leading, indent: indent, blankLine: blankLine)
    let wantsBlankLine = trivia.followsBlankLine || blankLine && trivia.leading.isEmpty
    if wantsBlankLine, !isAtStart { text += "\n" }
    text += blanks(indent)
    isAtStart = false
  }

  private mutating func write(_ comments: [Comment], indent: Int, blankLine: Bool) {
    for (index, comment) in comments.enumerated() {
      if comment.followsBlankLine || blankLine && index == 0, !isAtStart { text += "\n" }
      text += blanks(indent) + comment.text + "\n"
      isAtStart = false
    }
  }

  private mutating func writeTrailing(_ trivia: Trivia) {
    if let comment = trivia.trailing { text += "  " + comment.text }
    text += "\n"
  }
}

extension Item {
  fileprivate var isDefinition: Bool {
    switch kind {
    case .block, .model: true
    case .importFile, .constant: false
    }
  }
}

func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }
