import Foundation
import GraphIR
import ModelFiles
import OnnxExport
import OnnxSchema
import Testing

/// Weights that other parameters have been multiplied into.
@Suite("An exported model of a graph after passes")
struct FoldedModelTests {
  private static let conv = "channels=4 kernel=1x1"

  @Test("has one convolution for each, whose weights include the norms")
  func norms() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,4,4] "x"
      %1 = conv(%0) weight="a.conv1.weight" \(Self.conv) norms=[bn("a.bn1")] relu "a.conv1"
      %2 = conv(%0) weight="b.weight" bias="b.offset" \(Self.conv) input_norm=bn("n") "b"
      %3 = add(%1, %2) relu "sum"
      %4 = relu(%3) "end"
      return %4
      """)
    let model = try model(graph)
    let window = "dilations=[1, 1] group=1 kernel_shape=[1, 1] pads=[0, 0, 0, 0] strides=[1, 1]"
    #expect(
      model.text == """
        a.conv1 = Conv(x, a.conv1.weight, a.conv1.bias) \(window)
        a.conv1.relu = Relu(a.conv1)
        b = Conv(x, b.weight, b.offset) \(window)
        sum = Add(a.conv1.relu, b)
        sum.relu = Relu(sum)
        end = Relu(sum.relu)
        """)
    #expect(
      model.graph.initializer.map { "\($0.name) \($0.dims)" } == [
        "a.conv1.weight [4, 3, 1, 1]", "a.conv1.bias [4]", "b.weight [4, 3, 1, 1]", "b.offset [4]",
      ])
    guard case .convolution(let conv) = graph[NodeID(1)].op else { return }
    let folded = try FoldedWeights(conv, inputChannels: 3, from: SeededWeights())
    #expect(model.graph.initializer[0].floats == folded.weight.map(Float.init))
    #expect(model.graph.initializer[1].floats == folded.bias.map(Float.init))
  }

  @Test("has the product of two matrices, and each weight under a name of its own")
  func projection() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,4,4] "x"
      %1 = global_average_pool(%0) "pool"
      %2 = conv(%1) weight="fc.weight" bias="fc.bias" channels=2 kernel=1x1 \
      projection=(weight="w" channels=4 norms=[bn("bn")]) "fc"
      %3 = conv(%0) weight="w" \(Self.conv) norms=[bn("bn")] "y"
      %4 = conv(%0) weight="w" \(Self.conv) norms=[bn("bn")] relu "same"
      %5 = conv(%0) weight="w" \(Self.conv) norms=[bn("other")] "z"
      %6 = conv(%0) weight="w" \(Self.conv) "plain"
      return %2, %3, %4, %5, %6
      """)
    let model = try model(graph)
    #expect(
      model.graph.initializer.map { "\($0.name) \($0.dims)" } == [
        "fc.weight [2, 3, 1, 1]", "fc.bias [2]", "w [4, 3, 1, 1]", "w.bias [4]",
        "w_2 [4, 3, 1, 1]", "w.bias_2 [4]", "w_3 [4, 3, 1, 1]",
      ])
    #expect(
      model.graph.node.filter { $0.opType == "Conv" }.map {
        $0.input.dropFirst().joined(separator: " ")
      }
        == ["fc.weight fc.bias", "w w.bias", "w w.bias", "w_2 w.bias_2", "w_3"])
  }

  @Test("is refused if the norms leave the range of float32")
  func overflow() throws {
    let graph = try graph(
      """
      %0 = input() : f32[1,3,4,4] "x"
      %1 = conv(%0) weight="w" \(Self.conv) norms=[bn("a"), bn("b")] "y"
      return %1
      """)
    #expect(throws: FoldingError.overflow(tensor: "w")) {
      try exported(graph, weights: Everywhere(value: 1e30))
    }
    #expect(throws: FoldingError.self) { try exported(graph, weights: Everywhere(value: -1)) }
  }

  private struct Everywhere: ParameterSource {
    var value: Float

    func values(of parameter: ParameterSpec) -> [Float] {
      [Float](repeating: value, count: parameter.shape.elementCount)
    }
  }
}

extension Onnx_TensorProto {
  fileprivate var floats: [Float] {
    rawData.withUnsafeBytes { bytes in
      (0..<(bytes.count / 4)).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}
