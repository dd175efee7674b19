import GraphIR

/// Many networks as one, so that their code is compiled at once: the input of each becomes a constant,
/// and its outputs are outputs of the whole.
package struct JoinedNetworks: ParameterSource {
  package private(set) var graph = Graph(name: "joined")
  private var parameters: [String: @Sendable () throws -> [Float]] = [:]

  /// A graph has to have an input; this one is read by nobody.
  package init() { graph.appendInput(TensorType([1, 1, 1, 1])) }

  /// - Parameters:
  ///   - network: a graph of one input in which nothing is fused.
  ///   - name: of the network, which no other has.
  /// - Returns: the places of the network's outputs among all.
  @discardableResult
  package mutating func append(
    _ network: Graph, weights: some ParameterSource, input: Tensor, name: String
  ) throws -> Range<Int> {
    var ids: [NodeID] = []
    for node in network.nodes {
      var op = node.op
      if op == .input {
        op = .constant(Constant(name: "input", shape: input.shape))
        parameters["\(name)/input"] = { input.elements }
      } else {
        for parameter in network.parameters(of: node) {
          parameters["\(name)/\(parameter.name)"] = { try weights.values(of: parameter) }
        }
      }
      ids.append(
        try graph.append(
          op.renamingTensors { "\(name)/\($0)" }, node.inputs.map { ids[$0.index] },
          name: "\(name)/\(node.name)"))
    }
    let first = graph.outputs.count
    graph.outputs += network.outputs.map { ids[$0.index] }
    return first..<graph.outputs.count
  }

  package func values(of parameter: ParameterSpec) throws -> [Float] {
    try parameters[parameter.name]?() ?? []
  }
}
