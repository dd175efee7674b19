import Foundation
import GraphIR
import OnnxExport
import OnnxFiles
import OnnxImport
import Testing

/// What `resnetc export` writes, `resnetc` reads.
@Suite("An exported model that is imported again")
struct RoundTripTests {
  /// Every spec that comes with the compiler.
  static let specs: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: specFolder.path)) ?? []
    return files.filter { $0.hasSuffix(".spec") }.map { String($0.dropLast(5)) }.sorted()
  }()

  @Test("is tested with all specs")
  func count() {
    #expect(Self.specs.count >= 80)
  }

  @Test("is the same graph under the same names", arguments: specs)
  func same(name: String) throws {
    let graph = try specGraph(name)
    let found = try imported(graph).model.graph
    let expected = try expected(graph)
    #expect(found.text() == expected.text())
  }

  /// Exports a graph to a file and imports that.
  private func imported(_ graph: Graph) throws -> ImportedModel {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("resnetc-tests-\(UUID().uuidString).onnx")
    defer { try? FileManager.default.removeItem(at: path) }
    #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
    let file = try FileHandle(forWritingTo: path)
    let export = try OnnxExport(graph, producerVersion: "1.2.3")
    var written: UInt64 = 0
    try export.write(from: Zeros()) { bytes in
      written += UInt64(bytes.count)
      // A file with a hole is made at once.
      if bytes.isZero {
        try file.seek(toOffset: written)
      } else {
        try file.write(contentsOf: Data(bytes))
      }
    }
    try file.truncate(atOffset: written)
    try file.close()
    return try importOnnx(try OnnxModel(path: path.path), name: graph.name)
  }

  /// The graph with the one operation parted that ONNX has two for: leaving rows and columns out, and
  /// padding channels.
  private func expected(_ graph: Graph) throws -> Graph {
    var result = Graph(name: graph.name)
    var values: [NodeID] = []
    for node in graph.nodes {
      var inputs = node.inputs.map { values[$0.index] }
      guard case .padChannels(var padding) = node.op, padding.stride != Extent(1) else {
        if node.op == .input {
          values.append(result.appendInput(node.type, name: node.name))
        } else {
          values.append(try result.append(node.op, inputs, name: node.name))
        }
        continue
      }
      let sampling = Pooling(kernel: Extent(1), stride: padding.stride)
      padding.stride = Extent(1)
      inputs = [try result.append(.maxPool(sampling), inputs, name: "\(node.name).maxpool")]
      values.append(try result.append(.padChannels(padding), inputs, name: node.name))
    }
    result.outputs = graph.outputs.map { values[$0.index] }
    return result
  }

  /// Weights that take no time to make.
  private struct Zeros: ParameterSource {
    func values(of parameter: ParameterSpec) -> [Float] {
      [Float](repeating: 0, count: parameter.shape.elementCount)
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether there are bytes, and each is 0: the first is, and equals its successor, and so on.
  fileprivate var isZero: Bool {
    guard let start = baseAddress, first == 0 else { return false }
    return memcmp(start, start + 1, count - 1) == 0
  }
}
