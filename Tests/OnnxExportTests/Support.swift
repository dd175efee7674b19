import Foundation
import GraphIR
import Interpreter
import ModelFiles
import OnnxExport
import OnnxFiles
import OnnxImport
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

/// The bytes of a graph's model and of the file beside it.
func exportedWithData(
  _ graph: Graph, location: String, weights: some ParameterSource = SeededWeights()
) throws -> (model: Data, data: Data) {
  let export = try OnnxExport(graph, producerVersion: "1.2.3")
  var (model, data) = (Data(), Data())
  try export.write(
    from: weights, to: { model.append(contentsOf: $0) }, data: { data.append(contentsOf: $0) },
    location: location)
  return (model, data)
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

/// A graph to export, and what its model has to compute.
struct ExportCase {
  var name: String
  var graph: Graph
  /// The graph whose results the interpreter is asked for, which has the same inputs.
  var reference: Graph
  var hasExternalData = false
  /// Whether the model is imported again as well, and what comes of it run.
  var isImported = false

  init(_ name: String, _ graph: Graph, reference: Graph? = nil) {
    (self.name, self.graph, self.reference) = (name, graph, reference ?? graph)
  }
}

/// What onnx and ONNX Runtime make of models: `run_models.py`.
struct RuntimeRun {
  private let folder: URL
  private let cases: [ExportCase]

  /// Exports the graphs and runs them all, in one process.
  init(_ cases: [ExportCase]) throws {
    self.cases = cases
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("resnetc-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, each) in cases.enumerated() {
      let path = file(index, "onnx")
      if each.hasExternalData {
        let files = try exportedWithData(each.graph, location: path.lastPathComponent + ".data")
        try files.model.write(to: path)
        try files.data.write(to: file(index, "onnx.data"))
      } else {
        try exported(each.graph).write(to: path)
      }
      for (number, input) in Self.inputs(of: each.graph).enumerated() {
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
    var known: (graph: Graph, outputs: [Tensor])?
    for (index, each) in cases.enumerated() {
      if let error = try? String(contentsOf: file(index, "error"), encoding: .utf8) {
        Issue.record("\(each.name): \(error)")
        continue
      }
      let inputs = Self.inputs(of: each.graph)
      let expected: [Tensor]
      if let known, known.graph == each.reference {
        expected = known.outputs
      } else {
        expected = try GraphInterpreter(each.reference, parameters: SeededWeights()).run(inputs)
        known = (each.reference, expected)
      }
      for (number, output) in expected.enumerated() {
        let data = try Data(contentsOf: file(index, "\(number).out"))
        let found = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        try expect(found, output.elements, within: tolerance, "\(each.name), output \(number)")
      }
      guard each.isImported else { continue }
      let model = try importOnnx(try OnnxModel(path: file(index, "onnx").path))
      let again = try GraphInterpreter(model.model.graph, parameters: model.weights).run(inputs)
      for (found, output) in zip(again, expected) {
        // Sums are in float64, and weights that norms were folded into were rounded once.
        try expect(
          found.elements, output.elements, within: min(tolerance, 1e-5),
          "\(each.name), imported again")
      }
    }
  }

  private func expect(
    _ found: [Float], _ expected: [Float], within tolerance: Double, _ label: String
  ) throws {
    try #require(found.count == expected.count, "\(label)")
    #expect(Self.error(found, from: expected) <= tolerance, "\(label)")
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
