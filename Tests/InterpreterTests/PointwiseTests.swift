import Foundation
import GraphIR
import Interpreter
import Testing

@Suite("Operations on single elements and rows")
struct PointwiseTests {
  @Test("ReLU keeps what is positive")
  func relu() throws {
    #expect(try evaluate(.relu, Tensor([2, 2], [-1, 0, 2, -3])) == Tensor([2, 2], [0, 0, 2, 0]))
  }

  @Test("activations are functions of single elements")
  func activations() throws {
    func values(_ activation: Activation) throws -> [Float] {
      try evaluate(.activation(activation), Tensor([1, 5], [-4, -1, 0, 1, 4])).elements
    }
    #expect(try values(.leakyReLU(slope: 0.25)) == [-1, -0.25, 0, 1, 4])
    #expect(try values(.clip(lower: -1, upper: 2)) == [-1, -1, 0, 1, 2])
    #expect(try values(.clip(lower: 3, upper: 2)) == [2, 2, 2, 2, 2])
    #expect(try values(.hardSigmoid(slope: 0.25, offset: 0.5)) == [0, 0.25, 0.5, 0.75, 1])
    let sigmoid = try values(.sigmoid)
    #expect(sigmoid[2] == 0.5 && sigmoid[0] + sigmoid[4] == 1)
    #expect(abs(sigmoid[3] - 0.731_058_6) < 1e-7)
  }

  @Test("what is not a number goes through every activation but the bounds of none")
  func activationsOfNaN() throws {
    for activation: Activation in [
      .leakyReLU(slope: 0.1), .clip(lower: 0, upper: 6), .sigmoid,
      .hardSigmoid(slope: 1, offset: 0),
    ] {
      #expect(try evaluate(.activation(activation), Tensor([1], [.nan])).elements[0].isNaN)
    }
  }

  @Test("a factor may be one a channel")
  func multiply() throws {
    let x = ramp([2, 2, 1, 2])
    #expect(try evaluate(.multiply, x, x).elements == x.elements.map { $0 * $0 })
    let factors = Tensor([2, 2, 1, 1], [2, 3, 5, 7])
    let expected = zip(x.elements, [2, 2, 3, 3, 5, 5, 7, 7] as [Float]).map { $0 * $1 }
    #expect(try evaluate(.multiply, x, factors).elements == expected)
    let sums = zip(expected, x.elements).map { $0 + $1 }
    #expect(try evaluate(.scaledAdd(ScaledAdd()), x, factors, x).elements == sums)
    #expect(
      try evaluate(.scaledAdd(ScaledAdd(relu: true)), x, factors, x).elements
        == sums.map { max($0, 0) })
  }

  @Test("a tensor of the state dict can be a value")
  func constant() throws {
    var graph = Graph(name: "test")
    let x = graph.appendInput(TensorType([1, 2]))
    let c = try graph.append(.constant(Constant(name: "c", shape: [1, 2])), [], name: "c")
    graph.outputs = [try graph.append(.add(Add()), [x, c], name: "sum")]
    let parameters: Parameters = ["c": [10, 20]]
    let y = try GraphInterpreter(graph, parameters: parameters).run([Tensor([1, 2], [1, 2])])
    #expect(y == [Tensor([1, 2], [11, 22])])
  }

  @Test("an addition may end in a ReLU")
  func add() throws {
    let (x, y) = (Tensor([1, 2], [1, -5]), Tensor([1, 2], [2, 3]))
    #expect(try evaluate(.add(Add()), x, y) == Tensor([1, 2], [3, -2]))
    #expect(try evaluate(.add(Add(relu: true)), x, y) == Tensor([1, 2], [3, 0]))
  }

  @Test("a batch norm is γ (x − μ) / √(σ² + ε) + β on each channel")
  func batchNorm() throws {
    let parameters: Parameters = [
      "bn.weight": [2, 3], "bn.bias": [1, -1], "bn.running_mean": [1, 2],
      "bn.running_var": [3, 8],
    ]
    let norm = Normalization(prefix: "bn", epsilon: 1)
    let x = Tensor([2, 2, 1, 2], [1, 3, 2, 5, -1, 5, 8, -4])
    #expect(
      try evaluate(.batchNorm(BatchNorm(norm)), x, parameters: parameters)
        == Tensor([2, 2, 1, 2], [1, 3, -1, 2, -1, 5, 5, -7]))
    #expect(
      try evaluate(.batchNorm(BatchNorm(norm, relu: true)), x, parameters: parameters)
        == Tensor([2, 2, 1, 2], [1, 3, 0, 2, 0, 5, 5, 0]))
  }

  @Test("option A shortcuts subsample the image and surround its channels with zeros")
  func padChannels() throws {
    let x = Tensor([1, 2, 3, 3], (1...18).map(Float.init))
    let padding = ChannelPadding(before: 1, after: 2, stride: Extent(2))
    let zeros: [Float] = [0, 0, 0, 0]
    #expect(
      try evaluate(.padChannels(padding), x)
        == Tensor([1, 5, 2, 2], zeros + [1, 3, 7, 9, 10, 12, 16, 18] + zeros + zeros))
  }

  @Test("explicit padding has a value and four sides")
  func pad() throws {
    let padding = SpatialPadding(Padding(top: 1, left: 0, bottom: 0, right: 2), value: -1)
    #expect(
      try evaluate(.pad(padding), image([1, 2], [3, 4]))
        == image([-1, -1, -1, -1], [1, 2, -1, -1], [3, 4, -1, -1]))
  }

  @Test("flattening keeps the order of NCHW")
  func flatten() throws {
    let x = ramp([2, 3, 2, 2])
    #expect(try evaluate(.flatten, x) == Tensor([2, 12], x.elements))
  }

  @Test("a linear layer multiplies by the transposed weights")
  func linear() throws {
    let x = Tensor([2, 3], [1, 2, 3, 4, 5, 6])
    let layer = Linear(outputFeatures: 2, weight: "w", bias: "b")
    #expect(
      try evaluate(.linear(layer), x, parameters: ["w": [1, 10, 100, 0, 1, 0], "b": [0.5, -1]])
        == Tensor([2, 2], [321.5, 1, 654.5, 4]))
  }

  @Test("a pooled linear layer averages over space first, and needs no bias")
  func pooledLinear() throws {
    let x = Tensor([1, 2, 1, 2], [1, 2, 3, 5])
    let layer = Linear(outputFeatures: 1, weight: "w", bias: nil, pooled: true)
    #expect(try evaluate(.linear(layer), x, parameters: ["w": [2, 10]]).elements == [43])
  }

  @Test("softmax runs over dimension 1 and does not overflow")
  func softmax() throws {
    let y = try evaluate(.softmax, Tensor([2, 2], [1000, 1000, 0, Float(log(3.0))]))
    #expect(abs(y.elements[0] - 0.5) < 1e-7 && abs(y.elements[1] - 0.5) < 1e-7)
    #expect(abs(y.elements[2] - 0.25) < 1e-7 && abs(y.elements[3] - 0.75) < 1e-7)
    let images = try evaluate(.softmax, Tensor([1, 2, 1, 2], [0, 5, 0, 5]))
    #expect(images.elements == [0.5, 0.5, 0.5, 0.5])
  }
}
