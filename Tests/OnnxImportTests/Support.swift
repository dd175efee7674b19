import GraphIR
import Interpreter

@testable import OnnxFiles
@testable import OnnxImport

/// A graph of a few nodes, as a file would have it.
struct OnnxSketch {
  var nodes: [OnnxNode] = []
  var initializers: [String: OnnxTensor] = [:]
  var input: [OnnxDimension] = [.fixed(1), .fixed(2), .fixed(4), .fixed(4)]
  var inputType = OnnxElementType.float
  var outputs = ["y"]
  var opset = 17

  mutating func node(
    _ operation: String, _ inputs: [String], _ outputs: [String],
    _ attributes: [String: OnnxAttribute.Value] = [:], name: String = "", domain: String = ""
  ) {
    nodes.append(
      OnnxNode(
        name: name, opType: operation, domain: domain, inputs: inputs, outputs: outputs,
        attributes: attributes.sorted { $0.key < $1.key }.map {
          .init(name: $0.key, value: $0.value)
        },
        index: nodes.count, metadata: [:]))
  }

  mutating func floats(_ name: String, _ shape: Shape, _ values: [Float]) {
    initializers[name] = tensor(name, shape, .float, .floats(values))
  }

  mutating func integers(_ name: String, _ values: [Int]) {
    initializers[name] = tensor(name, [values.count], .int64, .int64s(values.map { Int64($0) }))
  }

  private func tensor(
    _ name: String, _ shape: Shape, _ type: OnnxElementType, _ elements: OnnxElements
  ) -> OnnxTensor {
    OnnxTensor(
      name: name, elementType: type, shape: shape, label: "initializer \"\(name)\"",
      path: "model.onnx", elements: elements)
  }

  var model: OnnxModel {
    OnnxModel(
      path: "model.onnx", irVersion: 8, opset: opset, otherDomains: [], producer: "",
      graph: OnnxGraph(
        name: "main_graph",
        inputs: [OnnxValueInfo(name: "x", elementType: inputType, dimensions: input)],
        outputs: outputs.map { OnnxValueInfo(name: $0) }, nodes: nodes,
        initializers: initializers))
  }

  func imported(_ settings: [String: String] = [:]) throws -> ImportedModel {
    try importOnnx(model, settings: settings)
  }

  /// The message that the import ends with.
  func refusal(_ settings: [String: String] = [:]) -> String {
    do {
      _ = try imported(settings)
      return "it is imported"
    } catch {
      return "\(error)"
    }
  }

  /// What the network computes of counted-up numbers.
  func results(_ settings: [String: String] = [:]) throws -> [Tensor] {
    let imported = try imported(settings)
    let graph = imported.model.graph
    let shape = graph[graph.inputs[0]].type.shape
    return try GraphInterpreter(graph, parameters: imported.weights)
      .run([Tensor(shape, (0..<shape.elementCount).map { Float($0) })])
  }
}
