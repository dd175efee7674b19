import GraphIR

/// The names of one block's instances and of what is in them.
struct BlockNames {
  /// The path of each instance; `nil` where names must be made up.
  var prefixes: [String]?
  /// The label of each node of the template that has tensors.
  var labels: [Int: String]

  /// The names that the paths of the nodes have, if they agree in all instances.
  init?(keeping paths: [NodeID: String], of template: BlockTemplate) {
    let nodes = template.nodes.indices.filter { index in
      template.anyMember(index).map { paths[$0] != nil } ?? false
    }
    let instances = template.regions.indices.map { instance in
      Instance(
        paths: nodes.map { node in
          template.nodes[node].members[instance].flatMap { paths[$0] }?.split(separator: ".")
        })
    }
    guard let reference = nodes.indices.first(where: { template.isCommon(nodes[$0]) }) else {
      return nil
    }
    // As much of a path lies within the instance as one instance at least needs.
    var depth = instances.map { $0.depth(of: reference) }.max() ?? 1
    // In `conv.0.0` and `conv.1` the numbers mean nothing without what they count.
    if instances.contains(where: { $0.startsWithNumber(inDepth: depth, of: reference) }),
      Set(instances.map { $0.prefix(depth, of: reference).last }).count == 1,
      instances.allSatisfy({ $0.prefix(depth, of: reference).count > 1 })
    {
      depth += 1
    }
    let prefixes = instances.map { $0.prefix(depth, of: reference).joined(separator: ".") }
    guard !prefixes.contains(""), Paths.areUsable(prefixes) else { return nil }
    var labels: [Int: String] = [:]
    for (instance, prefix) in zip(instances, prefixes) {
      for (node, segments) in zip(nodes, instance.paths) {
        guard let path = segments?.joined(separator: ".") else { continue }
        guard path.hasPrefix(prefix + ".") else { return nil }
        let label = String(path.dropFirst(prefix.count + 1))
        guard labels[node] ?? label == label else { return nil }
        labels[node] = label
      }
    }
    guard Set(labels.values).count == labels.count else { return nil }
    self.prefixes = prefixes
    self.labels = labels
  }

  /// The paths of the nodes of one instance, divided at their dots; `nil` for a node it has not.
  private struct Instance {
    var paths: [[Substring]?]

    /// How many segments of a node's path stand behind what all paths of the instance begin with.
    func depth(of node: Int) -> Int {
      let parents = paths.compactMap { $0?.dropLast() }
      let common = parents.dropFirst().reduce(Array(parents.first ?? [])) { common, path in
        zip(common, path).prefix { $0 == $1 }.map(\.0)
      }
      return (paths[node]?.count ?? 0) - common.count
    }

    /// A node's path without its last segments: the path of the instance.
    func prefix(_ depth: Int, of node: Int) -> [Substring] {
      paths[node]?.dropLast(depth) ?? []
    }

    func startsWithNumber(inDepth depth: Int, of node: Int) -> Bool {
      let count = prefix(depth, of: node).count
      return paths.contains { path in
        path.map { $0.count > count && $0[count].first?.isNumber ?? false } ?? false
      }
    }
  }

  /// Made-up labels: `conv1`, `bn1`, …; `downsample.0`, … on a way that only some instances have;
  /// `se.fc1`, … where the image is one pixel.
  init(inventingFor template: BlockTemplate, in graph: Graph, calls: [OperationCall?]) {
    prefixes = nil
    labels = [:]
    var counts: [String: Int] = [:]
    var exclusive = 0
    for (index, node) in template.nodes.enumerated() {
      guard case .call = node.kind, let id = template.anyMember(index),
        let call = calls[id.index], call.hasLabel
      else { continue }
      if !template.isCommon(index) {
        labels[index] = "downsample.\(exclusive)"
        exclusive += 1
        continue
      }
      let operand = graph[id].inputs.first.map { graph[$0].type.shape }
      let isGate = operand.map { $0.height * $0.width == 1 } ?? false
      let isWide = graph[template.regions[0].entry].type.shape.height > 1
      let name = isGate && isWide && call.callee != "bn" ? "se.fc" : inventedName(call)
      counts[name, default: 0] += 1
      labels[index] = name + "\(counts[name] ?? 1)"
    }
  }
}

extension BlockNames {
  /// What papers call such a block.
  static func name(
    of template: BlockTemplate, in graph: Graph, calls: [OperationCall?]
  ) -> String {
    let common = template.nodes.indices.filter { template.isCommon($0) }
      .compactMap { template.anyMember($0) }
    let kernels = common.compactMap { id -> Int? in
      guard case .convolution(let conv) = graph[id].op, graph[id].type.shape.height > 1 else {
        return nil
      }
      return conv.kernel.height
    }
    let callees = common.compactMap { calls[$0.index]?.callee }
    let base =
      switch kernels {
      case [3, 3]: "basic"
      case [1, 3, 1]: "bottleneck"
      default: "unit"
      }
    let prefix = callees.first == "bn" ? "preact_" : callees.contains("mul") ? "se_" : ""
    return prefix + base
  }
}

/// What an operation is called where nothing tells.
func inventedName(_ call: OperationCall) -> String {
  switch call.callee {
  case "linear": "fc"
  case "parameter": "constant"
  default: call.callee
  }
}
