/// What stands between the braces of a block or the model, before it is divided into statements: a
/// graph of calls, choices and loops.
struct Body {
  enum Kind {
    /// `operand |> label: callee(arguments)`. Without an operand the call stands by itself.
    case call(label: String?, callee: String, arguments: [Phrase])
    /// `value if condition else … otherwise`
    case choice([(condition: Phrase, value: Value)], otherwise: Value)
    /// Lines in which `x` stands for the operand before and for the result behind them.
    case loop([String])
    /// Text that is a value, such as the input of a network.
    case source(String)
  }

  struct Step {
    var kind: Kind
    /// The operands of a call or a loop.
    var operands: [Value] = []
    /// The step may only run where the choice that it leads to takes it.
    var isExclusive = false
  }

  var steps: [Step] = []
  var results: [Value] = []

  /// Appends a step and returns its result.
  mutating func append(_ step: Step) -> Value {
    steps.append(step)
    return .step(steps.count - 1)
  }
}
