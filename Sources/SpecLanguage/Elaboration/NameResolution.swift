import Diagnostics

/// Checks, before anything is elaborated, that every name stands for something and that every call
/// fits what it calls, in blocks that no model uses as well.
struct NameResolution {
  private let program: Program
  private(set) var diagnostics: [Diagnostic] = []
  private var constants: Set<String> = []
  /// The names in each pair of braces around the current place, outermost first.
  private var scopes: [Set<String>] = []
  private var isInModel = false

  init(_ program: Program) {
    self.program = program
  }

  mutating func run() {
    for constant in program.constants {
      check(constant.value)
      constants.insert(constant.name.text)
    }
    for block in program.blocks { check(block) }
    isInModel = true
    if let model = program.model { check(model) }
  }

  private mutating func check(_ definition: Definition) {
    scopes = [[]]
    for parameter in definition.parameters {
      if let value = parameter.defaultValue { check(value) }
      if !scopes[0].insert(parameter.name.text).inserted {
        diagnostics.append(
          Diagnostic("'\(parameter.name.text)' is a parameter already", at: parameter.name.range))
      }
    }
    check(definition.body, declaring: [])
    scopes = []
  }

  private mutating func check(_ body: Body, declaring names: [Identifier]) {
    scopes.append(Set(names.map(\.text)))
    for statement in body.statements { check(statement) }
    scopes.removeLast()
  }

  private mutating func check(_ statement: Statement) {
    switch statement.kind {
    case .assign(let name, let value):
      check(value)
      if !scopes.contains(where: { $0.contains(name.text) }) {
        scopes[scopes.count - 1].insert(name.text)
      }
    case .forEach(let names, _, let values, let body):
      check(values)
      check(body, declaring: names)
    case .ifElse(let branches, let otherwise):
      for branch in branches {
        check(branch.condition)
        check(branch.body, declaring: [])
      }
      if let otherwise { check(otherwise, declaring: []) }
    case .returnValue(let value):
      check(value)
    case .call(let call):
      checkDeclaration(call)
    }
  }

  private mutating func checkDeclaration(_ call: Call) {
    check(call, isPiped: false, label: nil, isStatement: true)
    guard let signature = program.callables[call.callee.text] else { return }
    guard case .declaration = signature.kind else {
      diagnostics.append(
        Diagnostic(
          "the result of '\(call.callee.text)' is not used; write 'name = \(call.callee.text)(…)'",
          at: call.range))
      return
    }
    if !isInModel {
      diagnostics.append(
        Diagnostic(
          "'\(call.callee.text)' belongs into the model, not into a block",
          at: call.range))
    }
  }

  // MARK: Expressions

  private mutating func check(_ expression: Expression) {
    switch expression.kind {
    case .integer, .real, .string, .boolean:
      break
    case .name(let name):
      checkName(Identifier(text: name, range: expression.range))
    case .list(let parts), .tuple(let parts):
      check(parts)
    case .parenthesized(let inner), .unary(_, let inner), .member(let inner, _):
      check(inner)
    case .binary(_, let left, let right), .index(let left, let right):
      check(left)
      check(right)
    case .conditional(let then, let condition, let otherwise):
      check(then)
      check(condition)
      check(otherwise)
    case .input(let dimensions):
      check(dimensions)
      if !isInModel {
        diagnostics.append(
          Diagnostic(
            "only the model itself has an input; give it to the block as a parameter",
            at: expression.range))
      }
    case .call(let call):
      check(call, isPiped: false, label: nil)
    case .pipeline(let source, let stages):
      check(source)
      for stage in stages {
        for value in stage.label?.interpolations ?? [] { check(value) }
        check(stage.call, isPiped: true, label: stage.label)
      }
    }
  }

  private mutating func check(_ arguments: Arguments) {
    for element in arguments.elements { check(element.value) }
  }

  private mutating func checkName(_ name: Identifier) {
    if constants.contains(name.text) || scopes.contains(where: { $0.contains(name.text) }) {
      return
    }
    if program.callables[name.text] != nil {
      diagnostics.append(
        Diagnostic("'\(name.text)' is no value; call it, as in '\(name.text)(x)'", at: name.range))
    } else if !program.lacksImports {
      let visible = scopes.reduce(constants) { $0.union($1) }
      diagnostics.append(unknownName("unknown name '\(name.text)'", name, among: visible))
    }
  }

  private mutating func check(
    _ call: Call, isPiped: Bool, label: Label?, isStatement: Bool = false
  ) {
    if let arguments = call.arguments { check(arguments) }
    let callee = call.callee
    guard let signature = program.callables[callee.text] else {
      if program.lacksImports { return }
      diagnostics.append(
        unknownName(
          "unknown operation or block '\(callee.text)'", callee, among: program.callables.keys))
      return
    }
    diagnostics += Binding(call, to: signature, isPiped: isPiped).problems
    switch signature.kind {
    case .operation(let operation) where operation.hasWeights && label == nil:
      diagnostics.append(
        Diagnostic(
          "'\(callee.text)' has weights and needs a name for them: "
            + "'x |> name: \(callee.text)(…)'", at: call.range))
    case .declaration where !isStatement:
      diagnostics.append(
        Diagnostic("'\(callee.text)' is a statement and has no value", at: callee.range))
    case .function where isPiped && label != nil:
      diagnostics.append(
        Diagnostic("a function has no weights and takes no name", at: label?.range))
    default:
      break
    }
  }
}
