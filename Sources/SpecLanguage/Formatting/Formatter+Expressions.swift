import Diagnostics

/// Comma-separated parts between brackets.
struct Brackets {
  var opening: String
  var closing: String
  var elements: [BracketElement]
  var dangling: [Comment]
  /// A comma behind a single element says that this is a tuple.
  var isTuple = false

  init(_ opening: String, _ closing: String, _ elements: [BracketElement], dangling: [Comment]) {
    self.opening = opening
    self.closing = closing
    self.elements = elements
    self.dangling = dangling
  }

  init(_ opening: String, _ closing: String, _ arguments: Arguments, isTuple: Bool = false) {
    self.init(
      opening, closing,
      arguments.elements.map {
        BracketElement(
          prefix: $0.name.map { "\($0.text): " } ?? "", value: $0.value, trivia: $0.trivia)
      }, dangling: arguments.danglingComments)
    self.isTuple = isTuple
  }
}

struct BracketElement {
  /// What stands before the value, or all there is.
  var prefix: String
  var value: Expression?
  var trivia: Trivia
}

extension Formatter {
  static let width = 100

  // MARK: One line

  /// The expression on one line; `nil` if a comment in it must end a line.
  func flat(_ expression: Expression) -> String? {
    switch expression.kind {
    case .integer(let text), .real(let text), .string(let text), .name(let text): return text
    case .boolean(let value): return value ? "true" : "false"
    case .list(let parts): return flat(Brackets("[", "]", parts))
    case .tuple(let parts): return flat(Brackets("(", ")", parts, isTuple: true))
    case .input(let parts): return flat(Brackets("[", "]", parts)).map { "input" + $0 }
    case .parenthesized(let inner): return flat(inner).map { "(\($0))" }
    case .unary(let symbol, let operand):
      return flat(operand).map { symbol == "not" ? "not \($0)" : symbol + $0 }
    case .binary(let symbol, let left, let right):
      guard let left = flat(left), let right = flat(right) else { return nil }
      return left + spaced(symbol.text) + right
    case .conditional(let then, let condition, let otherwise):
      guard let then = flat(then), let condition = flat(condition),
        let otherwise = flat(otherwise)
      else { return nil }
      return "\(then) if \(condition) else \(otherwise)"
    case .member(let base, let name): return flat(base).map { "\($0).\(name.text)" }
    case .index(let base, let index):
      guard let base = flat(base), let index = flat(index) else { return nil }
      return "\(base)[\(index)]"
    case .call(let call): return flat(call, label: nil)
    case .pipeline(let source, let stages):
      guard var text = flat(source) else { return nil }
      for stage in stages {
        guard !stage.trivia.hasComments, let next = flat(stage.call, label: stage.label) else {
          return nil
        }
        text += " |> " + next
      }
      return text
    }
  }

  private func flat(_ call: Call, label: Label?) -> String? {
    let head = head(of: call, label)
    guard let arguments = call.arguments else { return head }
    return flat(Brackets("(", ")", arguments)).map { head + $0 }
  }

  private func flat(_ brackets: Brackets) -> String? {
    guard brackets.dangling.isEmpty else { return nil }
    var parts: [String] = []
    for element in brackets.elements {
      guard let text = flat(element) else { return nil }
      parts.append(text)
    }
    let comma = brackets.isTuple && parts.count == 1 ? "," : ""
    return brackets.opening + parts.joined(separator: ", ") + comma + brackets.closing
  }

  private func flat(_ element: BracketElement) -> String? {
    guard !element.trivia.hasComments else { return nil }
    guard let value = element.value else { return element.prefix }
    return flat(value).map { element.prefix + $0 }
  }

  private func head(of call: Call, _ label: Label?) -> String {
    let label = label.map { label in
      label.parts.map { part in
        switch part {
        case .text(let text): text
        // Braces do not span lines, so there is no comment in them.
        case .interpolation(let value): "{\(flat(value) ?? "")}"
        }
      }.joined() + ": "
    }
    return (label ?? "") + call.callee.text
  }

  private func spaced(_ symbol: String) -> String { symbol == "..<" ? symbol : " \(symbol) " }

  // MARK: Several lines

  /// The expression from `column` on, on one line if it fits there.
  ///
  /// - Parameters:
  ///   - indent: where the line begins; lines that continue it begin two columns further right.
  ///   - reserve: the number of characters that come behind it on its last line.
  func layout(_ expression: Expression, indent: Int, column: Int, reserve: Int) -> String {
    if let text = flat(expression), column + text.count + reserve <= Self.width { return text }
    func after(_ text: String, _ part: Expression, reserve: Int) -> String {
      text + layout(part, indent: indent, column: endColumn(text, from: column), reserve: reserve)
    }
    switch expression.kind {
    case .integer, .real, .string, .boolean, .name:
      return flat(expression) ?? ""
    case .list(let parts):
      return layout(Brackets("[", "]", parts), indent: indent, column: column, reserve: reserve)
    case .tuple(let parts):
      return layout(
        Brackets("(", ")", parts, isTuple: true), indent: indent, column: column, reserve: reserve)
    case .input(let parts):
      return "input"
        + layout(Brackets("[", "]", parts), indent: indent, column: column + 5, reserve: reserve)
    case .parenthesized(let inner):
      return after("(", inner, reserve: reserve + 1) + ")"
    case .unary(let symbol, let operand):
      return after(symbol == "not" ? "not " : symbol, operand, reserve: reserve)
    case .binary(let symbol, let left, let right):
      let left = layout(left, indent: indent, column: column, reserve: 0)
      return after(left + spaced(symbol.text), right, reserve: reserve)
    case .member(let base, let name):
      return layout(base, indent: indent, column: column, reserve: reserve) + ".\(name.text)"
    case .index(let base, let index):
      let base = layout(base, indent: indent, column: column, reserve: 0)
      return after(base + "[", index, reserve: reserve + 1) + "]"
    case .conditional(let then, let condition, let otherwise):
      let then = layout(then, indent: indent, column: column, reserve: 0)
      let head = after(then + " if ", condition, reserve: 0)
      let line = "\n\(blanks(indent + 2))else "
      return head + line
        + layout(otherwise, indent: indent + 2, column: indent + 7, reserve: reserve)
    case .call(let call):
      return layout(call, label: nil, indent: indent, column: column, reserve: reserve)
    case .pipeline(let source, let stages):
      return layout(source, stages, indent: indent, column: column, reserve: reserve)
    }
  }

