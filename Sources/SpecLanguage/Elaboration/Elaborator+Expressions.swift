import Diagnostics
import GraphIR

extension Elaborator {
  mutating func evaluate(_ expression: Expression) -> Value {
    guard canGoOn(at: expression.range) else { return .invalid }
    depth += 1
    defer { depth -= 1 }
    switch expression.kind {
    case .integer, .real, .string, .boolean: return literal(expression)
    case .name(let name): return lookUp(name) ?? .invalid
    case .list(let parts), .tuple(let parts): return list(parts, at: expression.range)
    case .parenthesized(let inner): return evaluate(inner)
    case .unary(let symbol, let operand): return unary(symbol, operand, at: expression.range)
    case .binary(let symbol, let left, let right): return binary(symbol, left, right)
    case .conditional(let then, let test, let otherwise):
      guard let isTrue = condition(test) else { return .invalid }
      return evaluate(isTrue ? then : otherwise)
    case .member(let base, let name): return member(name, of: base)
    case .index(let base, let index): return element(of: base, at: index)
    case .input(let dimensions): return input(dimensions, at: expression.range)
    case .call(let call): return evaluate(call, piped: nil, label: nil, range: expression.range)
    case .pipeline(let source, let stages):
      var value = evaluate(source)
      for stage in stages {
        value = evaluate(stage.call, piped: value, label: stage.label, range: stage.range)
      }
      return value
    }
  }

  private mutating func literal(_ expression: Expression) -> Value {
    switch expression.kind {
    case .integer(let text):
      if let value = Int(text) { return .integer(value) }
      report("the integer does not fit in 64 bits", at: expression.range)
    case .real(let text):
      if let value = Double(text), value.isFinite { return .real(value) }
      report("the number is too large", at: expression.range)
    case .string(let text):
      if let value = unquoted(text) { return .string(value) }
      report(
        "the string has an unknown escape; there are \\\", \\\\, \\n and \\t",
        at: expression.range)
    case .boolean(let value):
      return .boolean(value)
    default: break
    }
    return .invalid
  }

  private mutating func list(_ parts: Arguments, at range: SourceRange) -> Value {
    let elements = parts.elements.map { evaluate($0.value) }
    if let list = ValueList(elements) { return .list(list) }
    report(
      "the list holds more than \(ValueList.maximumSize) values or "
        + "\(ValueList.maximumHeight) levels", at: range)
    return .invalid
  }

  // MARK: Operators

  private mutating func unary(
    _ symbol: String, _ operand: Expression, at range: SourceRange
  ) -> Value {
    let value = evaluate(operand)
    switch (symbol, value) {
    case (_, .invalid): return .invalid
    case ("not", .boolean(let value)): return .boolean(!value)
    case ("-", .real(let value)): return .real(-value)
    case ("-", .integer(let value)):
      if value != .min { return .integer(-value) }
      report("the negated integer does not fit in 64 bits", at: range)
    default:
      report("'\(symbol)' cannot be applied to \(value.described)", at: operand.range)
    }
    return .invalid
  }

  private mutating func binary(
    _ symbol: Identifier, _ left: Expression, _ right: Expression
  ) -> Value {
    if symbol.text == "and" || symbol.text == "or" {
      guard let first = condition(left) else { return .invalid }
      if first == (symbol.text == "or") { return .boolean(first) }
      return condition(right).map(Value.boolean) ?? .invalid
    }
    let (a, b) = (evaluate(left), evaluate(right))
    guard !a.isInvalid, !b.isInvalid else { return .invalid }
    do throws(ArithmeticError) {
      return try apply(symbol.text, a, b)
    } catch {
      report(
        error.message,
        at: SourceRange(
          file: symbol.range.file, lower: left.range.lower, upper: right.range.upper))
      return .invalid
    }
  }

  // MARK: Parts of values

  private mutating func member(_ name: Identifier, of base: Expression) -> Value {
    let value = evaluate(base)
    guard !value.isInvalid else { return .invalid }
    guard case .tensor(let id) = value else {
      report("only a tensor has properties; this is \(value.described)", at: base.range)
      return .invalid
    }
    let shape = graph[id].type.shape
    switch name.text {
    case "shape":
      return ValueList(shape.dimensions.map(Value.integer)).map(Value.list) ?? .invalid
    case "batch": return .integer(shape.batch)
    case "channels": return .integer(shape.channels)
    case "height": return .integer(shape.height)
    case "width": return .integer(shape.width)
    default:
      add(
        unknownName(
          "a tensor has no property '\(name.text)'", name,
          among: ["shape", "batch", "channels", "height", "width"],
          otherwise: "it has shape, batch, channels, height and width"))
      return .invalid
    }
  }

  private mutating func element(of base: Expression, at index: Expression) -> Value {
    let (value, position) = (evaluate(base), evaluate(index))
    guard !value.isInvalid, !position.isInvalid else { return .invalid }
    guard case .list(let list) = value else {
      report("only a list has elements; this is \(value.described)", at: base.range)
      return .invalid
    }
    guard case .integer(let number) = position else {
      report("an index must be an integer, not \(position.described)", at: index.range)
      return .invalid
    }
    guard list.elements.indices.contains(number) else {
      report(
        "the index \(number) is out of range; the list has \(list.elements.count) elements, "
          + "counted from 0", at: index.range)
      return .invalid
    }
    return list.elements[number]
  }

  private mutating func input(_ dimensions: Arguments, at range: SourceRange) -> Value {
    var sizes: [Int] = []
    for element in dimensions.elements {
      switch evaluate(element.value) {
      case .integer(let size) where (1...Limits.dimension).contains(size): sizes.append(size)
      case .invalid: return .invalid
      case .integer(let size):
        report(
          "a dimension must be between 1 and \(Limits.dimension), not \(size)",
          at: element.value.range)
        return .invalid
      case let other:
        report("a dimension must be an integer, not \(other.described)", at: element.value.range)
        return .invalid
      }
    }
    guard sizes.count == 4 || sizes.count == 2 else {
      report(
        "an input must be [batch, channels, height, width] or [batch, features], not "
          + "\(Shape(sizes))", at: range)
      return .invalid
    }
    if let first = graph.inputs.first {
      report(
        "a model can have only one input", at: range,
        notes: [.init("the first one is here", at: graph[first].sources.first)])
      return .invalid
    }
    guard checkSize(of: Shape(sizes), at: range) else { return .invalid }
    paths["input"] = range
    return .tensor(graph.appendInput(TensorType(Shape(sizes)), sources: [range]))
  }
}

/// How large the numbers of a network may be, so that no product of them overflows.
enum Limits {
  /// A dimension, a stride, a kernel's side and the like.
  static let dimension = 1 << 20
  /// The elements of one tensor or parameter.
  static let elements = Int(Int32.max)
}
