import GraphIR
import Testing

@testable import OnnxFiles
@testable import OnnxImport

/// What cannot be imported is named, with what would be accepted.
@Suite struct RefusalTests {
  @Test func everyUnknownOperationIsNamedAtOnce() {
    var sketch = OnnxSketch()
    sketch.node("Resize", ["x"], ["a"], name: "resize_1")
    sketch.node("Relu", ["a"], ["b"])
    sketch.node("Resize", ["b"], ["c"], name: "resize_2")
    sketch.node("FusedConv", ["c"], ["y"], domain: "com.microsoft")
    let message = sketch.refusal()
    #expect(
      message.hasPrefix(
        """
        model.onnx: it uses operations of ONNX (opset 17) that resnetc does not have:
          node "resize_1" (Resize) and 1 more of Resize
          node 3 (com.microsoft.FusedConv)
          resnetc takes Add, AveragePool, BatchNormalization,
        """), "\(message)")
  }

  @Test func whatReachesNoOutputIsNoError() throws {
    var sketch = OnnxSketch()
    sketch.node("Resize", ["x"], ["unused"])
    sketch.node("Relu", ["x"], ["y"])
    #expect(try sketch.imported().model.graph.nodes.count == 2)
  }

  @Test func valuesOfAttributesAreNamed() {
    var sketch = OnnxSketch()
    sketch.node("Pad", ["x", "pads"], ["y"], ["mode": .string("reflect")], name: "pad")
    sketch.integers("pads", [0, 0, 1, 1, 0, 0, 1, 1])
    #expect(
      sketch.refusal()
        == "model.onnx: node \"pad\" (Pad), opset 17: its mode is \"reflect\"; only constant is understood"
    )
  }

  @Test func attributesThatNobodyKnowsAreRefused() {
    var sketch = OnnxSketch()
    sketch.node("Relu", ["x"], ["y"], ["alpha": .float(1)])
    #expect(sketch.refusal().contains("the attribute \"alpha\" is not understood; it takes none"))
  }

  @Test func weightsHaveToBeConstant() {
    var sketch = OnnxSketch()
    sketch.node("Relu", ["x"], ["w"])
    sketch.node("Conv", ["x", "w"], ["y"], name: "conv")
    #expect(
      sketch.refusal().contains(
        "\"w\", its weights, is computed by the network; only a constant is understood there"))
  }

  @Test(arguments: [OnnxElementType.float16, .double, .uint8])
  func inputsOfOtherTypesAreRefused(type: OnnxElementType) {
    var sketch = OnnxSketch()
    sketch.inputType = type
    sketch.node("Relu", ["x"], ["y"])
    #expect(
      sketch.refusal().contains(
        "the input \"x\" is of type \(type.rawValue), and only float (float32) is understood"))
  }

  @Test func outputsHaveToDependOnTheInput() {
    var sketch = OnnxSketch()
    sketch.node("Shape", ["x"], ["y"])
    #expect(sketch.refusal() == "model.onnx: the output \"y\" does not depend on the input")
  }

  @Test func sizesBeyondAllReasonAreRefused() {
    for (operation, attributes) in [
      ("MaxPool", ["kernel_shape": OnnxAttribute.Value.ints([1, Int.max])]),
      ("MaxPool", ["kernel_shape": .ints([2, 2]), "strides": .ints([Int.max, 1])]),
      ("MaxPool", ["kernel_shape": .ints([2, 2]), "pads": .ints([0, Int.min, 0, 0])]),
      ("MaxPool", ["kernel_shape": .ints([2])]),
      (
        "MaxPool",
        ["kernel_shape": .ints([1 << 20, 1 << 20]), "dilations": .ints([1 << 20, 1 << 20])]
      ),
      ("Flatten", ["axis": .int(Int.min)]),
      ("Softmax", ["axis": .int(Int.max)]),
      ("Transpose", ["perm": .ints([0, 0, 0, 0])]),
      ("Concat", ["axis": .int(-5)]),
    ] {
      var sketch = OnnxSketch()
      sketch.node(operation, ["x"], ["y"], attributes)
      #expect(sketch.refusal().hasPrefix("model.onnx: node 0 (\(operation))"), "\(attributes)")
    }
    for shape in [[Int.max, Int.max], [-1, -1], [1 << 40], [0, -1, -1], [Int.min]] {
      var sketch = OnnxSketch()
      sketch.integers("shape", shape)
      sketch.node("Reshape", ["x", "shape"], ["y"])
      #expect(sketch.refusal().hasPrefix("model.onnx: node 0 (Reshape)"), "\(shape)")
      var filled = OnnxSketch()
      filled.integers("shape", shape)
      filled.node("ConstantOfShape", ["shape"], ["c"])
      filled.node("Add", ["x", "c"], ["y"])
      #expect(filled.refusal().hasPrefix("model.onnx: node "), "\(shape)")
    }
  }

  /// What a small file asks for is not made before it is known to be small.
  @Test func channelsBeyondAllReasonAreRefused() {
    for operation in ["Neg", "Mul", "Add", "Slice"] {
      var sketch = OnnxSketch()
      sketch.input = [.fixed(1), .fixed(1 << 39), .fixed(1), .fixed(1)]
      sketch.floats("two", [], [2])
      sketch.integers("zero", [0])
      sketch.integers("one", [1])
      switch operation {
      case "Neg": sketch.node("Neg", ["x"], ["y"])
      case "Slice": sketch.node("Slice", ["x", "zero", "one", "one"], ["y"])
      default: sketch.node(operation, ["x", "two"], ["y"])
      }
      #expect(
        sketch.refusal().contains("the constants that it is computed of are too large"),
        "\(operation)")
    }
  }

  /// A file may ask for more arithmetic on constants than any network needs.
  @Test func arithmeticOnConstantsIsBounded() {
    var sketch = OnnxSketch()
    sketch.integers("shape", [1 << 14, 1 << 14])
    sketch.node("ConstantOfShape", ["shape"], ["c0"])
    for step in 0..<4 { sketch.node("Add", ["c\(step)", "c\(step)"], ["c\(step + 1)"]) }
    sketch.node("Add", ["x", "c4"], ["y"])
    #expect(sketch.refusal().contains("the constants that it is computed of are too large"))
  }

  /// Neither deep chains nor long names exhaust anything.
  @Test func longChainsOfRearrangementsAreComputed() throws {
    var sketch = OnnxSketch()
    sketch.floats("c0", [2, 3], [1, 2, 3, 4, 5, 6])
    for step in 0..<20_000 {
      sketch.node("Transpose", ["c\(step)"], ["c\(step + 1)"], ["perm": .ints([1, 0])])
    }
    sketch.node("Flatten", ["x"], ["rows"])
    sketch.floats("w", [32, 3], [Float](repeating: 0, count: 96))
    sketch.node("MatMul", ["rows", "w"], ["product"])
    sketch.node("Reshape", ["c20000", "two"], ["c"])
    sketch.integers("two", [2, 3])
    sketch.node("Add", ["product", "c"], ["y"])
    #expect(try sketch.results()[0].elements == [1, 2, 3, 4, 5, 6])
  }
}
