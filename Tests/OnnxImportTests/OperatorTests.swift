import GraphIR
import Testing

@testable import OnnxFiles
@testable import OnnxImport

/// What ONNX's own tests leave out: other versions of operators, and what is made of several nodes.
@Suite struct OperatorTests {
  @Test func softmaxTookAllDimensionsFromOneOnBeforeVersion13() throws {
    var sketch = OnnxSketch()
    sketch.node("Softmax", ["x"], ["y"])
    sketch.opset = 11
    let sum = try sketch.results()[0].elements.reduce(0, +)
    #expect(abs(sum - 1) < 1e-6)
    sketch.opset = 13
    let sums = try sketch.results()[0].elements.reduce(0, +)
    #expect(abs(sums - 8) < 1e-5)
  }

  @Test func axesWereAttributesBeforeVersion13() throws {
    var sketch = OnnxSketch()
    sketch.opset = 11
    sketch.node("ReduceMean", ["x"], ["means"], ["axes": .ints([2, -1])])
    sketch.node("Squeeze", ["means"], ["y"], ["axes": .ints([2, 3])])
    let result = try sketch.results()[0]
    #expect(result == Tensor([1, 2], [7.5, 23.5]))
  }

  @Test func boundsAndPadsWereAttributesBeforeVersion11() throws {
    var sketch = OnnxSketch()
    sketch.opset = 10
    sketch.node("Clip", ["x"], ["clipped"], ["min": .float(2), "max": .float(5)])
    sketch.node(
      "Pad", ["clipped"], ["y"],
      ["pads": .ints([0, 0, 0, 0, 0, 0, 0, 1]), "value": .float(-1)])
    #expect(try sketch.results()[0].elements.prefix(10) == [2, 2, 2, 3, -1, 4, 5, 5, 5, -1])
  }

  @Test func aProductAndItsBiasAreOneLayer() throws {
    var sketch = OnnxSketch()
    sketch.floats("w", [32, 2], (0..<64).map { $0 % 2 == 0 ? 1 : 0 })
    sketch.floats("b", [2], [0.5, 7])
    sketch.node("Flatten", ["x"], ["rows"])
    sketch.node("MatMul", ["rows", "w"], ["product"])
    sketch.node("Add", ["b", "product"], ["y"])
    let graph = try sketch.imported().model.graph
    #expect(graph.nodes.map(\.op.mnemonic) == ["input", "flatten", "linear"])
    #expect(graph.parameters().map(\.name) == ["w", "b"])
    #expect(try sketch.results()[0].elements == [496.5, 7])
  }

  /// The product is needed without the bias as well.
  @Test func aProductThatIsReadTwiceKeepsItsSum() throws {
    var sketch = OnnxSketch()
    sketch.floats("w", [32, 2], [Float](repeating: 1, count: 64))
    sketch.floats("b", [2], [1, 2])
    sketch.node("Flatten", ["x"], ["rows"])
    sketch.node("MatMul", ["rows", "w"], ["product"])
    sketch.node("Add", ["product", "b"], ["sum"])
    sketch.node("Add", ["product", "sum"], ["y"])
    #expect(try sketch.results()[0].elements == [993, 994])
  }

  @Test func constantsOfChannelsBecomeNorms() throws {
    var sketch = OnnxSketch()
    sketch.floats("mean", [1, 2, 1, 1], [1, 2])
    sketch.floats("deviation", [2, 1, 1], [2, 4])
    sketch.node("Sub", ["x", "mean"], ["centred"])
    sketch.node("Div", ["centred", "deviation"], ["y"])
    let graph = try sketch.imported().model.graph
    #expect(graph.nodes.map(\.op.mnemonic) == ["input", "batch_norm", "batch_norm"])
    let elements = try sketch.results()[0].elements
    #expect(elements[0] == -0.5)
    #expect(elements[16] == 3.5)
  }

