import GraphIR

/// The network cut wherever exactly one value is alive: a chain of segments, each of which begins
/// with the value that the one before it ends with.
///
/// In the language of flow graphs the frontiers are the nodes that dominate and post-dominate: every
/// way from the input to an output leads through them. What depends on constants only belongs to the
/// segment that reads it first; a value that is also an output of the network counts as alive only
/// for what reads it.
struct Trunk: Sendable {
  /// What lies between two frontiers.
  struct Segment: Sendable {
    var entry: NodeID
    /// In the order of the graph, the last one the exit, if there is one.
    var nodes: [NodeID]
    /// `nil` behind the last frontier, where a network with several outputs ends in several values.
    var exit: NodeID?
    /// Nothing but the entry comes in, and nothing but the exit goes out.
    var isSelfContained: Bool
  }

  var input: NodeID
  var segments: [Segment]

  /// - Parameter dependsOnInput: for each node, whether it does.
  init(_ graph: Graph, input: NodeID, dependsOnInput: [Bool]) {
    self.input = input
    segments = []
    let outputs = Set(graph.outputs)
    let readers = graph.readers()
    var unread = readers.map { Set($0).count }
    var alive = 1
    var nodes: [NodeID] = []
    var entry = input
    for id in graph.nodeIDs where dependsOnInput[id.index] && id != input {
      nodes.append(id)
      for operand in Set(graph[id].inputs) where dependsOnInput[operand.index] {
        unread[operand.index] -= 1
        if unread[operand.index] == 0 { alive -= 1 }
      }
      alive += 1
      guard alive == 1 else { continue }
      segments.append(
        Segment(entry: entry, nodes: nodes, exit: id, isSelfContained: true))
      (entry, nodes) = (id, [])
    }
    if !nodes.isEmpty {
      segments.append(Segment(entry: entry, nodes: nodes, exit: nil, isSelfContained: false))
    }
    placeConstants(graph, dependsOnInput)
    for index in segments.indices {
      let segment = segments[index]
      let inside = Set(segment.nodes)
      segments[index].isSelfContained =
        segment.exit != nil
        && segment.nodes.allSatisfy { id in
          id == segment.exit
            || !outputs.contains(id) && readers[id.index].allSatisfy(inside.contains)
        }
        && segment.nodes.allSatisfy { id in
          graph[id].inputs.allSatisfy { $0 == segment.entry || inside.contains($0) }
        }
    }
  }

  /// Adds what depends on constants only to the first segment that needs it.
  private mutating func placeConstants(_ graph: Graph, _ dependsOnInput: [Bool]) {
    guard dependsOnInput.contains(false) else { return }
    var isPlaced = dependsOnInput
    for index in segments.indices {
      var needed: [NodeID] = []
      var stack = segments[index].nodes.flatMap { graph[$0].inputs }
      while let id = stack.popLast() {
        guard !isPlaced[id.index] else { continue }
        isPlaced[id.index] = true
        needed.append(id)
        stack += graph[id].inputs
      }
      guard !needed.isEmpty else { continue }
      segments[index].nodes = (needed + segments[index].nodes).sorted()
    }
  }
}

extension Graph {
  /// For each node, whether its result depends on an input.
  var dependsOnInput: [Bool] {
    var depends = [Bool](repeating: false, count: nodes.count)
    for id in nodeIDs {
      depends[id.index] =
        self[id].op == .input || self[id].inputs.contains { depends[$0.index] }
    }
    return depends
  }
}
