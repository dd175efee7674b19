import GraphIR

/// A block as it will be written.
struct Block {
  /// What an instance may tell it.
  struct Parameter {
    var name: String
    var role: Role
    /// The value in each instance.
    var values: [Literal]
    /// What it is where an instance does not say.
    var standard: Literal?
  }

  var name: String
  /// Those without a standard first.
  var parameters: [Parameter]
  var body: Body
}

/// Makes a block from a template: what differs between the instances becomes a parameter or is
/// computed from one, and every choice gets conditions.
struct BlockBuilder {
  private let template: BlockTemplate
  private let graph: Graph
  private let calls: [OperationCall?]
  /// The label of each node of the template that has one, within the instance.
  private let labels: [Int: String]
  private var parameters: [Block.Parameter] = []

  static func block(
    named name: String, _ template: BlockTemplate, in graph: Graph, calls: [OperationCall?],
    labels: [Int: String]
  ) -> Block {
    var builder = Self(template, graph, calls, labels)
    return builder.build(name)
  }

  private init(
    _ template: BlockTemplate, _ graph: Graph, _ calls: [OperationCall?], _ labels: [Int: String]
  ) {
    self.template = template
    self.graph = graph
    self.calls = calls
    self.labels = labels
  }

  private mutating func build(_ name: String) -> Block {
    let order = callsInOrder()
    // First what all instances have: what only some have is likely to be computed from it.
    // And padding is likely to be the dilation.
    for (isPartial, isPadding) in [(false, false), (false, true), (true, false), (true, true)] {
      for node in order where template.isCommon(node) != isPartial {
        for vector in arguments(of: node).flatMap(\.elements)
        where (vector.role == .pad) == isPadding {
          addParameter(for: vector)
        }
      }
    }
    var body = Body(results: [template.result])
    for (index, node) in template.nodes.enumerated() {
      switch node.kind {
      case .call(let inputs): body.steps.append(step(index, inputs))
      case .choice(let cases): body.steps.append(.init(kind: choice(index, among: cases)))
      }
    }
    let sorted =
      parameters.filter { $0.standard == nil } + parameters.filter { $0.standard != nil }
    return Block(name: name, parameters: sorted, body: body)
  }

  /// The calls of the template in the order in which they will be written: operands first.
  private func callsInOrder() -> [Int] {
    var order: [Int] = []
    var seen: Set<Int> = []
    func visit(_ value: Value) {
      guard case .step(let index) = value, seen.insert(index).inserted else { return }
      switch template.nodes[index].kind {
      case .call(let inputs):
        inputs.forEach(visit)
        order.append(index)
      case .choice(let cases):
        for part in cases { visit(part.value) }
      }
    }
    visit(template.result)
    return order
  }

  // MARK: Arguments

  /// One value of an argument in all instances; `nil` where an instance has no such call.
  private struct Vector {
    var role: Role
    var values: [Literal?]
    var isConstant: Bool { Set(values.compactMap { $0 }).count == 1 }
  }

  private struct ArgumentVectors {
    var isPositional: Bool
    var isTuple: Bool
    var keyword: String
    var elements: [Vector]
  }

  /// The arguments that must be written, with their values in all instances.
  private func arguments(of node: Int) -> [ArgumentVectors] {
    let members = template.nodes[node].members.map { $0.flatMap { calls[$0.index] } }
    guard let first = members.lazy.compactMap({ $0 }).first else { return [] }
    return first.arguments.indices.compactMap { slot in
      let arguments = members.map { $0?.arguments[slot] }
      guard arguments.contains(where: { $0?.isDefault == false }) else { return nil }
      var elements = first.arguments[slot].elements.indices.map { element in
        Vector(
          role: first.arguments[slot].role, values: arguments.map { $0?.elements[element] })
      }
      if elements.count == 1, !elements[0].isConstant,
        let word = first.arguments[slot].conventions.first(where: { word in
          arguments.allSatisfy { $0?.conventions.contains(word) ?? true }
        })
      {
        elements[0].values = arguments.map { $0.map { _ in word } }
      }
      return ArgumentVectors(
        isPositional: first.arguments[slot].isPositional,
        isTuple: first.arguments[slot].isTuple,
        keyword: first.arguments[slot].role.rawValue, elements: elements)
    }
  }

