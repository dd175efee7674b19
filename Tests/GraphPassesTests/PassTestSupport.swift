import GraphIR
import Testing

@testable import GraphPasses

/// Checks what a pass makes of a graph, text to text. Types are left out of the texts, and with
/// them the check that inference agrees; the result is verified.
func expect(
  _ pass: some Pass, turns before: String, into after: String, rewrites: Int,
  at location: SourceLocation = #_sourceLocation
) throws {
  var graph = try Graph(parsing: "graph g {\n\(before)\n}")
  try graph.verify()
  let expected = try Graph(parsing: "graph g {\n\(after)\n}")
  let made = try pass.run(on: &graph)
  try graph.verify()
  #expect(graph.text() == expected.text(), sourceLocation: location)
  #expect(made == rewrites, sourceLocation: location)
}

/// Checks that a pass does not touch a graph.
func expect(_ pass: some Pass, keeps text: String, at location: SourceLocation = #_sourceLocation)
  throws
{
  try expect(pass, turns: text, into: text, rewrites: 0, at: location)
}
