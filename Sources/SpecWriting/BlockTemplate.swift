import GraphIR

/// What the instances of a block have in common: a graph whose nodes stand for one node of each
/// instance, with choices where the instances differ.
struct BlockTemplate: Sendable {
  struct Node: Sendable {
    enum Kind: Sendable {
      /// An operation on values of the template.
      case call(inputs: [Value])
      /// One of several values, depending on the instance.
      case choice([Case])
    }

    var kind: Kind
    /// The node in each instance; `nil` where an instance has none, and for choices.
    var members: [NodeID?]
  }

  struct Case: Sendable {
    var value: Value
    /// The instances that take the value, in order.
    var instances: [Int]
  }

  var regions: [Region]
  var nodes: [Node]
  var result: Value

  /// Whether every instance has the node.
  func isCommon(_ node: Int) -> Bool { nodes[node].members.allSatisfy { $0 != nil } }

  /// Any node that the template's node stands for.
  func anyMember(_ node: Int) -> NodeID? { nodes[node].members.lazy.compactMap { $0 }.first }

  /// The node of the graph whose result the value is in an instance that has it.
  func node(of value: Value, in instance: Int) -> NodeID? {
    switch value {
    case .entry: return regions[instance].entry
    case .step(let index):
      switch nodes[index].kind {
      case .call: return nodes[index].members[instance]
      case .choice(let cases):
        return cases.first { $0.instances.contains(instance) }
          .flatMap { node(of: $0.value, in: instance) }
      }
    }
  }

  /// Whether the parts that only some instances have are chains, each read only once, as the
  /// branches of a conditional value must be.
  func hasSimpleCases(in graph: Graph, readers: [[NodeID]]) -> Bool {
    nodes.indices.allSatisfy { index in
      guard case .call(let inputs) = nodes[index].kind, !isCommon(index) else { return true }
      return inputs.count == 1
        && nodes[index].members.allSatisfy { $0.map { readers[$0.index].count == 1 } ?? true }
    }
  }

  /// Whether the common part makes up at least half of every instance.
  var isMostlyCommon: Bool {
    let common = nodes.indices.count { isCommon($0) }
    return regions.allSatisfy { 2 * common >= $0.nodes.count }
  }
}
