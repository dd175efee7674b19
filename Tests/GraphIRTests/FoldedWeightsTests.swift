import GraphIR
import Testing

/// Parameters written out in a test.
private struct Literals: ParameterSource {
  var tensors: [String: [Float]]

  func values(of parameter: ParameterSpec) throws -> [Float] {
    try #require(tensors[parameter.name])
  }
}

@Suite("Weights with batch norms folded in")
struct FoldedWeightsTests {
  /// Two channels become two, by one tap: `y = W x + b`.
  private let source = Literals(tensors: [
    "w": [1, 2, 3, 4], "b": [10, 20], "p": [5, 6, 7, 8, 9, 10], "p.b": [1, 2],
    // 3 (x − 1) / √(0.25 + 0) + 5 = 6 x − 1 and 1 (x − 0) / √1 + 0 = x
    "in.weight": [3, 1], "in.bias": [5, 0], "in.running_mean": [1, 0],
    "in.running_var": [0.25, 1],
    // x / √4 + 1 and −x / √1
    "out.weight": [1, -1], "out.bias": [1, 0], "out.running_mean": [0, 0],
    "out.running_var": [4, 1],
  ])

  private func conv(_ change: (inout Convolution) -> Void) -> Convolution {
    var conv = Convolution(outputChannels: 2, kernel: Extent(1), weight: "w", bias: "b")
    change(&conv)
    return conv
  }

  @Test("without norms are the weights and the bias, which is zero if there is none")
  func plain() throws {
    let folded = try FoldedWeights(conv { _ in }, inputChannels: 2, from: source)
    #expect(folded.weight == [1, 2, 3, 4] && folded.bias == [10, 20])
    let unbiased = try FoldedWeights(conv { $0.bias = nil }, inputChannels: 2, from: source)
    #expect(unbiased.bias == [0, 0])
  }

  @Test("take a norm behind the convolution: row by row, the bias too")
  func behind() throws {
    let norm = Normalization(prefix: "out", epsilon: 0)
    let folded = try FoldedWeights(
      conv { $0.outputNorms = [norm] }, inputChannels: 2, from: source)
    #expect(folded.weight == [0.5, 1, -3, -4] && folded.bias == [6, -20])
    let twice = try FoldedWeights(
      conv { $0.outputNorms = [norm, norm] }, inputChannels: 2, from: source)
    #expect(twice.weight == [0.25, 0.5, 3, 4] && twice.bias == [4, 20])
  }

  @Test("take a norm before the convolution: column by column, its shift into the bias")
  func before() throws {
    let norm = Normalization(prefix: "in", epsilon: 0)
    let folded = try FoldedWeights(conv { $0.inputNorm = norm }, inputChannels: 2, from: source)
    #expect(folded.weight == [6, 2, 18, 4])
    // 10 + 1 · (−1) + 2 · 0 and 20 + 3 · (−1) + 4 · 0
    #expect(folded.bias == [9, 17])
  }

  @Test("take a projection: the product of the matrices, its bias through the second")
  func projection() throws {
    let projection = Projection(channels: 2, weight: "p", bias: "p.b")
    let folded = try FoldedWeights(
      conv { $0.projection = projection }, inputChannels: 3, from: source)
    #expect(folded.weight == [21, 24, 27, 47, 54, 61])
    // 10 + 1 · 1 + 2 · 2 and 20 + 3 · 1 + 4 · 2
    #expect(folded.bias == [15, 31])
  }

  @Test("take the channels of their own group")
  func groups() throws {
    let grouped = conv {
      $0.groups = 2
      $0.kernel = Extent(height: 1, width: 2)
      $0.inputNorm = Normalization(prefix: "in", epsilon: 0)
    }
    let folded = try FoldedWeights(grouped, inputChannels: 2, from: source)
    #expect(folded.weight == [6, 12, 3, 4])
    // 10 + (1 + 2) · (−1) and 20 + (3 + 4) · 0
    #expect(folded.bias == [7, 20])
  }

  @Test("use ε")
  func epsilon() throws {
    let norm = Normalization(prefix: "out", epsilon: 5)
    let folded = try FoldedWeights(
      conv { $0.outputNorms = [norm] }, inputChannels: 2, from: source)
    #expect(folded.weight[0] == 1 / 3.0)
  }
}
