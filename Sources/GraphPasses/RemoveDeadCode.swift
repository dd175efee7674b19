import GraphIR

/// Drops nodes whose result reaches no output. The inputs of the graph stay: they are its signature.
struct RemoveDeadCode: Pass {
  let name = "remove-dead"
  let summary = "drop nodes whose result reaches no output"

  func run(on graph: inout Graph) -> Int {
    graph.removeUnreachable()
  }
}
