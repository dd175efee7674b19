import CodeGen
import GraphIR
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// A module may return any values of a network, images in NCHW order.
@Suite(.serialized) struct OutputTests {
  /// Before, between and behind what passes would fuse, and the same value under two names.
  private static let names = [
    "layer1.0.conv1", "layer1.0.bn1", "layer2", "layer2.0", "layer3.0.downsample", "globalavgpool",
    "flatten", "output",
  ]

  /// What the interpreter has for them in the graph that the spec gives, which has all values.
  private func expected(_ whole: Model, _ input: [Float]) throws -> [[Float]] {
    var values: [NodeID: Tensor] = [:]
    let own = try GraphInterpreter(whole.graph, parameters: SeededWeights()).run(
      [Tensor(whole.graph[whole.graph.inputs[0]].type.shape, input)]
    ) { id, tensor, _ in values[id] = tensor }
    return try Self.names.map {
      $0 == "output"
        ? own[0].elements : try #require(whole.values[$0].flatMap { values[$0] }).elements
    }
  }

  @Test(arguments: [nil] + Layout.allCases.map(Optional.some))
  func valuesAreTheInterpreters(layout: Layout?) throws {
    let whole = try model("resnet18", ["batch": "2", "size": "40"])
    let input = seededInput([2, 3, 40, 40])
    let references = try expected(whole, input)
    var wanted = whole
    try wanted.selectOutputs(Self.names)
    var options = CompilerOptions.forThisMachine
    options.layout = layout
    let network = try compile(wanted, options: options)
    #expect(network.runtime.outputs.map(\.name) == Self.names)
    #expect(network.runtime.outputs[2].shape == [2, 128, 5, 5])
    #expect(network.runtime.classOutput == Self.names.count - 1)
    let module = try loadModule(network, parameters: SeededWeights())
    let results = try module.makeContext(threads: 3).run(input)
    for (name, (found, reference)) in zip(Self.names, zip(results, references)) {
      #expect(relativeError(found.elements, reference) <= 1e-5, "\(name)")
    }
    let single = try module.makeContext(threads: 1).run(input)
    #expect(single == results)
  }

  /// What comes behind the last output is neither computed nor loaded.
  @Test func featuresCostNoClassifier() throws {
    var model = try model("resnet8-cifar10")
    let all = try compile(model, options: .forThisMachine)
    try model.selectOutputs(["layer2"])
    let features = try compile(model, options: .forThisMachine)
    #expect(features.plan.steps.count < all.plan.steps.count)
    #expect(features.plan.weightBytes < all.plan.weightBytes)
    #expect(!features.plan.steps.contains { $0.name.hasPrefix("layer3") })
    #expect(features.runtime.outputs == [.init(name: "output", shape: [1, 32, 16, 16])])
    #expect(!features.files.contains { $0.path.hasSuffix("Classification.swift") })
  }

  /// A result that is copied out at once does not keep its memory to the end.
  @Test func anEarlyOutputHardlyAddsMemory() throws {
    var model = try model("resnet18")
    let all = try compile(model, options: .forThisMachine).plan.arenaBytes
    try model.selectOutputs(["layer1.0", "output"])
    let both = try compile(model, options: .forThisMachine).plan.arenaBytes
    #expect(both <= all * 5 / 4)
  }
}
