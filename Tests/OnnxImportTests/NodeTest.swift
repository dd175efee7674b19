import Foundation
import GraphIR
import Interpreter
import OnnxFiles
import TestSupport

@testable import OnnxImport

/// One of the ONNX project's tests of single operators: a graph, its inputs and the outputs that they
/// give.
struct NodeTest {
  let name: String
  let model: OnnxModel
  private let inputs: [OnnxTensor]
  private let outputs: [OnnxTensor]

  /// Tests that are together in a folder of `Tests/Data`.
  enum Collection: String, CaseIterable {
    /// All of the operators that can be imported.
    case node = "onnx-node"
    /// Of models that an early PyTorch wrote.
    case pytorch = "onnx-pytorch"

    var folder: URL { projectFolder.appendingPathComponent("Tests/Data/\(rawValue)") }

    /// The names of its tests, sorted.
    var names: [String] {
      let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
      return (found ?? []).filter { $0.hasPrefix("test_") }.sorted()
    }
  }

  /// - Throws: `OnnxFileError` for values that are no tensors.
  init(_ name: String, in collection: Collection = .node) throws {
    self.name = name
    let folder = collection.folder.appendingPathComponent(name).path
    func tensors(_ role: String) throws -> [OnnxTensor] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      let count = names.count { $0.hasPrefix(role) }
      return try (0..<count).map { try OnnxTensor(path: "\(folder)/\(role)_\($0).pb") }
    }
    model = try OnnxModel(path: folder + "/model.onnx")
    (inputs, outputs) = (try tensors("input"), try tensors("output"))
  }

  /// The largest error of a test that passes, as `largestError` counts. ONNX's own runner allows 1e-3.
  static func tolerance(of name: String) -> Double {
    // Its expected values have four digits.
    name == "test_averagepool_2d_ceil_last_window_starts_on_pad" ? 1e-4 : 2e-6
  }

  /// How a test passed.
  enum Outcome: Equatable {
    /// The network computes what is expected.
    case network
    /// It was computed while importing.
    case constant
    /// It is refused, with this message.
    case refused(String)
  }

  /// The graph as a network of its first input; what else it takes is constant, as weights are.
  func network() throws -> ImportedModel {
    var model = model
    bind(&model, from: 1)
    return try importOnnx(model)
  }

  /// The network's input; nil if the test's data are not here, as those of refused tests.
  func input() throws -> Tensor? {
    guard !outputs.isEmpty else { return nil }
    return try inputs.first.map { Tensor($0.shape, try $0.floatValues()) }
  }

  /// The outputs of the network.
  func expected() throws -> [Tensor] {
    try outputs.map { Tensor($0.shape, try $0.floatValues()) }
  }

  /// What importing alone gives for the outputs: constants, where it does.
  func constants(bindingAll: Bool) throws -> [ConstantTensor?] {
    var model = model
    bind(&model, from: bindingAll ? 0 : 1)
    var importer = OnnxImporter(model, name: name)
    try importer.run(settings: [:], needsInput: false)
    return model.graph.outputs.map {
      if case .constant(let tensor)? = importer.values[$0.name] { return tensor }
      return nil
    }
  }

  /// Whether constants are the outputs that the test expects.
  func areExpected(_ constants: [ConstantTensor]) throws -> Bool {
    guard constants.count == outputs.count else { return false }
    return try zip(constants, outputs).allSatisfy { found, expected in
      guard found.shape == expected.shape, found.type == expected.elementType else { return false }
      return try found.isInteger
        ? found.integers() == expected.intValues()
        : largestError(found.floats(), expected.floatValues()) <= Self.tolerance(of: name)
    }
  }

  /// Gives the graph its inputs from one on as initializers.
  private func bind(_ model: inout OnnxModel, from first: Int) {
    let count = inputs.isEmpty ? model.graph.inputs.count : min(first, model.graph.inputs.count)
    for (info, tensor) in zip(model.graph.inputs, inputs).dropFirst(count) {
      model.graph.initializers[info.name] = tensor
    }
    model.graph.inputs = Array(model.graph.inputs.prefix(count))
  }
}

/// max |a − b| / max(1, |b|); infinite if a value is no number where another is expected.
func largestError(_ found: [Float], _ expected: [Float]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var largest = 0.0
  for (a, b) in zip(found, expected) where a != b && !(a.isNaN && b.isNaN) {
    let error = abs(Double(a) - Double(b)) / max(1, abs(Double(b)))
    largest = error.isNaN ? .infinity : max(largest, error)
  }
  return largest
}
