import GraphIR

/// Everything in a network by name: its blocks, their instances, and the operations with tensors.
struct NamedNetwork {
  private(set) var blocks: [Block] = []
  /// The path of each instance of each block.
  private(set) var prefixes: [[String]] = []
  /// The path of each node that has tensors.
  private(set) var paths: [NodeID: String] = [:]
  private let families: BlockFamilies
  private let graph: Graph
  private let calls: [OperationCall?]

  init(_ graph: Graph, calls: [OperationCall?], families: BlockFamilies) {
    self.graph = graph
    self.calls = calls
    self.families = families
    if !keepNames() { inventNames() }
  }

  /// The template of each block.
  var templates: [BlockTemplate] { families.templates }

  /// Instances and stretches in the order of the network.
  var runs: [BlockFamilies.Run] {
    families.runs { graph.outputs.contains($0) }
  }

  private func block(_ family: Int, labels: [Int: String]) -> Block {
    let template = families.templates[family]
    let base = BlockNames.name(of: template, in: graph, calls: calls)
    let earlier = families.templates[..<family].count {
      BlockNames.name(of: $0, in: graph, calls: calls) == base
    }
    return BlockBuilder.block(
      named: earlier == 0 ? base : "\(base)_\(earlier + 1)", template, in: graph, calls: calls,
      labels: labels)
  }

  /// Takes the names that the graph has; returns whether they are there and fit the blocks.
  private mutating func keepNames() -> Bool {
    guard let kept = Paths.kept(in: graph, calls: calls) else { return false }
    var names: [BlockNames] = []
    for template in families.templates {
      guard let block = BlockNames(keeping: kept, of: template), block.prefixes != nil else {
        return false
      }
      names.append(block)
    }
    let prefixes = names.compactMap(\.prefixes)
    guard Paths.areUsable(Array(kept.values) + prefixes.flatMap { $0 }) else { return false }
    self.prefixes = prefixes
    paths = kept
    blocks = names.indices.map { block($0, labels: names[$0].labels) }
    return true
  }

  /// Makes up names in the order of the network: `stem`, `stages.0.1.conv2`, `head`.
  private mutating func inventNames() {
    let names = families.templates.map {
      BlockNames(inventingFor: $0, in: graph, calls: calls)
    }
    blocks = names.indices.map { block($0, labels: names[$0].labels) }
    prefixes = families.templates.map { Array(repeating: "", count: $0.regions.count) }
    let runs = runs
    let isBlock = runs.map { if case .blocks = $0 { true } else { false } }
    let last = isBlock.lastIndex(of: true)
    var stage = 0
    for (place, run) in runs.enumerated() {
      switch run {
      case .blocks(let family, let instances):
        for range in StagePlan.stages(blocks[family], instances, nil, 0) {
          for (number, position) in range.enumerated() {
            prefixes[family][instances[position]] = "stages.\(stage).\(number)"
          }
          stage += 1
        }
      case .stretch(let nodes):
        let prefix: String =
          if let last {
            stage == 0 ? "stem" : place > last ? "head" : "transition\(stage - 1)"
          } else { "" }
        name(nodes, prefix: prefix)
      }
    }
    for (family, template) in families.templates.enumerated() {
      for (node, label) in names[family].labels {
        for (instance, id) in template.nodes[node].members.enumerated() {
          if let id { paths[id] = "\(prefixes[family][instance]).\(label)" }
        }
      }
    }
  }

  /// Names the operations of a stretch by what they are, with numbers where there are several.
  private mutating func name(_ nodes: [NodeID], prefix: String) {
    let labelled = nodes.filter { calls[$0.index]?.hasLabel ?? false }
    let names = labelled.map { calls[$0.index].map(inventedName) ?? "" }
    if labelled.count == 1, !prefix.isEmpty {
      paths[labelled[0]] = prefix
      return
    }
    var counts: [String: Int] = [:]
    for (id, name) in zip(labelled, names) {
      counts[name, default: 0] += 1
      let isOnly = names.count { $0 == name } == 1 && !prefix.isEmpty
      let label = isOnly ? name : "\(name)\(counts[name] ?? 1)"
      paths[id] = prefix.isEmpty ? label : "\(prefix).\(label)"
    }
  }
}
