import Foundation
import GraphIR
import Interpreter
import OnnxFiles
import OnnxImport
import TestSupport
import Testing

/// The ResNet-50 of ONNX's tests, whose weights are made by its own nodes.
@Suite struct LightModelTests {
  static let folder = projectFolder.appendingPathComponent("Tests/Data/onnx-light").path

  /// As the runner of ONNX's tests makes it.
  static func input(_ shape: Shape) -> Tensor {
    let count = shape.elementCount
    return Tensor(shape, (0..<count).map { Float($0) / Float(count) })
  }

  @Test func interpreterAgrees() throws {
    let imported = try importOnnx(try OnnxModel(path: Self.folder + "/light_resnet50.onnx"))
    let graph = imported.model.graph
    #expect(graph.nodes.count == 177)
    let shape = graph[graph.inputs[0]].type.shape
    let results = try GraphInterpreter(graph, parameters: imported.weights)
      .run([Self.input(shape)])
    let expected = try OnnxTensor(path: Self.folder + "/light_resnet50_output_0.pb")
    #expect(results[0].shape == expected.shape)
    #expect(largestError(results[0].elements, try expected.floatValues()) < 1e-6)
  }
}