  private func step(_ node: Int, _ inputs: [Value]) -> Body.Step {
    let call = template.anyMember(node).flatMap { calls[$0.index] }
    var arguments = self.arguments(of: node).map { argument in
      let values = argument.elements.map { phrase(for: $0) ?? Phrase("") }
      let text =
        argument.isTuple ? tuple(values) : Phrase(joining: values, separator: ", ")
      return argument.isPositional ? text : "\(argument.keyword): " + text
    }
    var label = labels[node]
    if call?.isConstant == true {
      arguments.insert(Phrase("\"\(label ?? "")\""), at: 0)
      label = nil
    }
    return Body.Step(
      kind: .call(
        label: label.map(writtenLabel), callee: call?.callee ?? "", arguments: arguments),
      operands: inputs, isExclusive: !template.isCommon(node))
  }

  // MARK: Values

  /// How the values are written in the block; `nil` if that takes a parameter more.
  private func phrase(for vector: Vector) -> Phrase? {
    let values = vector.values
    let constant = vector.isConstant ? values.lazy.compactMap { $0 }.first : nil
    if let constant,
      !values.contains(nil) || !vector.role.followsBlock || constant == vector.role.neutral
    {
      return constant.phrase(batch: Phrase(name: .entry) + ".batch")
    }
    let same = parameters.first { canShare($0.role, vector.role) && agrees($0.values, values) }
    if let same { return Phrase(same.name) }
    if vector.role.countsChannels {
      for parameter in parameters where parameter.role.countsChannels {
        if let text = multiple(parameter, values) { return Phrase(text) }
      }
    }
    if let constant { return constant.phrase(batch: Phrase(name: .entry) + ".batch") }
    guard vector.role.countsChannels else { return nil }
    for parameter in parameters where parameter.role.countsChannels {
      if let text = multiple(parameter, values) { return Phrase(text) }
    }
    let channels = template.regions.map { region -> Literal? in
      .integer(graph[region.entry].type.shape.channels)
    }
    return agrees(channels, values) ? Phrase(name: .entry) + ".channels" : nil
  }

  private func canShare(_ a: Role, _ b: Role) -> Bool {
    a == b || a.countsChannels && b.countsChannels || a == .dilation && b == .pad
  }

  private func agrees(_ all: [Literal?], _ some: [Literal?]) -> Bool {
    zip(all, some).allSatisfy { $1 == nil || $0 == $1 }
  }

  /// `4 * planes` or `planes // 4`, if all values are that.
  private func multiple(_ parameter: Block.Parameter, _ values: [Literal?]) -> String? {
    let pairs = zip(parameter.values, values).filter { $1 != nil }
    let numbers = pairs.compactMap { base, value -> (base: Int, value: Int)? in
      guard let base = base.integer, let value = value?.integer, base > 0, value > 0 else {
        return nil
      }
      return (base, value)
    }
    guard numbers.count == pairs.count, let first = numbers.first else { return nil }
    let factor = first.value / first.base
    if factor > 1, numbers.allSatisfy({ $0.value == factor * $0.base }) {
      return "\(factor) * \(parameter.name)"
    }
    let divisor = first.base / first.value
    if divisor > 1, numbers.allSatisfy({ $0.base == divisor * $0.value }) {
      return "\(parameter.name) // \(divisor)"
    }
    return nil
  }

  private mutating func addParameter(for vector: Vector) {
    guard phrase(for: vector) == nil else { return }
    addParameter(vector.role, filled(vector.values), named: name(for: vector.role))
  }

  private mutating func addParameter(_ role: Role, _ values: [Literal], named base: String) {
    let taken = Set(parameters.map(\.name))
    var name = base
    var number = 2
    while taken.contains(name) {
      name = "\(base)_\(number)"
      number += 1
    }
    parameters.append(
      Block.Parameter(
        name: name, role: role, values: values,
        standard: role.neutral.flatMap { values.contains($0) ? $0 : nil }))
  }

  /// Where an instance has no value, that of the next one before it or, if there is none, behind it.
  private func filled(_ values: [Literal?]) -> [Literal] {
    var last = values.lazy.compactMap { $0 }.first ?? .integer(0)
    return values.map { value in
      last = value ?? last
      return last
    }
  }

  private func name(for role: Role) -> String {
    switch role {
    case .channels: parameters.contains { $0.role == .channels } ? "width" : "planes"
    case .shape: "side"
    default: role.rawValue
    }
  }