  func layout(_ call: Call, label: Label?, indent: Int, column: Int, reserve: Int) -> String {
    let head = head(of: call, label)
    guard let arguments = call.arguments else { return head }
    return head
      + layout(
        Brackets("(", ")", arguments), indent: indent, column: column + head.count,
        reserve: reserve)
  }

  private func layout(
    _ source: Expression, _ stages: [Stage], indent: Int, column: Int, reserve: Int
  ) -> String {
    var text = layout(source, indent: indent, column: column, reserve: 0)
    let indent = indent + 2
    var mustBreak = true
    for (index, stage) in stages.enumerated() {
      let isLast = index == stages.count - 1
      let room = isLast ? reserve : 0
      let fits =
        flat(stage.call, label: stage.label).map {
          endColumn(text, from: column) + 4 + $0.count + room <= Self.width
        } ?? false
      if mustBreak || !fits || stage.hasPositionalArguments || !stage.trivia.leading.isEmpty {
        text += "\n" + blanks(indent)
        for comment in stage.trivia.leading { text += comment.text + "\n" + blanks(indent) }
      } else {
        text += " "
      }
      text += "|> "
      text += layout(
        stage.call, label: stage.label, indent: indent, column: endColumn(text, from: column),
        reserve: room)
      if let comment = stage.trivia.trailing { text += "  " + comment.text }
      mustBreak = stage.trivia.trailing != nil
    }
    return text
  }

  func layout(_ brackets: Brackets, indent: Int, column: Int, reserve: Int) -> String {
    if let text = flat(brackets), column + text.count + reserve <= Self.width { return text }
    if brackets.elements.isEmpty, brackets.dangling.isEmpty {
      return brackets.opening + brackets.closing
    }
    if let only = brackets.elements.first, brackets.elements.count == 1, brackets.isHuggable,
      let value = only.value
    {
      // `labels([`, not two levels of brackets on two lines.
      return brackets.opening
        + layout(value, indent: indent, column: column + 1, reserve: reserve + 1)
        + brackets.closing
    }
    var text = brackets.opening
    var line = ""
    func endLine() {
      if !line.isEmpty { text += "\n" + blanks(indent + 2) + line }
      line = ""
    }
    for element in brackets.elements {
      if let leaf = element.leaf {
        // Short values stand in rows.
        if !line.isEmpty, indent + 2 + line.count + 1 + leaf.count + 1 > Self.width { endLine() }
        line += (line.isEmpty ? "" : " ") + leaf + ","
        continue
      }
      endLine()
      for comment in element.trivia.leading { text += "\n" + blanks(indent + 2) + comment.text }
      text += "\n" + blanks(indent + 2) + element.prefix
      if let value = element.value {
        text += layout(
          value, indent: indent + 2, column: indent + 2 + element.prefix.count, reserve: 1)
      }
      text += ","
      if let comment = element.trivia.trailing { text += "  " + comment.text }
    }
    endLine()
    for comment in brackets.dangling { text += "\n" + blanks(indent + 2) + comment.text }
    return text + "\n" + blanks(indent) + brackets.closing
  }

  /// The column behind a text that begins at `column`.
  private func endColumn(_ text: String, from column: Int) -> Int {
    guard let newline = text.lastIndex(of: "\n") else { return column + text.count }
    return text.distance(from: newline, to: text.endIndex) - 1
  }
}

extension Brackets {
  /// The only element is in brackets itself and brings no comments.
  fileprivate var isHuggable: Bool {
    guard dangling.isEmpty, !isTuple, let element = elements.first, element.prefix.isEmpty,
      !element.trivia.hasComments
    else { return false }
    switch element.value?.kind {
    case .list, .tuple: return true
    default: return false
    }
  }
}

extension BracketElement {
  /// The text of an element that is a single word without a name and comments.
  fileprivate var leaf: String? {
    guard prefix.isEmpty, !trivia.hasComments else { return nil }
    switch value?.kind {
    case .integer(let text), .real(let text), .string(let text), .name(let text): return text
    default: return nil
    }
  }
}

extension Stage {
  fileprivate var hasPositionalArguments: Bool {
    call.arguments?.elements.contains { $0.name == nil } ?? false
  }
}
