import Diagnostics
import GraphIR

extension Elaborator {
  /// Runs a body in a scope of its own that begins with the given values.
  mutating func execute(_ body: Body, with values: [String: Value] = [:]) -> Flow {
    let last = frames.count - 1
    frames[last].scopes.append(values)
    defer { frames[last].scopes.removeLast() }
    for statement in body.statements {
      if case .returned(let value) = execute(statement) { return .returned(value) }
      if isAborted { return .returned(.invalid) }
    }
    return .next
  }

  private mutating func execute(_ statement: Statement) -> Flow {
    guard canGoOn(at: statement.range) else { return .returned(.invalid) }
    depth += 1
    defer { depth -= 1 }
    switch statement.kind {
    case .assign(let name, let expression):
      assign(evaluate(expression), to: name.text)
      return .next
    case .returnValue(let expression):
      if frames.count == 1 { resultVariables = variables(in: expression) }
      return .returned(evaluate(expression))
    case .call(let call):
      declare(call)
      return .next
    case .ifElse(let branches, let otherwise):
      for branch in branches {
        guard let isTrue = condition(branch.condition) else {
          return skip(branches.map(\.body) + [otherwise].compactMap { $0 })
        }
        if isTrue { return execute(branch.body) }
      }
      return otherwise.map { execute($0) } ?? .next
    case .forEach(let names, let isTuple, let values, let body):
      return executeLoop(names, isTuple: isTuple, over: values, body)
    }
  }

  /// The names of a list's elements that are variables.
  private func variables(in expression: Expression) -> [String?] {
    switch expression.kind {
    case .list(let parts), .tuple(let parts):
      parts.elements.map { if case .name(let name) = $0.value.kind { name } else { nil } }
    case .parenthesized(let inner): variables(in: inner)
    default: []
    }
  }

  private mutating func executeLoop(
    _ names: [Identifier], isTuple: Bool, over expression: Expression, _ body: Body
  ) -> Flow {
    let elements: any Sequence<Value>
    switch evaluate(expression) {
    case .list(let list): elements = list.elements
    case .range(let range): elements = range.lazy.map(Value.integer)
    case .invalid: return skip([body])
    case let other:
      report("a loop must run over a list or a range, not \(other.described)", at: expression.range)
      return .next
    }
    for element in elements {
      guard canGoOn(at: expression.range) else { return .returned(.invalid) }
      guard let values = bind(names, isTuple: isTuple, to: element, at: expression.range) else {
        return .next
      }
      if case .returned(let value) = execute(body, with: values) { return .returned(value) }
    }
    return .next
  }

  /// Passes over bodies of which nobody knows whether they run: what they may assign is invalid, and so
  /// is what they may return.
  private mutating func skip(_ bodies: [Body]) -> Flow {
    var flow = Flow.next
    for statement in bodies.flatMap(\.statements) {
      switch statement.kind {
      case .assign(let name, _):
        if lookUp(name.text) != nil { assign(.invalid, to: name.text) }
      case .returnValue:
        flow = .returned(.invalid)
      case .forEach(_, _, _, let body):
        if case .returned = skip([body]) { flow = .returned(.invalid) }
      case .ifElse(let branches, let otherwise):
        let inner = branches.map(\.body) + [otherwise].compactMap { $0 }
        if case .returned = skip(inner) { flow = .returned(.invalid) }
      case .call: break
      }
    }
    return flow
  }

  private mutating func bind(
    _ names: [Identifier], isTuple: Bool, to element: Value, at range: SourceRange
  ) -> [String: Value]? {
    guard isTuple else {
      return Dictionary(names.map { ($0.text, element) }, uniquingKeysWith: { first, _ in first })
    }
    if element.isInvalid {
      return Dictionary(names.map { ($0.text, .invalid) }, uniquingKeysWith: { first, _ in first })
    }
    guard case .list(let list) = element, list.elements.count == names.count else {
      let found =
        if case .list(let list) = element {
          "one of \(list.elements.count) values"
        } else { element.described }
      report("the loop takes tuples of \(names.count) values, but found \(found)", at: range)
      return nil
    }
    return Dictionary(
      zip(names.map(\.text), list.elements), uniquingKeysWith: { _, second in second })
  }

  /// Evaluates a condition; `nil` if it is none, which is reported.
  mutating func condition(_ expression: Expression) -> Bool? {
    switch evaluate(expression) {
    case .boolean(let value): return value
    case .invalid: return nil
    case let other:
      report("a condition must be true or false, not \(other.described)", at: expression.range)
      return nil
    }
  }

  // MARK: Parameters of the model

  mutating func bindParameters(of model: Definition, _ overrides: Overrides) {
    let names = model.parameters.map(\.name.text)
    for name in overrides.names where !names.contains(name) {
      let list = names.isEmpty ? "none" : names.joined(separator: ", ")
      add(
        unknownName(
          "the model '\(model.name.text)' has no parameter '\(name)'",
          Identifier(text: name, range: overrides.range(ofName: name)), among: names,
          notes: [.init("its parameters: \(list)", at: model.name.range)]))
    }
    for parameter in model.parameters {
      let name = parameter.name.text
      let standard = parameter.defaultValue.map { evaluate($0) }
      var value = standard ?? .invalid
      if overrides.names.contains(name) {
        value = overriddenValue(of: parameter, standard, overrides)
      } else if standard == nil {
        add(
          Diagnostic(
            "the parameter '\(name)' has no default; give it a value with --set \(name)=…",
            at: parameter.name.range))
      }
      frame.scopes[0][name] = value
    }
  }

  private mutating func overriddenValue(
    of parameter: Parameter, _ standard: Value?, _ overrides: Overrides
  ) -> Value {
    let name = parameter.name.text
    if case .string = standard { return .string(overrides.values[name] ?? "") }
    let (expression, problems) = overrides.parse(name)
    problems.forEach { add($0) }
    guard let expression else { return .invalid }
    var resolution = NameResolution(Program(files: [], constants: [(parameter.name, expression)]))
    resolution.run()
    resolution.diagnostics.forEach { add($0) }
    guard resolution.diagnostics.isEmpty else { return .invalid }
    let value = evaluate(expression)
    switch (standard, value) {
    case (nil, _), (.invalid, _), (_, .invalid), (.integer, .integer), (.real, .real),
      (.boolean, .boolean), (.list, .list), (.range, .range):
      return value
    case (.real, .integer(let number)):
      return .real(Double(number))
    default:
      add(
        Diagnostic(
          "'\(name)' takes \(standard?.described ?? "a value"), not \(value.described)",
          at: overrides.range(ofValue: name),
          notes: [.init("its default is here", at: parameter.defaultValue?.range)]))
      return .invalid
    }
  }
}