  private func tuple(_ values: [Phrase]) -> Phrase {
    "(" + Phrase(joining: values, separator: ", ") + (values.count == 1 ? ",)" : ")")
  }

  // MARK: Conditions

  private mutating func choice(_ node: Int, among cases: [BlockTemplate.Case]) -> Body.Kind {
    let sibling = self.sibling(of: node)
    // What costs nothing first: the identity, then what is there already.
    var rest = cases.sorted { rank($0.value) < rank($1.value) }
    var written: [(condition: Phrase, value: Value)] = []
    while rest.count > 1 {
      var known: (index: Int, condition: Phrase)?
      for (index, part) in rest.enumerated() {
        guard let condition = condition(for: part, among: rest, sibling) else { continue }
        if known == nil { known = (index, condition) }
        // Better the other way round than with a 'not'.
        if !condition.constantText.hasPrefix("not ") {
          known = (index, condition)
          break
        }
      }
      let (index, test) = known ?? addFlag(for: rest)
      written.append((test, rest.remove(at: index).value))
    }
    return .choice(written, otherwise: rest[0].value)
  }

  private func rank(_ value: Value) -> Int {
    switch value {
    case .entry: 0
    case .step(let index): template.isCommon(index) ? 1 : 2
    }
  }

  /// The value that a sum or product takes beside the choice.
  private func sibling(of choice: Int) -> Value? {
    for node in template.nodes {
      guard case .call(let inputs) = node.kind, inputs.count == 2,
        let slot = inputs.firstIndex(of: .step(choice)), inputs[1 - slot] != .step(choice)
      else { continue }
      return inputs[1 - slot]
    }
    return nil
  }

  /// What holds in the instances of one case and not in those of the others; `nil` if nothing is
  /// known that does.
  private func condition(
    for part: BlockTemplate.Case, among all: [BlockTemplate.Case], _ sibling: Value?
  ) -> Phrase? {
    let instances = all.flatMap(\.instances)
    let inside = Set(part.instances)
    if let sibling {
      let bases = all.map(\.value).filter { rank($0) < 2 && $0 != sibling }
      for base in bases {
        let same = instances.map { instance in
          template.node(of: base, in: instance).map { graph[$0].type.shape }
            == template.node(of: sibling, in: instance).map { graph[$0].type.shape }
        }
        let matches = zip(instances, same).map { $1 == inside.contains($0) }
        guard matches.allSatisfy({ $0 }) || !matches.contains(true) else { continue }
        let symbol = matches[0] ? "==" : "!="
        return Phrase(name: base) + ".shape \(symbol) " + Phrase(name: sibling) + ".shape"
      }
    }
    let outside = instances.filter { !inside.contains($0) }
    let telling =
      parameters.filter { !$0.role.countsChannels } + parameters.filter(\.role.countsChannels)
    for parameter in telling {
      for (some, others, symbol) in [
        (part.instances, outside, "=="), (outside, part.instances, "!="),
      ] {
        let values = Set(some.map { parameter.values[$0] })
        guard values.count == 1, let value = values.first,
          !others.contains(where: { parameter.values[$0] == value })
        else { continue }
        if case .flag(let isSet) = value {
          return Phrase(isSet == (symbol == "==") ? parameter.name : "not \(parameter.name)")
        }
        return Phrase("\(parameter.name) \(symbol) \(value.text)")
      }
    }
    return nil
  }

  /// Adds a parameter that tells the smallest case from the others.
  private mutating func addFlag(for cases: [BlockTemplate.Case]) -> (index: Int, condition: Phrase)
  {
    let index =
      cases.indices.min { cases[$0].instances.count < cases[$1].instances.count } ?? 0
    let inside = Set(cases[index].instances)
    addParameter(
      .variant, template.regions.indices.map { .flag(inside.contains($0)) },
      named: flagName(cases[index].value))
    return (index, Phrase(parameters[parameters.count - 1].name))
  }

  private func flagName(_ value: Value) -> String {
    guard case .step(let index) = value,
      let callee = template.anyMember(index).flatMap({ calls[$0.index]?.callee })
    else { return "is_plain" }
    switch callee {
    case "conv", "bn": return template.isCommon(index) ? "is_normalized" : "projects"
    case "avgpool", "maxpool": return "pools"
    case "pad", "padchannels": return "pads"
    case "relu", "leakyrelu", "clip", Idioms.silu: return "is_activated"
    default: return "has_\(callee)"
    }
  }
}
