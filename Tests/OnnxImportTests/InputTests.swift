import GraphIR
import Testing

@testable import OnnxFiles

/// How the dimensions that a file leaves open get their extents.
@Suite struct InputTests {
  private func sketch(_ dimensions: OnnxDimension...) -> OnnxSketch {
    var sketch = OnnxSketch()
    sketch.input = dimensions
    sketch.node("Relu", ["x"], ["y"])
    return sketch
  }

  private func shape(_ sketch: OnnxSketch, _ settings: [String: String] = [:]) throws -> Shape {
    let graph = try sketch.imported(settings).model.graph
    return graph[graph.inputs[0]].type.shape
  }

  @Test func anOpenBatchIsOneUnlessItIsSet() throws {
    for batch in [OnnxDimension.symbolic("N"), .unknown] {
      let sketch = sketch(batch, .fixed(3), .fixed(8), .fixed(8))
      #expect(try shape(sketch) == [1, 3, 8, 8])
      #expect(try shape(sketch, ["batch": "4"]) == [4, 3, 8, 8])
    }
    let named = sketch(.symbolic("N"), .fixed(3), .fixed(8), .fixed(8))
    #expect(try shape(named, ["N": "5"]) == [5, 3, 8, 8])
  }

  @Test func aFixedBatchCanBeReplaced() throws {
    #expect(try shape(sketch(.fixed(2), .fixed(3)), ["batch": "7"]) == [7, 3])
  }

  @Test func otherOpenDimensionsHaveToBeSet() throws {
    let sketch = sketch(.symbolic("N"), .fixed(3), .symbolic("height"), .unknown)
    #expect(
      sketch.refusal()
        == "model.onnx: the input \"x\" is [N, 3, height, ?]; give its open dimensions a value: "
        + "--set height=N --set dim3=N")
    #expect(try shape(sketch, ["height": "5", "dim3": "6"]) == [1, 3, 5, 6])
  }

  @Test func settingsThatNameNoDimensionAreRefused() {
    let sketch = sketch(.symbolic("N"), .fixed(3), .symbolic("height"), .fixed(8))
    #expect(sketch.refusal(["heigth": "5"]).contains("did you mean \"height\"?"))
    #expect(sketch.refusal(["batch": "0"]).contains("should give a number from 1 to"))
    #expect(sketch.refusal(["batch": "four"]).contains("'--set batch=four'"))
  }

  /// Exporters write the batch that they saw into the shapes of the graph.
  @Test func aBatchInShapesIsReplacedWithTheInputs() throws {
    var sketch = OnnxSketch()
    sketch.integers("shape", [1, -1])
    sketch.node("Reshape", ["x", "shape"], ["y"])
    #expect(try sketch.results(["batch": "3"])[0].shape == [3, 32])
  }
}
