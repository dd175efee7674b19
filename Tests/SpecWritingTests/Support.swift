import Foundation
import GraphIR
import SpecLanguage
import SpecWriting
import TestSupport
import Testing

private let specFolder = projectFolder.appendingPathComponent("Specs").path

/// The names of all specs that come with the project.
let shippedSpecs: [String] = {
  let names = try? FileManager.default.contentsOfDirectory(atPath: specFolder)
  return (names ?? []).filter { $0.hasSuffix(".spec") }.map { String($0.dropLast(5)) }.sorted()
}()

func shipped(_ name: String, overrides: [String: String] = [:]) throws -> Model {
  let result = compileSpec(path: "\(specFolder)/\(name).spec", overrides: overrides) {
    try String(contentsOfFile: $0, encoding: .utf8)
  }
  return try #require(result.model)
}

/// The model of a spec given as text; it must compile without a warning.
func elaborated(
  _ text: String, overrides: [String: String] = [:],
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> Model {
  let result = compileSpec(path: "net.spec", overrides: overrides) { _ in text }
  #expect(
    result.renderedDiagnostics() == "", Comment(rawValue: text), sourceLocation: sourceLocation)
  return try #require(result.model, sourceLocation: sourceLocation)
}

/// The graph with its nodes in the order of a walk from the outputs, named by that order, and its
/// tensors renamed: equal for graphs that differ in nothing else.
func canonical(_ graph: Graph, renaming names: (String) -> String = { $0 }) -> Graph {
  var order: [NodeID] = []
  var seen: Set<NodeID> = []
  var stack = Array(graph.outputs.reversed())
  while let id = stack.last {
    let next = graph[id].inputs.first { !seen.contains($0) }
    if let next, !seen.contains(id) {
      stack.append(next)
      continue
    }
    stack.removeLast()
    if seen.insert(id).inserted { order.append(id) }
  }
  var number: [NodeID: NodeID] = [:]
  for (index, id) in order.enumerated() { number[id] = NodeID(index) }
  func renumbered(_ id: NodeID) -> NodeID { number[id] ?? NodeID(-1) }
  let nodes = order.enumerated().map { index, id in
    Node(
      op: graph[id].op.renamingTensors(names), inputs: graph[id].inputs.map(renumbered),
      type: graph[id].type, name: "\(index)")
  }
  return Graph(name: "", nodes: nodes, outputs: graph.outputs.map(renumbered))
}

/// Writes the model, elaborates what was written and compares.
@discardableResult
func roundTrip(
  _ model: Model, sourceLocation: SourceLocation = #_sourceLocation
) throws -> WrittenSpec {
  let written = try writeSpec(model, origin: "net.onnx")
  if let folder = ProcessInfo.processInfo.environment["SPEC_WRITING_OUT"] {
    try written.text.write(
      toFile: "\(folder)/\(model.graph.name).spec", atomically: true, encoding: .utf8)
  }
  let again = try elaborated(written.text, sourceLocation: sourceLocation)
  let expected = canonical(model.graph)
  let found = canonical(again.graph) { written.tensorNames[$0] ?? "?" + $0 }
  if found != expected {
    let pairs = zip(expected.nodes, found.nodes).first { $0 != $1 }
    Issue.record(
      """
      \(expected.nodes.count) nodes became \(found.nodes.count); the first that differs:
      \(pairs.map { "\($0)\n\($1)" } ?? "none")
      \(written.text)
      """, sourceLocation: sourceLocation)
  }
  #expect(again.labels == model.labels, sourceLocation: sourceLocation)
  #expect(again.preprocessing == model.preprocessing, sourceLocation: sourceLocation)
  return written
}
