import GraphIR

/// Finds the template of which several regions are instances, by anti-unification (Plotkin 1970): a
/// walk from the exits towards the entries through all regions at once. Where all have the same
/// operation, so has the template; where they differ, it has a choice.
///
/// Choices are resolved when the common part is known, since their cases may refer to it: a shortcut
/// starts at the entry, or behind the first norm.
struct AntiUnification {
  private let graph: Graph
  private let calls: [OperationCall?]
  private let regions: [Region]
  private let structure: [Structure]
  private var nodes: [BlockTemplate.Node] = []
  /// For each instance, which node of the template a node became.
  private var placed: [[NodeID: Int]]
  /// Choices by what they choose from.
  private var choices: [[NodeID?]: Int] = [:]
  private var pending: [(choice: Int, tuple: [NodeID?])] = []

  /// The template of the regions; `nil` if they have too little in common.
  static func template(
    of regions: [Region], in graph: Graph, calls: [OperationCall?], structures: inout Structures
  ) -> BlockTemplate? {
    var unification = Self(graph, calls, regions, &structures)
    let result = unification.value(of: regions.map(\.exit))
    unification.resolveChoices()
    let template = BlockTemplate(regions: regions, nodes: unification.nodes, result: result)
    guard template.isMostlyCommon, template.hasSimpleCases(in: graph, readers: graph.readers())
    else { return nil }
    return template
  }

  private init(
    _ graph: Graph, _ calls: [OperationCall?], _ regions: [Region],
    _ structures: inout Structures
  ) {
    self.graph = graph
    self.calls = calls
    self.regions = regions
    structure = regions.map { structures.structure(of: $0, in: graph, calls: calls) }
    placed = Array(repeating: [:], count: regions.count)
  }

  /// The value that stands for one node of each instance, or of some.
  private mutating func value(of tuple: [NodeID?]) -> Value {
    let members = tuple.indices.filter { tuple[$0] != nil }
    if members.allSatisfy({ tuple[$0] == regions[$0].entry }) { return .entry }
    let known = members.map { instance in tuple[instance].flatMap { placed[instance][$0] } }
    if let first = known.first, let node = first, known.allSatisfy({ $0 == node }) {
      return .step(node)
    }
    guard known.allSatisfy({ $0 == nil }), let inputs = commonInputs(tuple, members) else {
      return choice(among: tuple, members)
    }
    let values = inputs.map { value(of: $0) }
    nodes.append(.init(kind: .call(inputs: values), members: tuple))
    for instance in members {
      if let id = tuple[instance] { placed[instance][id] = nodes.count - 1 }
    }
    return .step(nodes.count - 1)
  }

  /// The operands one by one, if all are the same operation with equally many of them.
  private func commonInputs(_ tuple: [NodeID?], _ members: [Int]) -> [[NodeID?]]? {
    let ids = members.compactMap { tuple[$0] }
    guard let first = ids.first,
      !members.contains(where: { tuple[$0] == regions[$0].entry }),
      ids.allSatisfy({ form(of: $0) == form(of: first) })
    else { return nil }
    return graph[first].inputs.indices.map { slot in
      tuple.map { $0.map { graph[$0].inputs[slot] } }
    }
  }

  /// What operations have in common that are one call with different arguments.
  private struct Form: Hashable {
    var callee: String
    var operands: Int
    /// Of each argument, how many elements it has.
    var elements: [Int]
  }

  private func form(of id: NodeID) -> Form {
    let call = calls[id.index]
    return Form(
      callee: call?.callee ?? "", operands: graph[id].inputs.count,
      elements: call?.arguments.map(\.elements.count) ?? [])
  }

  // MARK: Choices

  private mutating func choice(among tuple: [NodeID?], _ members: [Int]) -> Value {
    if let choice = choices[tuple] { return .step(choice) }
    nodes.append(.init(kind: .choice([]), members: tuple.map { _ in nil }))
    let choice = nodes.count - 1
    choices[tuple] = choice
    pending.append((choice, tuple))
    // An operation that only some instances have: the way goes on behind it in all of them.
    if let base = commonBase(tuple, members) { _ = value(of: base) }
    return .step(choice)
  }

  /// The nodes at which chains of operations that begin at the tuple first have the same structure.
  private func commonBase(_ tuple: [NodeID?], _ members: [Int]) -> [NodeID?]? {
    let chains = members.map { instance in
      chain(from: tuple[instance] ?? regions[instance].entry, in: instance)
    }
    guard let first = chains.first else { return nil }
    let depth = first.firstIndex { node in
      chains.allSatisfy { chain in chain.contains { $0.structure == node.structure } }
    }
    guard let depth else { return nil }
    let structure = first[depth].structure
    var base = tuple
    for (instance, chain) in zip(members, chains) {
      base[instance] = chain.first { $0.structure == structure }?.id
    }
    return base == tuple ? nil : base
  }

  /// A node and what it is made of, through operations with one operand.
  private func chain(from start: NodeID, in instance: Int) -> [(id: NodeID, structure: Int?)] {
    var id = start
    var chain = [(id, structure[instance][id])]
    while id != regions[instance].entry, graph[id].inputs.count == 1 {
      id = graph[id].inputs[0]
      chain.append((id, structure[instance][id]))
    }
    return chain.filter { $0.1 != nil }
  }

  private mutating func resolveChoices() {
    enum Kind: Hashable {
      case entry
      case known(Int)
      case call(Form)
    }
    var next = 0
    while next < pending.count {
      let (choice, tuple) = pending[next]
      next += 1
      var kinds: [Kind] = []
      var groups: [Kind: [Int]] = [:]
      for instance in tuple.indices {
        guard let id = tuple[instance] else { continue }
        let kind: Kind =
          if id == regions[instance].entry {
            .entry
          } else if let node = placed[instance][id] {
            .known(node)
          } else {
            .call(form(of: id))
          }
        if groups[kind] == nil { kinds.append(kind) }
        groups[kind, default: []].append(instance)
      }
      nodes[choice].kind = .choice(
        kinds.map { kind in
          let instances = groups[kind] ?? []
          var part = [NodeID?](repeating: nil, count: tuple.count)
          for instance in instances { part[instance] = tuple[instance] }
          return .init(value: value(of: part), instances: instances)
        })
    }
  }
}

/// For each node of a region, a number for what it computes from the entry, all arguments aside:
/// equal numbers, equal structure.
typealias Structure = [NodeID: Int]

/// Numbers structures, the same in all regions.
struct Structures {
  private struct Key: Hashable {
    var callee: String
    var inputs: [Int]
  }

  private var numbers: [Key: Int] = [:]

  mutating func structure(
    of region: Region, in graph: Graph, calls: [OperationCall?]
  ) -> Structure {
    var structure = [region.entry: 0]
    for id in region.nodes {
      let key = Key(
        callee: calls[id.index]?.callee ?? "",
        inputs: graph[id].inputs.map { structure[$0] ?? 0 })
      let number = numbers[key] ?? numbers.count + 1
      numbers[key] = number
      structure[id] = number
    }
    return structure
  }
}
