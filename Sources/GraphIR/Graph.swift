import Diagnostics

/// The index of a node in its graph. A node has one result, so this also names a value.
public struct NodeID: Hashable, Comparable, Sendable {
  public var index: Int

  public init(_ index: Int) {
    self.index = index
  }

  public static func < (a: NodeID, b: NodeID) -> Bool { a.index < b.index }
}

/// An operation applied to the results of earlier nodes.
public struct Node: Equatable, Sendable {
  public var op: Op
  public var inputs: [NodeID]
  /// The type of the result, as `inferType` finds it.
  public var type: TensorType
  /// The path in the model, such as `layer1.0.conv1`; what tables and messages call the node.
  public var name: String
  /// Where in the spec the node came from; a fused node keeps the places of all its parts.
  public var sources: [SourceRange]

  public init(
    op: Op, inputs: [NodeID], type: TensorType, name: String, sources: [SourceRange] = []
  ) {
    self.op = op
    self.inputs = inputs
    self.type = type
    self.name = name
    self.sources = sources
  }
}

/// A network as a directed acyclic graph in topological order: each node uses only earlier ones.
public struct Graph: Equatable, Sendable {
  public var name: String
  public var nodes: [Node]
  /// The results of the network, in order.
  public var outputs: [NodeID]

  public init(name: String, nodes: [Node] = [], outputs: [NodeID] = []) {
    self.name = name
    self.nodes = nodes
    self.outputs = outputs
  }

  public subscript(id: NodeID) -> Node {
    get { nodes[id.index] }
    set { nodes[id.index] = newValue }
  }

  public var nodeIDs: [NodeID] { nodes.indices.map(NodeID.init) }

  /// The nodes that stand for the caller's tensors, in order.
  public var inputs: [NodeID] { nodeIDs.filter { self[$0].op == .input } }

  /// Appends a node whose type is inferred from its inputs.
  ///
  /// - Throws: `ShapeError` if the operation cannot take these inputs.
  @discardableResult
  public mutating func append(
    _ op: Op, _ inputs: [NodeID], name: String, sources: [SourceRange] = []
  ) throws -> NodeID {
    let type = try inferType(of: op, inputs: inputs.map { self[$0].type })
    nodes.append(Node(op: op, inputs: inputs, type: type, name: name, sources: sources))
    return NodeID(nodes.count - 1)
  }

  /// Appends an input of the given type.
  @discardableResult
  public mutating func appendInput(
    _ type: TensorType, name: String = "input", sources: [SourceRange] = []
  ) -> NodeID {
    nodes.append(Node(op: .input, inputs: [], type: type, name: name, sources: sources))
    return NodeID(nodes.count - 1)
  }

  /// For each node, the nodes that read its result, in order; a reader that uses a value twice
  /// stands twice. Uses as an output of the graph are not counted: see `outputs`.
  public func readers() -> [[NodeID]] {
    var readers = [[NodeID]](repeating: [], count: nodes.count)
    for id in nodeIDs {
      for input in self[id].inputs { readers[input.index].append(id) }
    }
    return readers
  }

  /// Drops every node, inputs excepted, whose result reaches no output, sorts what is left
  /// topologically (stably) and renumbers it.
  ///
  /// - Returns: how many nodes were dropped.
  @discardableResult
  public mutating func removeUnreachable() -> Int {
    let before = nodes.count
    _ = keepReachable()
    return before - nodes.count
  }

  /// Does the work of `removeUnreachable`.
  ///
  /// - Returns: for each node the one that it has become; nil for those that were dropped.
  public mutating func keepReachable() -> [NodeID?] {
    var order: [NodeID] = []
    var placed = [Bool](repeating: false, count: nodes.count)
    // Depth-first, with an explicit stack: a deep network must not exhaust the call stack.
    func place(_ root: NodeID) {
      var stack = [(root, 0)]
      while let (id, slot) = stack.last {
        if placed[id.index] {
          stack.removeLast()
        } else if slot < self[id].inputs.count {
          stack[stack.count - 1].1 += 1
          stack.append((self[id].inputs[slot], 0))
        } else {
          placed[id.index] = true
          order.append(id)
          stack.removeLast()
        }
      }
    }
    for id in inputs + outputs { place(id) }
    // Keep the numbering of the spec wherever the edges allow it.
    if zip(order.sorted(), order.sorted().dropFirst()).allSatisfy({ $0 < $1 }),
      order.allSatisfy({ id in self[id].inputs.allSatisfy { $0 < id } })
    {
      order.sort()
    }
    var renumbered = [NodeID](repeating: NodeID(0), count: nodes.count)
    for (index, id) in order.enumerated() { renumbered[id.index] = NodeID(index) }
    nodes = order.map { id in
      var node = self[id]
      node.inputs = node.inputs.map { renumbered[$0.index] }
      return node
    }
    outputs = outputs.map { renumbered[$0.index] }
    return placed.indices.map { placed[$0] ? renumbered[$0] : nil }
  }
}
