/// Checks that each value of a graph is made once, and before it is read.
struct OnnxGraphCheck {
  private let graph: OnnxGraph
  private let path: String
  /// The place of the node that makes each value.
  private var makers: [String: Int] = [:]

  init(_ graph: OnnxGraph, path: String) {
    (self.graph, self.path) = (graph, path)
  }

  /// - Throws: `OnnxFileError.badGraph`.
  mutating func run() throws {
    var known = Set(graph.initializers.keys)
    for input in graph.inputs {
      guard !input.name.isEmpty else { throw bad("an input has no name") }
      guard known.insert(input.name).inserted else {
        throw bad("there are two inputs \(quoted(input.name))")
      }
    }
    for node in graph.nodes {
      for output in node.outputs where !output.isEmpty {
        if let other = makers.updateValue(node.index, forKey: output) {
          throw bad(
            other == node.index
              ? "\(node.label) makes the value \(quoted(output)) twice"
              : "\(graph.nodes[other].label) and \(node.label) both make the value \(quoted(output))"
          )
        }
        guard !known.contains(output) else {
          throw bad(
            "\(node.label) makes the value \(quoted(output)), which is an input or initializer")
        }
      }
    }
    for node in graph.nodes {
      for input in node.inputs where !input.isEmpty && !known.contains(input) {
        throw misplaced(input, readBy: node)
      }
      known.formUnion(node.outputs)
    }
    var outputs: Set<String> = []
    for output in graph.outputs {
      guard known.contains(output.name), !output.name.isEmpty else {
        throw bad("nothing makes its output \(quoted(output.name))")
      }
      guard outputs.insert(output.name).inserted else {
        throw bad("it has two outputs \(quoted(output.name))")
      }
    }
  }

  private func misplaced(_ value: String, readBy node: OnnxNode) -> OnnxFileError {
    guard let maker = makers[value] else {
      return bad("\(node.label) reads the value \(quoted(value)), which nothing makes")
    }
    let other = graph.nodes[maker]
    guard maker != node.index else {
      return bad("\(node.label) reads the value \(quoted(value)), which it makes itself")
    }
    return depends(maker, on: node.index)
      ? bad("\(node.label) and \(other.label), whose value \(quoted(value)) it reads, form a cycle")
      : bad(
        "\(node.label) reads the value \(quoted(value)), which \(other.label) makes only later; ONNX "
          + "wants nodes sorted")
  }

  /// Whether a node reads, directly or not, what another one makes.
  private func depends(_ reader: Int, on maker: Int) -> Bool {
    var visited: Set<Int> = [reader]
    var waiting = [reader]
    while let index = waiting.popLast() {
      for input in graph.nodes[index].inputs {
        guard let next = makers[input], visited.insert(next).inserted else { continue }
        if next == maker { return true }
        waiting.append(next)
      }
    }
    return false
  }

  private func bad(_ reason: String) -> OnnxFileError { .badGraph(path: path, reason) }
}
