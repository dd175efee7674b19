import Foundation
import GraphIR
import Interpreter
import SpecLanguage
import Testing

/// Parameters given in the test.
struct Parameters: ParameterSource, ExpressibleByDictionaryLiteral {
  var tensors: [String: [Float]]

  init(dictionaryLiteral elements: (String, [Float])...) {
    tensors = Dictionary(uniqueKeysWithValues: elements)
  }

  func values(of parameter: ParameterSpec) throws -> [Float] {
    guard let values = tensors[parameter.name] else { throw Missing(name: parameter.name) }
    return values
  }

  struct Missing: Error, Equatable {
    var name: String
  }
}

/// The result of one operation.
func evaluate(_ op: Op, _ operands: Tensor..., parameters: Parameters = [:]) throws -> Tensor {
  var graph = Graph(name: "test")
  let inputs = operands.map { graph.appendInput(TensorType($0.shape)) }
  graph.outputs = [try graph.append(op, inputs, name: "op")]
  return try GraphInterpreter(graph, parameters: parameters).run(operands)[0]
}

/// One image of one channel, row by row.
func image(_ rows: [Float]...) -> Tensor {
  Tensor([1, 1, rows.count, rows[0].count], rows.flatMap { $0 })
}

/// Elements that all differ, in no simple order, small integers: sums of products are exact.
func ramp(_ shape: Shape) -> Tensor {
  Tensor(shape, (0..<shape.elementCount).map { Float(($0 * 7 + 3) % 11 - 5) })
}

/// The root of the repository.
let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The graph of a spec in `Specs/`.
func specGraph(
  _ name: String, batch: Int = 1, overrides: [String: String] = [:]
) throws -> Graph {
  try specModel(name, overrides: overrides.merging(["batch": String(batch)]) { $1 }).graph
}

/// The model of a spec in `Specs/`.
func specModel(_ name: String, overrides: [String: String]) throws -> Model {
  let result = compileSpec(
    path: repository.appendingPathComponent("Specs/\(name).spec").path,
    overrides: overrides
  ) { try String(contentsOfFile: $0, encoding: .utf8) }
  return try #require(result.model, "\(result.renderedDiagnostics())")
}
