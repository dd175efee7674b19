import GraphIR
import MachineModel
import ModuleBuilding
import OnnxFiles
import OnnxImport
import ResNetCompiler
import TestSupport
import Testing
import Toolchain

/// What is compiled of ONNX files computes what is expected.
@Suite(.serialized) struct GeneratedCodeTests {
  /// Every one of ONNX's tests that passes as a network, many to a library.
  @Test(
    arguments: Set([InstructionSet.bestHere, .portable]).sorted { $0.name < $1.name },
    NodeTest.Collection.allCases)
  func nodeTestsPass(instructionSet: InstructionSet, collection: NodeTest.Collection) throws {
    let names = try OperatorTable.recorded(collection)
    try #require(names.count > 40)
    var joined = JoinedNetworks()
    var tests: [(test: NodeTest, places: Range<Int>)] = []
    for name in names {
      let test = try NodeTest(name, in: collection)
      let network = try test.network()
      let places = try joined.append(
        network.model.graph, weights: network.weights, input: try #require(try test.input()),
        name: name)
      tests.append((test, places))
    }
    let results = try compiled(Model(graph: joined.graph), instructionSet, joined).run([0])
    for (test, places) in tests {
      let expected = try test.expected()
      try #require(places.count == expected.count, "\(test.name)")
      for (found, wanted) in zip(results[places], expected) {
        #expect(found.shape == wanted.shape, "\(test.name)")
        #expect(
          largestError(found.elements, wanted.elements) <= NodeTest.tolerance(of: test.name),
          "\(test.name)")
      }
    }
  }

  /// One network of each kind, from the exporter that leaves the most behind.
  @Test(arguments: [
    "basic-dynamo-18-dynamic-unoptimized", "bottleneck-torchscript-17",
    "cifar-torchscript-13-dynamic-unfolded", "wider-dynamo-18-dynamic-unoptimized",
    "channels-last",
  ])
  func exportsPass(name: String) throws {
    let export = try #require(ExportTests.Export.all[name])
    let imported = try ExportTests.Export.imported(name)
    let results = try compiled(imported.model, .bestHere, imported.weights)
      .run(ExportTests.Export.counted(Shape(export.shape)).elements)
    #expect(largestError(results[0].elements, export.output) < 1e-5)
  }

  @Test func lightResNet50Passes() throws {
    let folder = LightModelTests.folder
    let imported = try importOnnx(try OnnxModel(path: folder + "/light_resnet50.onnx"))
    let expected = try OnnxTensor(path: folder + "/light_resnet50_output_0.pb")
    let results = try compiled(imported.model, .bestHere, imported.weights)
      .run(LightModelTests.input([1, 3, 224, 224]).elements)
    #expect(largestError(results[0].elements, try expected.floatValues()) < 1e-6)
  }

  /// A library with one variant alone, which compiles the fastest.
  private func compiled(
    _ model: Model, _ instructionSet: InstructionSet, _ weights: some ParameterSource
  ) throws -> NativeContext {
    let options = CompilerOptions(
      machine: .generic(instructionSet), instructionSets: [instructionSet])
    let network = try compile(model, options: options)
    return try ModuleBuilder(compiler: try CompilerSearch.run().compiler)
      .load(network, parameters: weights).makeContext(threads: 1)
  }
}

extension InstructionSet {
  fileprivate static var bestHere: InstructionSet { Machine.probe().instructionSet }
}
