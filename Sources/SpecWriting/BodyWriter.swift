/// Divides a body into statements. A value that is read once and comes first where it is read goes
/// on in a pipeline; every other gets a name.
struct BodyWriter {
  private let body: Body
  private var readCount: [Int]
  /// The steps of which a step is an operand.
  private var readers: [[Int]]
  private var isNamed: [Bool]
  /// Steps that are written inside of a choice.
  private var isInBranch: [Bool]
  private var isEmitted: [Bool]
  private var statements: [ValueNames.Definition] = []

  /// The statements, one a line or more, the last of which returns the results.
  static func lines(of body: Body) -> [String] {
    var writer = Self(body)
    writer.findNames()
    return writer.write()
  }

  private init(_ body: Body) {
    self.body = body
    readCount = Array(repeating: 0, count: body.steps.count)
    readers = Array(repeating: [], count: body.steps.count)
    isNamed = Array(repeating: false, count: body.steps.count)
    isInBranch = isNamed
    isEmitted = isNamed
  }

  // MARK: Which values have names

  private mutating func findNames() {
    func note(_ value: Value, named: Bool = false) {
      guard case .step(let index) = value else { return }
      readCount[index] += 1
      if named { isNamed[index] = true }
    }
    for index in body.steps.indices {
      let step = body.steps[index]
      for case .step(let operand) in step.operands { readers[operand].append(index) }
      switch step.kind {
      case .call(_, let callee, let arguments):
        for (slot, operand) in step.operands.enumerated() {
          note(operand, named: slot > 0 || callee == "concat")
        }
        for value in arguments.flatMap(\.values) { note(value, named: true) }
      case .choice(let cases, let otherwise):
        isNamed[index] = true
        for (condition, value) in cases {
          note(value)
          for named in condition.values { note(named, named: true) }
        }
        note(otherwise)
      case .loop:
        isNamed[index] = true
        for operand in step.operands { note(operand, named: true) }
      case .source:
        break
      }
    }
    for result in body.results { note(result, named: body.results.count > 1) }
    for index in body.steps.indices where readCount[index] > 1 { isNamed[index] = true }
    for step in body.steps {
      guard case .choice(let cases, let otherwise) = step.kind else { continue }
      for value in cases.map(\.value) + [otherwise] { markBranch(value) }
    }
  }

  /// Marks the chain that ends in the value and belongs to one case only.
  private mutating func markBranch(_ value: Value) {
    var value = value
    while case .step(let index) = value, readCount[index] == 1 {
      switch body.steps[index].kind {
      case .call where body.steps[index].isExclusive:
        isInBranch[index] = true
        guard let operand = body.steps[index].operands.first else { return }
        value = operand
      case .choice where isChoiceOfBranch(index):
        isInBranch[index] = true
        isNamed[index] = false
        return
      default:
        return
      }
    }
  }

  /// Whether the one reader of a choice belongs to a case of another choice.
  private func isChoiceOfBranch(_ choice: Int) -> Bool {
    readers[choice].contains { isInBranch[$0] }
  }

  // MARK: Statements

  private mutating func write() -> [String] {
    for index in body.steps.indices where isNamed[index] && !isInBranch[index] { emit(index) }
    let result: Phrase
    if body.results.count == 1 {
      for value in dependencies(of: body.results[0]) { emit(value) }
      result = phrase(for: body.results[0])
    } else {
      result =
        "[" + Phrase(joining: body.results.map { Phrase(name: $0) }, separator: ", ") + "]"
    }
    var naming = ValueNames()
    return naming.lines(statements, returning: result)
  }

  private mutating func emit(_ index: Int) {
    guard !isEmitted[index] else { return }
    isEmitted[index] = true
    let step = body.steps[index]
    for value in dependencies(of: .step(index), isDefinition: true) { emit(value) }
    if case .loop(let lines) = step.kind {
      statements.append(
        .init(
          defines: .step(index), phrase: Phrase(name: step.operands[0]), loop: lines, name: "x"))
    } else {
      statements.append(
        .init(
          defines: .step(index), phrase: phrase(for: .step(index), isDefinition: true), loop: nil,
          name: likelyName(index)))
    }
  }

