import GraphIR
import Interpreter
import Testing

@testable import OnnxFiles
@testable import OnnxImport

/// Which values of an ONNX file can be asked for by the names of its tensors.
@Suite struct NamedValueTests {
  /// A convolution of images in the order of TensorFlow, whose bias is a node of its own.
  private var channelsLast: OnnxSketch {
    var sketch = OnnxSketch()
    sketch.input = [.fixed(1), .fixed(2), .fixed(2), .fixed(1)]
    sketch.floats("w", [2, 1, 1, 1], [1, 2])
    sketch.floats("b", [1, 2, 1, 1], [10, 20])
    sketch.node("Transpose", ["x"], ["image"], ["perm": .ints([0, 3, 1, 2])])
    sketch.node("Conv", ["image", "w"], ["product"])
    sketch.node("Add", ["product", "b"], ["sum"])
    sketch.node("Transpose", ["sum"], ["last"], ["perm": .ints([0, 2, 3, 1])])
    sketch.node("Relu", ["last"], ["y"])
    return sketch
  }

  private func value(_ name: String, of sketch: OnnxSketch) throws -> Tensor {
    let imported = try sketch.imported()
    var model = imported.model
    try model.selectOutputs([name])
    let shape = model.graph[model.graph.inputs[0]].type.shape
    return try GraphInterpreter(model.graph, parameters: imported.weights)
      .run([Tensor(shape, (0..<shape.elementCount).map { Float($0) })])[0]
  }

  @Test func whatABiasWasAddedToIsNoValueAnyMore() throws {
    let values = try channelsLast.imported().model.values
    #expect(values["product"] == nil)
    #expect(throws: OutputSelectionError.self) { try value("product", of: channelsLast) }
  }

  @Test func valuesBehindABiasAreThere() throws {
    #expect(
      try value("sum", of: channelsLast)
        == Tensor([1, 2, 2, 2], [10, 11, 12, 13, 20, 22, 24, 26]))
    #expect(
      try value("last", of: channelsLast)
        == Tensor([1, 2, 2, 2], [10, 20, 11, 22, 12, 24, 13, 26]))
  }

  /// A product that is an output itself is not merged with what is added to it.
  @Test func whatIsReadElsewhereKeepsItsName() throws {
    var sketch = channelsLast
    sketch.outputs = ["y", "product"]
    #expect(
      try value("product", of: sketch) == Tensor([1, 2, 2, 2], [0, 1, 2, 3, 0, 2, 4, 6]))
    #expect(
      try value("sum", of: sketch) == Tensor([1, 2, 2, 2], [10, 11, 12, 13, 20, 22, 24, 26]))
  }

  /// Nodes without a name are called as their first results are, which does not make these there.
  @Test(arguments: [("a", "b", 0), ("b", "a", 16)])
  func aPartThatNobodyReadsIsNoValue(read: String, other: String, first: Float) throws {
    var sketch = OnnxSketch()
    sketch.node("Relu", ["x"], ["r"])
    sketch.node("Split", ["r"], ["a", "b"], ["axis": .int(1)])
    sketch.node("Relu", [read], ["y"])
    #expect(
      try value(read, of: sketch) == Tensor([1, 1, 4, 4], (0..<16).map { first + Float($0) }))
    #expect(try sketch.imported().model.values[other] == nil)
    #expect(throws: OutputSelectionError.self) { try value(other, of: sketch) }
  }
}
