import GraphIR
import Testing

private struct Constant: ParameterSource {
  var variance: Float

  func values(of parameter: ParameterSpec) -> [Float] {
    let value: Float = parameter.name.hasSuffix("running_var") ? variance : 1
    return [Float](repeating: value, count: parameter.shape.elementCount)
  }
}

@Suite("A batch norm that no training made")
struct FoldingErrorTests {
  @Test("is refused, with the tensor, the index and the value")
  func negativeVariance() throws {
    let norm = Normalization(prefix: "bn1")
    #expect(throws: FoldingError.notAVariance(tensor: "bn1.running_var", index: 0, value: -1)) {
      try ChannelAffine(norm, channels: 2, from: Constant(variance: -1))
    }
    #expect(try ChannelAffine(norm, channels: 2, from: Constant(variance: 0)).scale.count == 2)
  }
}