  /// The steps with names that must come before the phrase of a value, in order.
  private func dependencies(of value: Value, isDefinition: Bool = false) -> [Int] {
    // Along a pipeline by a loop: a network without blocks is one of any length.
    var parts: [[Int]] = []
    var value = value
    var isDefinition = isDefinition
    walk: while case .step(let index) = value {
      if isNamed[index], !isInBranch[index], !isDefinition {
        parts.append([index])
        break
      }
      isDefinition = false
      let step = body.steps[index]
      switch step.kind {
      case .call(_, _, let arguments):
        let others = step.operands.dropFirst() + arguments.flatMap(\.values)
        parts.append(others.flatMap { dependencies(of: $0) })
      case .choice(let cases, let otherwise):
        let values = cases.flatMap { $0.condition.values + [$0.value] } + [otherwise]
        parts.append(values.flatMap { dependencies(of: $0) })
        break walk
      case .loop, .source:
        break
      }
      guard let operand = step.operands.first else { break }
      value = operand
    }
    return parts.reversed().flatMap { $0 }
  }

  /// The value by its name or, if it has none, as a pipeline.
  private func phrase(for value: Value, isDefinition: Bool = false) -> Phrase {
    var stages: [Phrase] = []
    var value = value
    var isDefinition = isDefinition
    while case .step(let index) = value, isDefinition || !isNamed[index] {
      let step = body.steps[index]
      isDefinition = false
      switch step.kind {
      case .call(let label, let callee, let arguments):
        if callee == "concat" || step.operands.isEmpty {
          return Phrase(
            joining: [source(step, callee, arguments)] + stages.reversed(), separator: " |> ")
        }
        let others = step.operands.dropFirst().map { Phrase(name: $0) } + arguments
        let name = (label.map { $0 + ": " } ?? "") + callee
        stages.append(
          others.isEmpty
            ? Phrase(name) : name + "(" + Phrase(joining: others, separator: ", ") + ")")
        value = step.operands[0]
      case .choice(let cases, let otherwise):
        let text = conditional(cases, otherwise)
        if stages.isEmpty { return text }
        return Phrase(joining: ["(" + text + ")"] + stages.reversed(), separator: " |> ")
      case .source(let text):
        return Phrase(joining: [Phrase(text)] + stages.reversed(), separator: " |> ")
      case .loop:
        return Phrase(joining: [Phrase(name: value)] + stages.reversed(), separator: " |> ")
      }
    }
    return Phrase(joining: [Phrase(name: value)] + stages.reversed(), separator: " |> ")
  }

  private func source(_ step: Body.Step, _ callee: String, _ arguments: [Phrase]) -> Phrase {
    let operands = Phrase(joining: step.operands.map { Phrase(name: $0) }, separator: ", ")
    let all = (step.operands.isEmpty ? [] : ["[" + operands + "]"]) + arguments
    return callee + "(" + Phrase(joining: all, separator: ", ") + ")"
  }

  private func conditional(
    _ cases: [(condition: Phrase, value: Value)], _ otherwise: Value
  ) -> Phrase {
    cases.reduce(Phrase("")) { text, part in
      text + phrase(for: part.value) + " if " + part.condition + " else "
    } + phrase(for: otherwise)
  }

  /// What a person would call the value, from what it is read for: `s` is a shortcut, `y` what it is
  /// added to.
  private func likelyName(_ index: Int) -> String {
    for reader in readers[index] {
      let step = body.steps[reader]
      guard case .call(_, let callee, _) = step.kind,
        let slot = step.operands.firstIndex(of: .step(index))
      else { continue }
      switch (callee, slot) {
      case ("mul", 0): return "y"
      case ("mul", _): return "gate"
      case ("add", _):
        let isShortcut = step.operands.map(isShortcut)
        return isShortcut[slot] != isShortcut[1 - slot]
          ? isShortcut[slot] ? "s" : "y" : slot == 0 ? "y" : "s"
      default: continue
      }
    }
    return "a"
  }

  private func isShortcut(_ value: Value) -> Bool {
    guard case .step(let index) = value else { return true }
    if case .choice = body.steps[index].kind { return true }
    return false
  }
}
