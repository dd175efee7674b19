import Foundation
import GraphIR
import ModelFiles
import OnnxExport
import OnnxSchema
import Testing

@Suite("An exported model whose weights are in another file")
struct ExternalDataTests {
  @Test("says where each is, at pages of memory, and keeps the small ones")
  func places() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,40] "x"
      %1 = linear(%0) weight="a" bias="b" features=30 "y"
      %2 = linear(%1) weight="c" features=10 "z"
      return %2
      """)
    let files = try exportedWithData(graph, location: "m.onnx.data")
    let model = try Onnx_ModelProto(serializedBytes: files.model)
    let (a, b, c) = (
      model.graph.initializer[0], model.graph.initializer[1], model.graph.initializer[2]
    )
    func entries(_ tensor: Onnx_TensorProto) -> [String] {
      tensor.externalData.map { "\($0.key)=\($0.value)" }
    }
    #expect(entries(a) == ["location=m.onnx.data", "offset=0", "length=4800"])
    #expect(entries(c) == ["location=m.onnx.data", "offset=8192", "length=1200"])
    #expect(a.dataLocation == .external && a.rawData.isEmpty)
    #expect(b.dataLocation == .default && b.rawData.count == 120)
    #expect(files.data.count == 9392)
    #expect(files.data[4800..<8192].allSatisfy { $0 == 0 })
    let whole = try self.model(graph)
    #expect(files.data[..<4800] == whole.graph.initializer[0].rawData)
    #expect(files.data[8192...] == whole.graph.initializer[2].rawData)
    #expect(b == whole.graph.initializer[1])
  }

  private func model(_ graph: Graph) throws -> Onnx_ModelProto {
    try Onnx_ModelProto(serializedBytes: exported(graph))
  }

  @Test("is the only one possible beyond what a protobuf message can be")
  func size() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,65536] "x"
      %1 = linear(%0) weight="w" features=8192 "y"
      return %1
      """)
    let export = try OnnxExport(graph, producerVersion: "1.2.3")
    #expect(export.isTooLargeForOneFile)
    #expect(throws: OnnxExportError.tooLarge(byteCount: export.byteCount)) {
      try export.write(from: SeededWeights()) { _ in }
    }
  }
}