  @Test func transposesThatUndoEachOtherVanish() throws {
    var sketch = OnnxSketch()
    sketch.node("Transpose", ["x"], ["a"], ["perm": .ints([0, 2, 3, 1])])
    sketch.node("Relu", ["a"], ["r"])
    sketch.node("Transpose", ["a"], ["b"], ["perm": .ints([0, 3, 1, 2])])
    sketch.node("Relu", ["b"], ["y"])
    #expect(try sketch.imported().model.graph.nodes.map(\.op.mnemonic) == ["input", "relu"])
  }

  /// As a Keras network is written before anybody optimises it.
  @Test func channelsLastAreComputedChannelsFirst() throws {
    var sketch = OnnxSketch()
    sketch.input = [.fixed(1), .fixed(4), .fixed(4), .fixed(2)]
    sketch.floats("scale", [2], [2, 3])
    sketch.floats("shift", [1, 1, 2], [0, 100])
    sketch.node("Mul", ["x", "scale"], ["a"])
    sketch.node("Add", ["shift", "a"], ["b"])
    sketch.node("ReduceMean", ["b"], ["means"], ["axes": .ints([1, 2]), "keepdims": .int(1)])
    sketch.node("Mul", ["b", "means"], ["c"])
    sketch.node("Concat", ["b", "c"], ["d"], ["axis": .int(3)])
    sketch.node("Transpose", ["d"], ["y"], ["perm": .ints([0, 3, 1, 2])])
    let graph = try sketch.imported().model.graph
    #expect(
      graph.nodes.map(\.op.mnemonic) == [
        "input", "transpose", "batch_norm", "batch_norm", "global_average_pool", "multiply",
        "concatenate",
      ])
    // The channels are 0, 2, 4 … and 1, 3, 5 …, with means 15 and 16 before the scale.
    let elements = try sketch.results()[0].elements
    let ofSecondPixel = [1, 17, 33, 49].map { elements[$0] }
    #expect(ofSecondPixel == [4, 109, 120, 16132])
  }

  /// What a bias was added to is wanted without it as well.
  @Test func aBiasWithChannelsLastIsNotMergedIntoAValueThatIsReadTwice() throws {
    var sketch = OnnxSketch()
    sketch.floats("w", [2, 2, 1, 1], [1, 0, 0, 1])
    sketch.floats("b", [2], [10, 20])
    sketch.node("Conv", ["x", "w"], ["c"])
    sketch.node("Transpose", ["c"], ["last"], ["perm": .ints([0, 2, 3, 1])])
    sketch.node("Add", ["last", "b"], ["sum"])
    sketch.node("Mul", ["last", "sum"], ["y"])
    let ofTwoPixels = try sketch.results()[0].elements.prefix(4)
    #expect(Array(ofTwoPixels) == [0, 576, 11, 629])
  }

  @Test func padsThatAreNoneHaveAnyMode() throws {
    var sketch = OnnxSketch()
    sketch.integers("pads", [0, 0, 0, 0, 0, 0, 0, 0])
    sketch.node("Pad", ["x", "pads"], ["p"], ["mode": .string("reflect")])
    sketch.node("Relu", ["p"], ["y"])
    #expect(try sketch.imported().model.graph.nodes.map(\.op.mnemonic) == ["input", "relu"])
  }

  @Test func integersAreNotDividedByZero() {
    var sketch = OnnxSketch()
    sketch.integers("one", [1])
    sketch.integers("zero", [0])
    sketch.node("Div", ["one", "zero"], ["shape"])
    sketch.node("Reshape", ["x", "shape"], ["y"])
    #expect(sketch.refusal().contains("it divides the integer 1 by 0"))
  }

  @Test func oneTensorInTwoShapesIsTwoWeights() throws {
    var sketch = OnnxSketch()
    sketch.floats("w", [2, 2], [1, 0, 0, 1])
    sketch.integers("shape", [2, 2, 1, 1])
    sketch.node("Reshape", ["w", "shape"], ["kernel"])
    sketch.node("Conv", ["x", "kernel"], ["c"])
    sketch.node("GlobalAveragePool", ["c"], ["p"])
    sketch.node("Flatten", ["p"], ["f"])
    sketch.node("Gemm", ["f", "w"], ["y"], ["transB": .int(1)])
    let imported = try sketch.imported()
    #expect(
      imported.model.graph.parameters() == [
        ParameterSpec(name: "w", shape: [2, 2, 1, 1]), ParameterSpec(name: "w_2", shape: [2, 2]),
      ])
    #expect(try sketch.results()[0].elements == [7.5, 23.5])
  }

  @Test func sumsAndMaxima() throws {
    for (axes, sum, most) in [
      ([2, 3], [120, 376], [15, 31]), ([1], nil, nil), ([0, 1, 2, 3], [496], [31]),
    ] as [([Int], [Float]?, [Float]?)] {
      for (operation, expected) in [("ReduceSum", sum), ("ReduceMax", most)] {
        var sketch = OnnxSketch()
        sketch.integers("axes", axes)
        sketch.node(operation, ["x", "axes"], ["y"], ["keepdims": .int(0)])
        let found = try sketch.results()[0]
        let channels = operation == "ReduceSum" ? { 2 * $0 + 16 } : { $0 + 16 } as (Float) -> Float
        let pixels = (0..<16).map { channels(Float($0)) }
        #expect(found.elements == expected ?? pixels, "\(operation) over \(axes)")
      }
    }
  }

  /// Flattening where the file leaves the shape open.
  @Test func productsOfShapes() throws {
    var sketch = OnnxSketch()
    sketch.integers("first", [0])
    sketch.integers("zero", [0])
    sketch.node("Shape", ["x"], ["shape"], ["start": .int(1)])
    sketch.node("ReduceProd", ["shape", "first"], ["count"], ["keepdims": .int(1)])
    sketch.integers("batch", [1])
    sketch.node("Concat", ["batch", "count"], ["rows"], ["axis": .int(0)])
    sketch.node("Reshape", ["x", "rows"], ["y"])
    #expect(try sketch.results()[0].shape == [1, 32])
  }

  @Test func splitsAreParts() throws {
    for (axis, first, second) in [(1, [0, 1, 2], [16, 17, 18]), (3, [0, 1, 4], [2, 3, 6])] {
      var sketch = OnnxSketch()
      sketch.outputs = ["a", "b"]
      sketch.node("Split", ["x"], ["a", "b"], ["axis": .int(axis)])
      let results = try sketch.results()
      #expect(Array(results[0].elements.prefix(3)) == first.map { Float($0) })
      #expect(Array(results[1].elements.prefix(3)) == second.map { Float($0) })
      #expect(results[0].elements.count == 16)
    }
    var sketch = OnnxSketch()
    sketch.integers("sizes", [1, 2])
    sketch.outputs = ["a", "b"]
    sketch.node("Split", ["x", "sizes"], ["a", "b"], ["axis": .int(1)])
    #expect(sketch.refusal().contains("it cannot split [1, 2, 4, 4] along axis 1 into [1, 2]"))

    sketch = OnnxSketch()
    sketch.opset = 18
    sketch.outputs = ["a", "b"]
    sketch.node("Split", ["x"], ["a", "b"], ["axis": .int(1), "num_outputs": .int(2)])
    #expect(try sketch.results().map(\.elements.first) == [0, 16])
    sketch.nodes = []
    sketch.node("Split", ["x"], ["a", "b"], ["axis": .int(1), "num_outputs": .int(3)])
    #expect(sketch.refusal().contains("its num_outputs is 3, and it has 2 outputs"))
  }

  /// Red and blue exchanged, as networks from Caffe have their pictures.
  @Test func placesInAnyOrderAreTaken() throws {
    var sketch = OnnxSketch()
    for (name, values) in [("start", [-1]), ("end", [Int.min]), ("axis", [1]), ("step", [-1])] {
      sketch.integers(name, values)
    }
    sketch.node("Slice", ["x", "start", "end", "axis", "step"], ["flipped"])
    sketch.integers("places", [3, 0])
    sketch.node("Gather", ["flipped", "places"], ["y"], ["axis": .int(2)])
    let result = try sketch.results()[0]
    #expect(
      result == Tensor([1, 2, 2, 4], [28, 29, 30, 31, 16, 17, 18, 19, 12, 13, 14, 15, 0, 1, 2, 3]))
  }

  @Test func negativePadsLeaveOut() throws {
    var sketch = OnnxSketch()
    sketch.integers("pads", [0, -1, -2, 1, 0, 0, 0, -2])
    sketch.node("Pad", ["x", "pads"], ["y"])
    #expect(try sketch.results()[0] == Tensor([1, 1, 2, 3], [0, 24, 25, 0, 28, 29]))
  }

  /// A convolution over one dimension is one over images of one row.
  @Test func convolutionsOverOneDimension() throws {
    var sketch = OnnxSketch()
    sketch.input = [.fixed(1), .fixed(1), .fixed(5)]
    sketch.floats("w", [1, 1, 3], [1, 2, 1])
    sketch.node(
      "Conv", ["x", "w"], ["y"], ["strides": .ints([2]), "auto_pad": .string("SAME_LOWER")])
    #expect(try sketch.results()[0] == Tensor([1, 1, 3], [1, 8, 11]))
  }

  @Test func weightsThatAreNotFiniteAreNamed() throws {
    var sketch = OnnxSketch()
    sketch.floats("w", [2, 2, 1, 1], [1, .nan, 0, 1])
    sketch.node("Conv", ["x", "w"], ["y"])
    #expect(
      throws: OnnxImportError.unsuitableWeight(
        path: "model.onnx", tensor: "w",
        "holds nan at [0, 1, 0, 0]; weights must be finite in float32")
    ) { try sketch.results() }
  }

  @Test func sumsOfConstantsAreComputed() throws {
    var sketch = OnnxSketch()
    sketch.integers("a", [1, 2])
    sketch.integers("b", [3])
    sketch.integers("c", [0, 3])
    sketch.node("Sum", ["a", "b", "c"], ["shape"])
    sketch.node("Reshape", ["x", "shape"], ["y"])
    #expect(try sketch.results()[0].shape == [4, 8])
  }

  /// Shapes of no elements are what exporters take apart and put together again.
  @Test func listsMayBeEmpty() throws {
    var sketch = OnnxSketch()
    sketch.integers("none", [])
    sketch.integers("shape", [4, 8])
    sketch.node("Concat", ["none", "none"], ["empty"], ["axis": .int(0)])
    sketch.node("Gather", ["shape", "empty"], ["picked"])
    sketch.node("Concat", ["picked", "shape"], ["whole"], ["axis": .int(0)])
    sketch.node("Reshape", ["x", "whole"], ["y"])
    #expect(try sketch.results()[0].shape == [4, 8])
  }

  @Test func anEmptyListIsTheShapeOfOneNumber() throws {
    var sketch = OnnxSketch()
    sketch.integers("none", [])
    sketch.integers("axes", [0, 1, 2, 3])
    sketch.node("ReduceMean", ["x", "axes"], ["mean"])
    sketch.opset = 18
    sketch.node("Reshape", ["mean", "none"], ["y"])
    #expect(try sketch.results()[0] == Tensor([], [15.5]))
  }

  @Test func whatHasNoElementsHasNoneToPick() {
    var sketch = OnnxSketch()
    sketch.integers("none", [])
    sketch.integers("first", [0])
    sketch.node("Gather", ["none", "first"], ["picked"])
    sketch.node("Reshape", ["x", "picked"], ["y"])
    #expect(
      sketch.refusal()
        == "model.onnx: node 0 (Gather), opset 17: there is no element 0 along axis 0 of [0]")
  }

  /// Every number but 0 is true, fractions and what is not a number too.
  @Test func numbersBecomeTruthValues() throws {
    var sketch = OnnxSketch()
    sketch.floats("numbers", [4], [0, 0.25, -3, -0.0])
    sketch.floats("yes", [], [1])
    sketch.floats("no", [], [0])
    sketch.node("Cast", ["numbers"], ["truth"], ["to": .int(9)])
    sketch.node("Where", ["truth", "yes", "no"], ["factors"])
    sketch.node("Mul", ["x", "factors"], ["y"])
    #expect(try sketch.results()[0].elements.prefix(8) == [0, 1, 2, 0, 0, 5, 6, 0])
  }
}
