import Foundation
import GraphIR
import KernelPlanning
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import let TestSupport.projectFolder
import Testing
import Toolchain

/// What PyTorch computes in float64 on seeded weights and input: `Tests/Data/seeded`.
private struct Expectation: Decodable {
  struct Stage: Decodable {
    var shape: [Int]
    var mean: Double
    var absmax: Double
  }

  var input: [Int]
  var argmax: [Int]
  var logits: [[Double]]
  var stages: [String: Stage]?
}

/// Generated code against PyTorch.
@Suite(.serialized) struct OracleTests {
  static let names = [
    "cifar_resnet20", "resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "resnet152",
  ]

  @Test(arguments: names, Accuracy.allCases)
  func generatedCodeComputesWhatPyTorchDoes(name: String, accuracy: Accuracy) throws {
    let file = projectFolder.appendingPathComponent("Tests/Data/seeded/\(name).json")
    let expected = try JSONDecoder().decode(Expectation.self, from: Data(contentsOf: file))
    let batch = ["batch": "\(expected.input[0])"]
    var options = CompilerOptions.forThisMachine
    options.accuracy = accuracy
    var network = try compile(model(name, batch), options: options)
    if accuracy == .relaxed {
      if !network.storesFloat16 {
        // Where all weights stay in cache none are stored so by themselves.
        options.forced = [ForcedConfiguration(pattern: "*", method: "direct-float16")]
        network = try compile(model(name, batch), options: options)
      }
      try #require(network.storesFloat16)
    }
    let module = try loadModule(network, parameters: SeededWeights())
    let context = try module.makeContext(threads: 2)
    let input = seededInput(network.runtime.inputShape)

    let stages = try observedStages(of: network, in: context, input)
    for (stage, reference) in expected.stages ?? [:] {
      let tensor = try #require(stages[stage], "\(stage) is no step")
      #expect(tensor.shape.dimensions == reference.shape)
      let values = tensor.elements.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let absmax = values.map(abs).max() ?? 0
      let allowed = accuracy.tolerance * reference.absmax
      #expect(abs(mean - reference.mean) <= allowed, "\(stage)")
      #expect(abs(absmax - reference.absmax) <= allowed, "\(stage)")
    }

    let logits = try context.run(input)[0]
    for (row, reference) in expected.logits.enumerated() {
      let found = Array(logits.row(row))
      let scale = reference.map(abs).max() ?? 1
      let error = zip(found, reference).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error <= accuracy.tolerance * scale)
      #expect(found.indices.max { found[$0] < found[$1] } == expected.argmax[row])
    }
  }

  /// The results of `maxpool` and `layer1` to `layer4`, read between the steps. The stem's pool is
  /// fused into its convolution; a stage's result is that of the last step in it.
  private func observedStages(
    of network: CompiledNetwork, in context: NativeContext, _ input: [Float]
  ) throws -> [String: Tensor] {
    var stages: [String: Tensor] = [:]
    for (index, step) in network.plan.steps.enumerated() {
      try context.run(input, steps: index..<index + 1)
      guard case .buffer(let buffer) = step.output else { continue }
      let stage = step.name == "conv1" ? "maxpool" : String(step.name.prefix { $0 != "." })
      stages[stage] = context.contents(of: network.plan.buffers[buffer])
    }
    return stages
  }
}

extension CompiledNetwork {
  fileprivate var storesFloat16: Bool { plan.weights.contains { $0.format == .float16 } }
}

/// Generated code against timm, for pictures of 40×40 pixels: `Tests/Data/timm`.
@Suite(.serialized) struct TimmTests {
  private struct Expectation: Decodable {
    var input: [Int]?
    var largest: Double?
    /// Every 25th.
    var logits: [Double]?
  }

  private static let all = Result {
    let file = projectFolder.appendingPathComponent("Tests/Data/timm/expected.json")
    return try JSONDecoder().decode([String: Expectation].self, from: Data(contentsOf: file))
  }

  static let known: Set<String> = Set((try? all.get().keys.map(\.self)) ?? [])

  // Basic blocks, bottlenecks and pre-activation, with pooled shortcuts, groups, deep stems,
  // squeeze-and-excitation and SiLU.
  @Test(arguments: [
    "resnet10t", "resnet26t", "resnet50d", "resnext50d_32x4d", "resnetv2_18d", "resnetv2_50",
    "seresnet18", "seresnet50", "seresnext50_32x4d", "resnetrs50", "seresnext26ts",
  ])
  func generatedCodeComputesWhatTimmDoes(name: String) throws {
    let expected = try #require(try Self.all.get()[name])
    let input = Shape(try #require(expected.input))
    let network = try compile(
      model(name, ["size": "\(input.height)"]), options: .forThisMachine)
    let module = try loadModule(network, parameters: SeededWeights())
    let logits = try module.makeContext(threads: 2).run(seededInput(input))[0].elements
    let some = stride(from: 0, to: logits.count, by: 25).map { Double(logits[$0]) }
    let reference = try #require(expected.logits)
    try #require(some.count == reference.count)
    let error = zip(some, reference).map { abs($0 - $1) }.max() ?? .infinity
    #expect(error <= Accuracy.standard.tolerance * (try #require(expected.largest)))
  }
}

/// The other networks in `Specs/`: generated code against the interpreter. Of those that only timm has,
/// some are in `TimmTests`.
@Suite(.serialized) struct SpecTests {
  private static let torchvision: Set = [
    "resnet34", "resnet101", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet101_2",
  ]

  static let names: [String] = {
    let folder = projectFolder.appendingPathComponent("Specs").path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".spec") }.map { String($0.dropLast(5)) }.sorted()
      .filter { !OracleTests.names.contains($0) }
      .filter { !TimmTests.known.contains($0) || torchvision.contains($0) }
  }()

  @Test(arguments: names)
  func generatedCodeComputesWhatTheInterpreterDoes(name: String) throws {
    try expectAgreement(model(name), threads: 2)
  }
}
