import GraphIR

/// Whether two graphs are the same network: the same operations with the same arguments on the same
/// operands, from the outputs to the input. Names of nodes and the order of independent ones may
/// differ.
///
/// - Parameter tensorNames: what the tensors of `graph` are called in the other.
func isSameNetwork(_ graph: Graph, as other: Graph, tensorNames: [String: String]) throws -> Bool {
  guard graph.outputs.count == other.outputs.count, graph.inputs.count == 1,
    other.inputs.count == 1
  else { return false }
  func call(_ id: NodeID, in graph: Graph) throws -> OperationCall? {
    // Extents of the batch stay the numbers that they are.
    try graph[id].op == .input
      ? nil : OperationCall(id, in: graph, batch: 0, dependsOnInput: [])
  }
  var partner: [NodeID: NodeID] = [:]
  var stack = Array(zip(graph.outputs, other.outputs))
  while let (id, otherID) = stack.popLast() {
    if let known = partner[id] {
      guard known == otherID else { return false }
      continue
    }
    partner[id] = otherID
    let (node, otherNode) = (graph[id], other[otherID])
    let (a, b) = (try call(id, in: graph), try call(otherID, in: other))
    guard node.type == otherNode.type, node.inputs.count == otherNode.inputs.count,
      a?.callee == b?.callee, a?.arguments == b?.arguments,
      a?.tensors.map(\.suffix) == b?.tensors.map(\.suffix),
      a?.tensors.map({ tensorNames[$0.name] }) == b?.tensors.map(\.name)
    else { return false }
    stack += zip(node.inputs, otherNode.inputs)
  }
  return Set(partner.values).count == partner.count
}
