import Foundation
import GraphIR
import Interpreter
import ModelFiles
import OnnxExport
import OnnxSchema
import SpecLanguage
import SwiftProtobuf
import TestSupport
import Testing

/// A graph in its textual form, without the line around it.
func graph(_ lines: String, named name: String = "g") throws -> Graph {
  let graph = try Graph(parsing: "graph \(name) {\n\(lines)\n}")
  try graph.verify()
  return graph
}

/// The bytes of a graph's model.
func exported(
  _ graph: Graph, weights: some ParameterSource = SeededWeights()
) throws -> Data {
  let export = try OnnxExport(graph, producerVersion: "1.2.3")
  var bytes = Data()
  try export.write(from: weights) { bytes.append(contentsOf: $0) }
  #expect(bytes.count == export.byteCount)
  return bytes
}

/// A graph's model, read back from its bytes.
func model(
  _ graph: Graph, weights: some ParameterSource = SeededWeights()
) throws -> Onnx_ModelProto {
  try Onnx_ModelProto(serializedBytes: try exported(graph, weights: weights))
}

extension Onnx_ModelProto {
  /// The operations, one a line.
  var text: String {
    let constants = Dictionary(
      graph.initializer.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return graph.node.map { node in
      let inputs = node.input.map { constants[$0]?.integersOrScalar ?? $0 }
      let attributes = node.attribute.map { " \($0.name)=\($0.text)" }.joined()
      return "\(node.output.joined()) = \(node.opType)(\(inputs.joined(separator: ", ")))"
        + attributes
    }.joined(separator: "\n")
  }
}

extension Onnx_TensorProto {
  /// The value of what is no weight.
  fileprivate var integersOrScalar: String? {
    if dataType == DataType.int64.rawValue {
      return rawData.withUnsafeBytes { "\(Array($0.bindMemory(to: Int64.self)))" }
    }
    guard dims.isEmpty else { return nil }
    return rawData.withUnsafeBytes { "\($0.loadUnaligned(as: Float.self))" }
  }
}

extension Onnx_AttributeProto {
  fileprivate var text: String {
    switch type {
    case .int: "\(i)"
    case .float: "\(f)"
    case .ints: "\(ints)"
    default: "?"
    }
  }
}

/// What onnx and ONNX Runtime make of models: `run_models.py`.
struct RuntimeRun {
  private let folder: URL
  private let graphs: [(name: String, graph: Graph)]

  /// Exports the graphs and runs them all, in one process.
  init(_ graphs: [(name: String, graph: Graph)]) throws {
    self.graphs = graphs
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("resnetc-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, (_, graph)) in graphs.enumerated() {
      try exported(graph).write(to: file(index, "onnx"))
      for (number, input) in Self.inputs(of: graph).enumerated() {
        try input.elements.withUnsafeBytes { try Data($0).write(to: file(index, "\(number).in")) }
      }
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(TestPython.path))
    process.arguments = [
      "-B",
      URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("run_models.py").path, folder.path,
    ]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "the Python script failed")
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Holds every output to the interpreter's: differences are relative to its largest magnitude.
  func expectInterpretersResults(within tolerance: Double) throws {
    for (index, (name, graph)) in graphs.enumerated() {
      if let error = try? String(contentsOf: file(index, "error"), encoding: .utf8) {
        Issue.record("\(name): \(error)")
        continue
      }
      let expected = try GraphInterpreter(graph, parameters: SeededWeights())
        .run(Self.inputs(of: graph))
      for (number, output) in expected.enumerated() {
        let data = try Data(contentsOf: file(index, "\(number).out"))
        let found = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        try #require(found.count == output.elements.count, "\(name)")
        let error = Self.error(found, from: output.elements)
        #expect(error <= tolerance, "\(name), output \(number)")
      }
    }
  }

  private static func error(_ found: [Float], from expected: [Float]) -> Double {
    let finite = expected.filter(\.isFinite).map { abs(Double($0)) }
    let largest = max(finite.max() ?? 0, .leastNormalMagnitude)
    return zip(found, expected).map { found, expected in
      found == expected || found.isNaN && expected.isNaN
        ? 0 : expected.isFinite ? abs(Double(found) - Double(expected)) / largest : .infinity
    }.max() ?? 0
  }

  private static func inputs(of graph: Graph) -> [Tensor] {
    graph.inputs.enumerated().map { index, id in
      let shape = graph[id].type.shape
      let elements = seededInput(shape)
      // The second input is the first one backwards.
      return Tensor(shape, index % 2 == 0 ? elements : elements.reversed())
    }
  }

  private func file(_ index: Int, _ suffix: String) -> URL {
    folder.appendingPathComponent("\(index).\(suffix)")
  }
}

/// Where the specs are that come with the compiler.
let specFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Specs")

/// The graph of a spec in `Specs/`.
func specGraph(_ name: String, overrides: [String: String] = [:]) throws -> Graph {
  let result = compileSpec(
    path: specFolder.appendingPathComponent("\(name).spec").path, overrides: overrides
  ) { try String(contentsOfFile: $0, encoding: .utf8) }
  return try #require(result.model, "\(result.renderedDiagnostics())").graph
}
