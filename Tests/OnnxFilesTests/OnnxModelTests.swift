import Foundation
import OnnxFiles
import OnnxSchema
import SwiftProtobuf
import Testing

@Suite struct `An ONNX model` {
  @Test func `is read as plain values`() throws {
    let relu = onnxNode("Relu", ["s"], ["y"], name: "act")
    let graph = onnxGraph(
      initializers: [onnxTensor("b", [3], [1, 2, 3])], [onnxNode("Add", ["x", "b"], ["s"]), relu])
    let path = NSTemporaryDirectory() + "resnetc-tests-\(UUID().uuidString).onnx"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes: Data = try onnxModel(graph).serializedBytes()
    try bytes.write(to: URL(fileURLWithPath: path))
    let model = try OnnxModel(path: path)
    #expect(model.opset == 17)
    #expect(
      model.graph.inputs == [
        OnnxValueInfo(name: "x", elementType: .float, dimensions: [.fixed(2), .fixed(3)])
      ])
    #expect(model.graph.nodes.map(\.label) == ["node 0 (Add)", "node \"act\" (Relu)"])
    #expect(try model.graph.initializers["b"]?.floatValues() == [1, 2, 3])
  }
}
