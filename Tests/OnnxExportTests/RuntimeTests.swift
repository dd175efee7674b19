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
    try check(OperationSamples.all.map { ExportCase($0, $1) }, within: 2e-6)
  }

  @Test(
    "compute random networks as the interpreter does, before all passes and after them",
    .enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func randomNetworks() throws {
    var cases: [ExportCase] = []
    for seed in 0..<60 {
      let graph = randomNetwork(seed: seed)
      let fused = try PassManager().run(graph).graph
      cases.append(ExportCase("network \(seed)", graph))
      cases.append(ExportCase("network \(seed) after the passes", fused, reference: graph))
    }
    try check(cases, within: 1e-5)
  }

  /// One of each kind of network that comes with the compiler, on small images.
  static let specs: [(name: String, size: Int)] = [
    ("cifar_resnet20", 32), ("cifar_resnet20_b", 32), ("preact_cifar_resnet110", 32),
    ("resnet8-cifar10", 32), ("resnet10t", 64), ("resnet18", 64), ("resnet26t", 64),
    ("resnet32ts", 32), ("resnet50", 32), ("resnet50d", 32), ("resnet50s", 32), ("resnet50v1", 32),
    ("resnetrs50", 32), ("resnetv2_18d", 64), ("resnetv2_50", 32), ("resnext50_32x4d", 32),
    ("seresnet18", 64), ("seresnet33ts", 32), ("seresnext26d_32x4d", 32), ("wide_resnet50_2", 32),
  ]

  /// What the generated code is allowed.
  @Test(
    "compute the networks of specs as the interpreter does, before all passes and after them",
    .enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func networks() throws {
    var cases: [ExportCase] = []
    for (index, (name, size)) in Self.specs.enumerated() {
      let overrides = name == "resnet8-cifar10" ? [:] : ["size": "\(size)", "batch": "2"]
      let graph = try specGraph(name, overrides: overrides)
      cases.append(ExportCase(name, graph))
      var compiled = ExportCase(
        "\(name) after the passes", try PassManager().run(graph).graph, reference: graph)
      compiled.isImported = true
      compiled.hasExternalData = index.isMultiple(of: 2)
      cases.append(compiled)
    }
    try check(cases, within: 2e-4)
  }

  private func check(_ cases: [ExportCase], within tolerance: Double) throws {
    let run = try RuntimeRun(cases)
    defer { run.remove() }
    try run.expectInterpretersResults(within: tolerance)
  }
}
