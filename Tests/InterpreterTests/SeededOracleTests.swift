import Foundation
import GraphIR
import GraphPasses
import Interpreter
import ModelFiles
import SpecLanguage
import Testing

/// What PyTorch gives in float64 for seeded weights and a seeded input.
private struct Expectation: Decodable {
  struct Stage: Decodable {
    var shape: [Int]
    var mean: Double
    var absmax: Double
  }

  var input: [Int]
  var stages: [String: Stage]?
  var logits: [[Double]]

  init(model: String) throws {
    let data = try Data(
      contentsOf: repository.appendingPathComponent("Tests/Data/seeded/\(model).json"))
    self = try JSONDecoder().decode(Expectation.self, from: data)
  }
}

@Suite("With seeded weights, the interpreter agrees with PyTorch in float64", .serialized)
struct SeededOracleTests {
  static let models = [
    "cifar_resnet20", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "resnet152",
  ]

  // Each node rounds to float32 once (6e-8 of a value); over 150 layers that has come to 1e-7.
  static let tolerance = 1e-5

  @Test("on the graph as the spec gives it", arguments: models)
  func beforePasses(model: String) throws {
    try check(model) { $0 }
  }

  // Deeper and wider networks of the same blocks would only take longer.
  @Test(
    "on the graph that all passes leave",
    arguments: ["cifar_resnet20", "resnet18", "resnet50", "resnext50_32x4d"])
  func afterPasses(model: String) throws {
    try check(model) { try PassManager().run($0).graph }
  }

  private func check(_ model: String, _ transform: (Graph) throws -> Graph) throws {
    let expected = try Expectation(model: model)
    let graph = try transform(specGraph(model, batch: expected.input[0]))
    let input = Tensor(Shape(expected.input), seededInput(Shape(expected.input)))
    let stageOfNode = stages(expected, in: graph)
    var seen: Set<String> = []
    let logits = try GraphInterpreter(graph, parameters: SeededWeights()).run([input]) {
      id, result, _ in
      guard let name = stageOfNode[id], let stage = expected.stages?[name] else { return }
      seen.insert(name)
      #expect(result.shape.dimensions == stage.shape, "\(name)")
      let values = result.elements.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      #expect(abs(mean - stage.mean) <= Self.tolerance * abs(stage.mean), "mean of \(name)")
      let absmax = values.reduce(0) { max($0, abs($1)) }
      #expect(abs(absmax - stage.absmax) <= Self.tolerance * stage.absmax, "absmax of \(name)")
    }[0]
    #expect(seen == Set(expected.stages.map { $0.keys } ?? [:].keys))

    let reference = expected.logits.flatMap { $0 }
    try #require(logits.elements.count == reference.count)
    let largest = reference.map(abs).max() ?? 0
    let error = zip(logits.elements, reference).map { abs(Double($0) - $1) }.max() ?? .infinity
    #expect(error <= Self.tolerance * largest)
  }

  /// The node that holds the result of each stage.
  private func stages(_ expected: Expectation, in graph: Graph) -> [NodeID: String] {
    var stages: [NodeID: String] = [:]
    for name in expected.stages.map({ $0.keys.sorted() }) ?? [] {
      let node =
        name == "maxpool"
        ? graph.nodeIDs.first(where: { pools(graph[$0].op) }) : graph.output(ofModule: name)
      if let node { stages[node] = name }
    }
    return stages
  }

  private func pools(_ op: Op) -> Bool {
    switch op {
    case .maxPool: true
    case .convolution(let conv): conv.epilogue.maxPool != nil
    default: false
    }
  }
}
