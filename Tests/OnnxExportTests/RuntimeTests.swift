import Foundation
import GraphIR
import GraphPasses
import TestSupport
import Testing

@testable import OnnxExport

/// What onnx's checker and ONNX Runtime say of exported models, beside the interpreter.
@Suite("Exported models, in ONNX Runtime")
struct RuntimeTests {
  @Test("are tested where they have to be", .enabled(if: TestPython.isRequired))
  func python() {
    #expect(TestPython.isThere, "\(TestPython.reason)")
  }

  /// Single operations in float32 beside the same in float64: few sums are longer than 50.
  @Test(
    "compute each operation as the interpreter does",
    .enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func operations() throws {
    try check(OperationSamples.all, within: 2e-6)
  }

  @Test(
    "compute random networks as the interpreter does, before all passes and after them",
    .enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func randomNetworks() throws {
    var graphs: [(String, Graph)] = []
    for seed in 0..<60 {
      let graph = randomNetwork(seed: seed)
      graphs.append(("network \(seed)", graph))
      graphs.append(("network \(seed) after the passes", try PassManager().run(graph).graph))
    }
    try check(graphs, within: 1e-5)
  }

  /// The kinds of networks that come with the compiler, on small images.
  static let specs = [
    "cifar_resnet20", "cifar_resnet20_b", "preact_cifar_resnet110", "resnet8-cifar10", "resnet18",
    "resnet26t", "resnext50_32x4d", "seresnet33ts", "resnetv2_18d", "resnetv2_50",
  ]

  /// What the generated code is allowed.
  @Test(
    "compute the networks of specs as the interpreter does",
    .enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func networks() throws {
    try check(
      Self.specs.map { name in
        let overrides = name == "resnet8-cifar10" ? [:] : ["size": "64", "batch": "2"]
        return (name, try specGraph(name, overrides: overrides))
      }, within: 2e-4)
  }

  private func check(_ graphs: [(String, Graph)], within tolerance: Double) throws {
    let run = try RuntimeRun(graphs)
    defer { run.remove() }
    try run.expectInterpretersResults(within: tolerance)
  }
}
