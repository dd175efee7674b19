import GraphIR
import Interpreter
import ModelFiles
import TestSupport
import Testing

@testable import GraphPasses

/// The promise of every pass, on random networks: the outputs stay what they are.
@Suite("Passes keep the meaning of a graph")
struct MeaningTests {
  /// The stem's pool is fused however small the image: here it is the meaning that counts.
  static let passes = standardPipeline.passes.map { pass -> any Pass in
    pass is FuseStemPool ? FuseStemPool(minimumByteCount: 0) : pass
  }

  private func outputs(of graph: Graph) throws -> [Tensor] {
    let inputs = graph.inputs.map { id in
      Tensor(graph[id].type.shape, seededInput(graph[id].type.shape))
    }
    return try GraphInterpreter(graph, parameters: SeededWeights()).run(inputs)
  }

  /// The interpreter rounds each node's result to float32 (2⁻²⁴ relative), and fused nodes round
  /// less often; a chain of 25 nodes, where sums can cancel, stays far within 1e-5 of the maximum.
  private func expectEqual(_ a: [Tensor], _ b: [Tensor], _ comment: Comment) {
    #expect(a.map(\.shape) == b.map(\.shape), comment)
    for (a, b) in zip(a, b) {
      let scale = max(1, a.elements.map(abs).max() ?? 0)
      let error = zip(a.elements, b.elements).map { abs($0 - $1) }.max() ?? 0
      #expect(error <= 1e-5 * scale, comment)
    }
  }

  @Test("all together, each alone, and each one left out", arguments: 0..<150)
  func meaning(seed: Int) throws {
    let graph = randomNetwork(seed: seed)
    let expected = try outputs(of: graph)
    let manager = PassManager(pipeline: Pipeline(passes: Self.passes))

    let all = try manager.run(graph).graph
    expectEqual(expected, try outputs(of: all), "all passes")
    for pass in Self.passes {
      let without = try manager.run(graph, options: PassOptions(disabled: [pass.name])).graph
      expectEqual(expected, try outputs(of: without), "without \(pass.name)")
      let alone = try PassManager(pipeline: Pipeline(passes: [pass])).run(graph).graph
      expectEqual(expected, try outputs(of: alone), "\(pass.name) alone")
    }
  }

  @Test(
    "a pass that reports no rewrite has changed nothing, and one that does has", arguments: 0..<150)
  func honesty(seed: Int) throws {
    var graph = randomNetwork(seed: seed)
    for pass in Self.passes {
      let before = graph
      let rewrites = try pass.run(on: &graph)
      #expect((rewrites == 0) == (graph == before), "\(pass.name)")
    }
  }

  @Test("the random networks give every pass something to do")
  func coverage() throws {
    var rewrites: [String: Int] = [:]
    for seed in 0..<150 {
      for report in try PassManager(pipeline: Pipeline(passes: Self.passes))
        .run(randomNetwork(seed: seed)).reports
      {
        rewrites[report.name, default: 0] += report.rewrites
      }
    }
    for pass in Self.passes { #expect(rewrites[pass.name, default: 0] >= 5, "\(pass.name)") }
  }
}
