import GraphIR
import Interpreter
import Testing

@Suite("A convolution")
struct ConvolutionTests {
  let threeByThree = image([1, 2, 3], [4, 5, 6], [7, 8, 9])

  @Test("is a cross-correlation: the kernel is not flipped")
  func orientation() throws {
    let y = try evaluate(
      .convolution(Convolution(outputChannels: 1, kernel: Extent(2), weight: "w")), threeByThree,
      parameters: ["w": [1, 10, 100, 1000]])
    #expect(y == image([5421, 6532], [8754, 9865]))
  }

  @Test("pads each side by itself, with zeros")
  func padding() throws {
    let y = try evaluate(
      .convolution(
        Convolution(
          outputChannels: 1, kernel: Extent(2),
          padding: Padding(top: 1, left: 0, bottom: 0, right: 2), weight: "w")),
      threeByThree, parameters: ["w": [1, 10, 100, 1000]])
    #expect(
      y
        == image([2100, 3200, 300, 0], [5421, 6532, 603, 0], [8754, 9865, 906, 0]))
  }

  @Test("takes strides and dilations that differ in the two directions")
  func strideAndDilation() throws {
    let x = image([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15])
    let y = try evaluate(
      .convolution(
        Convolution(
          outputChannels: 1, kernel: Extent(2), stride: Extent(height: 1, width: 2),
          dilation: Extent(height: 2, width: 1), weight: "w")),
      x, parameters: ["w": [1, 10, 100, 1000]])
    #expect(y == image([1 + 20 + 1100 + 12000, 3 + 40 + 1300 + 14000]))
  }

  @Test("sums over input channels and adds the bias")
  func channels() throws {
    let x = Tensor([1, 2, 1, 2], [1, 2, 3, 4])
    let y = try evaluate(
      .convolution(
        Convolution(outputChannels: 3, kernel: Extent(1), weight: "w", bias: "b")), x,
      parameters: ["w": [1, 10, 2, 20, 3, 30], "b": [0.5, 0, -100]])
    #expect(y == Tensor([1, 3, 1, 2], [31.5, 42.5, 62, 84, -7, 26]))
  }

  @Test("keeps its groups apart")
  func groups() throws {
    let x = Tensor([1, 4, 1, 1], [1, 2, 3, 4])
    let y = try evaluate(
      .convolution(
        Convolution(outputChannels: 2, kernel: Extent(1), groups: 2, weight: "w")), x,
      parameters: ["w": [1, 10, 100, 1000]])
    #expect(y == Tensor([1, 2, 1, 1], [21, 4300]))
  }

  @Test("applies input norm, padding, bias, output norms, residual and ReLU in this order")
  func fused() throws {
    // Each norm is an exact affine map: variance 1 and ε 0 make scale = weight.
    let parameters: Parameters = [
      "w": [2, 1], "b": [1],
      "in.weight": [3], "in.bias": [5], "in.running_mean": [1], "in.running_var": [1],
      "n1.weight": [-1], "n1.bias": [0], "n1.running_mean": [0], "n1.running_var": [1],
      "n2.weight": [10], "n2.bias": [7], "n2.running_mean": [0], "n2.running_var": [4],
    ]
    var conv = Convolution(
      outputChannels: 1, kernel: Extent(height: 1, width: 2),
      padding: Padding(top: 0, left: 1, bottom: 0, right: 0), weight: "w", bias: "b",
      inputNorm: Normalization(prefix: "in", epsilon: 0),
      outputNorms: [
        Normalization(prefix: "n1", epsilon: 0), Normalization(prefix: "n2", epsilon: 0),
      ],
      epilogue: Epilogue(addsResidual: true))
    let (x, residual) = (image([1, 2]), image([0, 200]))
    // The normed image is [5, 8], behind a zero that the norm does not touch: sums 5 and 18.
    // With bias, negated, times 5 plus 7: -23 and -88.
    let y = try evaluate(.convolution(conv), x, residual, parameters: parameters)
    #expect(y == image([-23, 112]))

    conv.epilogue.relu = true
    #expect(
      try evaluate(.convolution(conv), x, residual, parameters: parameters) == image([0, 112]))
  }

  @Test("pools its own result")
  func pooled() throws {
    let pool = Pooling(kernel: Extent(2), stride: Extent(1))
    let y = try evaluate(
      .convolution(
        Convolution(
          outputChannels: 1, kernel: Extent(1), weight: "w",
          epilogue: Epilogue(relu: true, maxPool: pool))), threeByThree,
      parameters: ["w": [-1]])
    #expect(y == image([0, 0], [0, 0]))
    let negated = try evaluate(
      .convolution(
        Convolution(
          outputChannels: 1, kernel: Extent(1), weight: "w", epilogue: Epilogue(maxPool: pool))),
      threeByThree, parameters: ["w": [-1]])
    #expect(negated == image([-1, -2], [-4, -5]))
  }

  @Test("sums in float64: a large term does not swallow the small ones")
  func precision() throws {
    let x = Tensor([1, 3, 1, 1], [1e8, 1, -1e8])
    let y = try evaluate(
      .convolution(Convolution(outputChannels: 1, kernel: Extent(1), weight: "w")), x,
      parameters: ["w": [1, 1, 1]])
    #expect(y.elements == [1])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var channels: Int
    var side: Extent
    var conv: Convolution

    init(
      batch: Int = 1, _ channels: Int, to outputs: Int, side: Extent, kernel: Int, stride: Int = 1,
      pad: Int = 0, dilation: Int = 1, groups: Int = 1
    ) {
      self.batch = batch
      self.channels = channels
      self.side = side
      conv = Convolution(
        outputChannels: outputs, kernel: Extent(kernel), stride: Extent(stride),
        padding: Padding(pad), dilation: Extent(dilation), groups: groups, weight: "w")
    }

    var testDescription: String {
      "\(batch)x\(channels)x\(side.height)x\(side.width) to \(conv.outputChannels), kernel "
        + "\(conv.kernel.height), stride \(conv.stride.height), groups \(conv.groups)"
    }
  }

  // Small integers, so the two agree to the last bit whatever the order of summation. The shapes
  // leave partial strips, panels, pixel blocks and row blocks.
  @Test(
    "equals the seven nested loops of its definition",
    arguments: [
      Case(3, to: 5, side: Extent(height: 7, width: 6), kernel: 3, stride: 2, pad: 1),
      Case(batch: 3, 1, to: 1, side: Extent(1), kernel: 1),
      Case(2, to: 130, side: Extent(height: 9, width: 11), kernel: 2, dilation: 3),
      Case(batch: 2, 6, to: 9, side: Extent(5), kernel: 3, pad: 2, groups: 3),
      Case(8, to: 8, side: Extent(4), kernel: 3, pad: 1, groups: 8),
    ])
  func definition(_ example: Case) throws {
    let x = ramp([example.batch, example.channels, example.side.height, example.side.width])
    let conv = example.conv
    let inputs = example.channels / conv.groups
    let weights = ramp([conv.outputChannels, inputs, conv.kernel.height, conv.kernel.width])
    let y = try evaluate(.convolution(conv), x, parameters: ["w": weights.elements])
    var index = 0
    for image in 0..<y.shape.batch {
      for output in 0..<y.shape.channels {
        for row in 0..<y.shape.height {
          for column in 0..<y.shape.width {
            var sum: Float = 0
            for i in 0..<inputs {
              let channel = output / (conv.outputChannels / conv.groups) * inputs + i
              for ky in 0..<conv.kernel.height {
                for kx in 0..<conv.kernel.width {
                  let h = row * conv.stride.height - conv.padding.top + ky * conv.dilation.height
                  let w = column * conv.stride.width - conv.padding.left + kx * conv.dilation.width
                  guard (0..<x.shape.height).contains(h), (0..<x.shape.width).contains(w) else {
                    continue
                  }
                  sum +=
                    x.elements[
                      ((image * example.channels + channel) * x.shape.height + h) * x.shape.width
                        + w]
                    * weights.elements[
                      ((output * inputs + i) * conv.kernel.height + ky) * conv.kernel.width + kx]
                }
              }
            }
            #expect(y.elements[index] == sum, "element \(index)")
            index += 1
          }
        }
      }
    }
  }
}
