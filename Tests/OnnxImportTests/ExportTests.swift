import Foundation
import GraphIR
import Interpreter
import OnnxFiles
import OnnxImport
import TestSupport
import Testing

/// Small networks as PyTorch's exporters and converters from Keras write them, held to ONNX Runtime:
/// see `Scripts/onnx-exports`.
@Suite struct ExportTests {
  /// An exported network and what ONNX Runtime computes with it.
  struct Export: Decodable {
    var shape: [Int]
    var output: [Float]

    static let all: [String: Export] = {
      let file = folder.appendingPathComponent("expected.json")
      let data = (try? Data(contentsOf: file)) ?? Data()
      return (try? JSONDecoder().decode([String: Export].self, from: data)) ?? [:]
    }()

    static let folder = projectFolder.appendingPathComponent("Tests/Data/onnx-exports")

    /// Numbers from −1 to 1, as the script makes them.
    static func counted(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.elementCount).map { Float($0 * 37 % 101) / 50 - 1 })
    }

    static func imported(_ name: String, batch: Int? = nil) throws -> ImportedModel {
      let model = try OnnxModel(path: folder.appendingPathComponent("\(name).onnx").path)
      return try importOnnx(model, settings: batch.map { ["batch": "\($0)"] } ?? [:])
    }
  }

  @Test func allAreThere() { #expect(Export.all.count == 22) }

  @Test(arguments: Export.all.keys.sorted())
  func interpreterAgreesWithONNXRuntime(name: String) throws {
    let export = try #require(Export.all[name])
    let imported = try Export.imported(name)
    let graph = imported.model.graph
    let results = try GraphInterpreter(graph, parameters: imported.weights)
      .run([Export.counted(Shape(export.shape))])
    #expect(largestError(results[0].elements, export.output) < 1e-5)
  }

  /// Networks with a fixed batch too, into which exporters write shapes.
  @Test(arguments: Export.all.keys.sorted())
  func everyImageOfABatchIsComputedAlike(name: String) throws {
    let export = try #require(Export.all[name])
    let imported = try Export.imported(name, batch: 3)
    let one = Export.counted(Shape(export.shape))
    var shape = one.shape
    shape.dimensions[0] = 3
    let batch = Tensor(
      shape, one.elements + [Float](repeating: 0.5, count: one.elements.count) + one.elements)
    let results = try GraphInterpreter(imported.model.graph, parameters: imported.weights)
      .run([batch])
    #expect(largestError(Array(results[0].row(0)), export.output) < 1e-5)
    #expect(largestError(Array(results[0].row(2)), export.output) < 1e-5)
  }

  /// Names that a person knows from PyTorch, whichever exporter wrote the file.
  @Test(arguments: [
    "basic-torchscript-17", "basic-torchscript-13-dynamic-unfolded", "basic-dynamo-18",
    "basic-dynamo-18-dynamic-unoptimized",
  ])
  func nodesAreNamedAfterTheirModules(name: String) throws {
    let graph = try Export.imported(name).model.graph
    let convolutions = graph.nodes.filter { if case .convolution = $0.op { true } else { false } }
    #expect(
      convolutions.map(\.name) == [
        "conv1", "layer1.0.conv1", "layer1.0.conv2", "layer2.0.conv1", "layer2.0.conv2",
        "layer2.0.downsample.0", "layer3.0.conv1", "layer3.0.conv2", "layer3.0.downsample.0",
        "layer4.0.conv1", "layer4.0.conv2", "layer4.0.downsample.0",
      ])
    #expect(graph.nodes.last?.name == "fc")
    #expect(graph.nodes.contains { $0.name.hasPrefix("layer1.0.add") })
  }

  /// Names and shapes of the state dict, where the exporter left the batch norms alone.
  @Test func unfoldedExportsKeepTheStateDict() throws {
    let graph = try Export.imported("basic-torchscript-13-dynamic-unfolded").model.graph
    let names = graph.parameters().map(\.name)
    #expect(names.count == 62)
    #expect(names.contains("layer2.0.downsample.1.running_var"))
    #expect(names.allSatisfy { !$0.contains("onnx::") })
  }

  /// What exporters compute of shapes leaves nothing behind.
  @Test(arguments: Export.all.keys.sorted().filter { $0.hasPrefix("basic") })
  func onlyTheNetworkIsLeft(name: String) throws {
    let graph = try Export.imported(name).model.graph
    let known: Set = [
      "input", "conv", "batch_norm", "relu", "max_pool", "add", "global_average_pool", "flatten",
      "linear",
    ]
    #expect(Set(graph.nodes.map(\.op.mnemonic)).subtracting(known).isEmpty)
  }
}
