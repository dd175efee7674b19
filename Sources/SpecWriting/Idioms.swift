import GraphIR

/// Functions that a graph spells out in several operations and a spec names.
///
/// In the graph that is searched for blocks such a function is one node, since on the way through a
/// block it is one step.
enum Idioms {
  /// x · sigmoid(x) (Elfwing et al. 2017, "Sigmoid-weighted linear units").
  static let silu = "silu"
  static let siluDefinition = ["block \(silu)(x) {", "return x |> mul(sigmoid(x))", "}"]

  /// The graph in which a product of a value with its own sigmoid has that value as its only input.
  static func contracted(_ graph: Graph) -> Graph {
    var result = graph
    let readers = graph.readers()
    for id in graph.nodeIDs where graph[id].op == .multiply {
      let (value, factor) = (graph[id].inputs[0], graph[id].inputs[1])
      guard graph[factor].op == .activation(.sigmoid), graph[factor].inputs == [value],
        readers[factor.index] == [id], !graph.outputs.contains(factor)
      else { continue }
      result[id].inputs = [value]
    }
    result.removeUnreachable()
    return result
  }
}
