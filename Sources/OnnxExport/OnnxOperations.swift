import GraphIR
import OnnxSchema

/// The operations of ONNX that compute what a node does. Their meanings are those of
/// https://onnx.ai/onnx/operators at the model's opset; where runtimes have disagreed about one, an
/// operation or attribute is used that all of them understand alike.
extension OnnxGraphBuilder {
  /// - Throws: `OnnxExportError.noOperation`.
  mutating func appendOperations(
    for node: Node, _ inputs: [OnnxValue]
  ) throws(OnnxExportError) {
    let x = inputs[0]
    switch node.op {
    case .input, .constant:
      break
    case .convolution(let conv):
      appendConvolution(conv, inputs)
    case .batchNorm(let batchNorm):
      let result = append(
        "BatchNormalization", [x.name] + operands,
        [.float("epsilon", Float(batchNorm.norm.epsilon))])
      appendReLU(result, if: batchNorm.relu)
    case .relu:
      append("Relu", [x.name])
    case .activation(let activation):
      append(activation, x.name)
    case .add(let add):
      appendReLU(append("Add", [x.name, inputs[1].name]), if: add.relu)
    case .multiply:
      append("Mul", [x.name, appendFactors(inputs[1], for: x)])
    case .scaledAdd(let add):
      let product = append("Mul", [x.name, inputs[1].name])
      appendReLU(append("Add", [product, inputs[2].name]), if: add.relu)
    case .maxPool(let pool):
      appendMaxPool(pool, x)
    case .averagePool(let pool):
      try appendAveragePool(pool, x, of: node)
    case .globalAveragePool:
      append("GlobalAveragePool", [x.name])
    case .padChannels(let padding):
      appendChannelPadding(padding, x)
    case .pad(let pad):
      appendPad(x.name, pad.padding, value: pad.value)
    case .flatten where x.shape.rank == 0:
      // Which has no dimension to flatten.
      append("Reshape", [x.name, constant("shape", [1, 1])])
    case .flatten:
      append("Flatten", [x.name], [.integer("axis", 1)])
    case .reshape(let shape):
      append("Reshape", [x.name, constant("shape", shape.dimensions)])
    case .transpose(let transposition):
      append("Transpose", [x.name], [.integers("perm", transposition.permutation)])
    case .expand(let shape):
      append("Expand", [x.name, constant("shape", shape.dimensions)])
    case .concatenate:
      append("Concat", inputs.map(\.name), [.integer("axis", 1)])
    case .linear(let linear):
      appendLinear(linear, x.name)
    case .softmax:
      append("Softmax", [x.name], [.integer("axis", 1)])
    }
  }

  /// - Parameter x: the result of the operation that was added last.
  /// - Returns: the result.
  @discardableResult
  mutating func appendReLU(_ x: String, if isWanted: Bool) -> String {
    guard isWanted else { return x }
    nameAfterNode()
    return append("Relu", [x])
  }

  private mutating func append(_ activation: Activation, _ x: String) {
    switch activation {
    case .leakyReLU(let slope):
      append("LeakyRelu", [x], [.float("alpha", slope)])
    case .clip(let lower, let upper):
      append("Clip", [x, constant("lower", lower), constant("upper", upper)])
    case .sigmoid:
      append("Sigmoid", [x])
    case .hardSigmoid(let slope, let offset):
      append("HardSigmoid", [x], [.float("alpha", slope), .float("beta", offset)])
    }
  }

  /// Factors of the shape of x, or one a channel with as many dimensions as x: what ONNX repeats
  /// along the others.
  private mutating func appendFactors(_ y: OnnxValue, for x: OnnxValue) -> String {
    guard y.shape.rank != x.shape.rank else { return y.name }
    let dimensions = x.shape.dimensions.enumerated().map { $0 < 2 ? $1 : 1 }
    return append("Reshape", [y.name, constant("factors", dimensions)])
  }

  private mutating func appendLinear(_ linear: Linear, _ x: String) {
    var x = x
    if linear.pooled {
      x = append("GlobalAveragePool", [x])
      x = append("Flatten", [x], [.integer("axis", 1)])
    }
    append("Gemm", [x] + operands, [.integer("transB", 1)])
  }
}
