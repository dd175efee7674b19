import GraphIR
import SpecLanguage

/// What an argument is about: its keyword in specs, and how a block's parameter for it is called.
enum Role: String, Hashable, Sendable {
  case channels, kernel, stride, pad, dilation, groups, bias
  case epsilon = "eps"
  case features, before, after
  case slope, offset, min, max, value
  case ceil
  case countIncludesPadding = "count_include_pad"
  case shape, order
  /// Which of several ways through a block an instance takes.
  case variant

  /// Whether it counts channels, so that values of a block are likely to be multiples of each other.
  var countsChannels: Bool {
    switch self {
    case .channels, .features, .before, .after, .groups, .shape: true
    default: false
    }
  }

  /// Whether a value that only some instances of a block have, the same in all of them, is likely to
  /// come from a parameter of the block nevertheless.
  var followsBlock: Bool { countsChannels || self == .stride }

  /// The value that a block's parameter has unless told otherwise, if there is a natural one.
  var neutral: Literal? {
    switch self {
    case .stride, .dilation, .groups: .integer(1)
    case .pad: .integer(0)
    case .bias, .ceil, .variant: .flag(false)
    case .countIncludesPadding: .flag(true)
    case .epsilon: Literal(1e-5)
    default: nil
    }
  }
}

/// One operation of a graph as a call in the spec language, its tensors aside.
struct OperationCall: Sendable {
  struct Argument: Hashable, Sendable {
    var role: Role
    var isPositional: Bool
    /// One value, or the elements of a tuple.
    var elements: [Literal]
    var isTuple = false
    /// The language has this value where the argument is left out.
    var isDefault: Bool
    /// Conventions of padding that come to the same value.
    var conventions: [Literal] = []
  }

  /// A tensor of the state dict: what follows the label in the name the language gives it.
  struct Tensor: Hashable, Sendable {
    var suffix: String
    var name: String
  }

  var callee: String
  /// For one callee always the same roles in the same order.
  var arguments: [Argument] = []
  var tensors: [Tensor] = []

  var hasLabel: Bool { !tensors.isEmpty }
  /// A constant has its name as an argument, where others have a label.
  var isConstant: Bool { callee == "parameter" }
}

extension OperationCall {
  /// - Parameters:
  ///   - id: a node other than the input.
  ///   - batch: the extent of the input in dimension 0.
  ///   - dependsOnInput: for each node, whether it does.
  /// - Throws: `SpecWritingError.inexpressible`.
  init(_ id: NodeID, in graph: Graph, batch: Int, dependsOnInput: [Bool]) throws {
    let node = graph[id]
    func fail(_ reason: String) -> SpecWritingError {
      .inexpressible(node: node.name, reason: reason)
    }
    func real(_ role: Role, _ value: Float, unless standard: Float) throws -> Argument {
      guard value.isFinite || value == standard else { throw fail("\(role.rawValue) is \(value)") }
      return Argument(
        role: role, isPositional: false, elements: [Literal(value)], isDefault: value == standard)
    }
    func dimensions(_ shape: Shape) -> [Literal] {
      let before = node.inputs.first.map { graph[$0].type.shape }
      let startsWithBatch =
        shape.rank > 1 && shape.batch == batch
        && (before?.batch == batch || !node.inputs.contains { dependsOnInput[$0.index] })
      return shape.dimensions.enumerated().map { index, size in
        index == 0 && startsWithBatch ? .batch : .integer(size)
      }
    }
    let inputShape = node.inputs.first.map { graph[$0].type.shape } ?? []
    switch node.op {
    case .input:
      throw SpecWritingError.unsuitable(reason: "it has several inputs")
    case .constant(let constant):
      callee = "parameter"
      arguments = [.shape(constant.shape.dimensions.map(Literal.integer))]
      tensors = [Tensor(suffix: "", name: constant.name)]
    case .convolution(let conv):
      guard conv.inputNorm == nil, conv.outputNorms.isEmpty, conv.epilogue == Epilogue() else {
        throw fail("other operations are fused into this convolution")
      }
      callee = "conv"
      arguments = [
        .required(.channels, .integer(conv.outputChannels)), .kernel(conv.kernel),
        .extent(.stride, conv.stride), .padding(conv, on: inputShape),
        .extent(.dilation, conv.dilation),
        .optional(.groups, .integer(conv.groups), unless: .integer(1)),
        .optional(.bias, .flag(conv.bias != nil), unless: .flag(false)),
      ]
      tensors = [Tensor(suffix: ".weight", name: conv.weight)]
      if let bias = conv.bias { tensors.append(Tensor(suffix: ".bias", name: bias)) }
    case .batchNorm(let batchNorm):
      guard !batchNorm.relu else { throw fail("a ReLU is fused into this batch norm") }
      let norm = batchNorm.norm
      callee = "bn"
      arguments = [.optional(.epsilon, Literal(norm.epsilon), unless: Literal(1e-5))]
      tensors = [
        Tensor(suffix: ".weight", name: norm.weight), Tensor(suffix: ".bias", name: norm.bias),
        Tensor(suffix: ".running_mean", name: norm.runningMean),
        Tensor(suffix: ".running_var", name: norm.runningVariance),
      ]
    case .relu: callee = "relu"
    case .activation(.leakyReLU(let slope)):
      callee = "leakyrelu"
      arguments = [try real(.slope, slope, unless: 0.01)]
    case .activation(.clip(let lower, let upper)):
      callee = "clip"
      arguments = [
        try real(.min, lower, unless: -.infinity), try real(.max, upper, unless: .infinity),
      ]
    case .activation(.sigmoid): callee = "sigmoid"
    case .activation(.hardSigmoid(let slope, let offset)):
      callee = "hardsigmoid"
      arguments = [try real(.slope, slope, unless: 0.2), try real(.offset, offset, unless: 0.5)]
    case .add(let add):
      guard !add.relu else { throw fail("a ReLU is fused into this sum") }
      callee = "add"
    case .multiply: callee = node.inputs.count == 1 ? Idioms.silu : "mul"
    case .scaledAdd: throw fail("it is a product and a sum fused into one")
    case .maxPool(let pool):
      callee = "maxpool"
      arguments = Argument.window(pool, on: inputShape)
    case .averagePool(let pool):
      callee = "avgpool"
      arguments =
        Argument.window(pool.window, on: inputShape) + [
          .optional(
            .countIncludesPadding, .flag(pool.countIncludesPadding), unless: .flag(true))
        ]
    case .globalAveragePool: callee = "globalavgpool"
    case .padChannels(let pad):
      callee = "padchannels"
      arguments = [
        .optional(.before, .integer(pad.before), unless: .integer(0)),
        .optional(.after, .integer(pad.after), unless: .integer(0)), .extent(.stride, pad.stride),
      ]
    case .pad(let pad):
      callee = "pad"
      arguments = [
        .required(.pad, Argument.literal(pad.padding)), try real(.value, pad.value, unless: 0),
      ]
    case .flatten: callee = "flatten"
    case .reshape(let shape):
      callee = "reshape"
      arguments = [.shape(dimensions(shape))]
    case .expand(let shape):
      callee = "expand"
      arguments = [.shape(dimensions(shape))]
    case .transpose(let transposition):
      callee = "transpose"
      arguments = [.required(.order, .list(transposition.permutation))]
    case .concatenate: callee = "concat"
    case .linear(let linear):
      guard !linear.pooled else { throw fail("a global pool is fused into this linear layer") }
      callee = "linear"
      arguments = [
        .required(.features, .integer(linear.outputFeatures)),
        .optional(.bias, .flag(linear.bias != nil), unless: .flag(true)),
      ]
      tensors = [Tensor(suffix: ".weight", name: linear.weight)]
      if let bias = linear.bias { tensors.append(Tensor(suffix: ".bias", name: bias)) }
    case .softmax: callee = "softmax"
    }
  }
}

extension OperationCall.Argument {
  fileprivate static func required(_ role: Role, _ value: Literal) -> Self {
    Self(role: role, isPositional: true, elements: [value], isDefault: false)
  }

  fileprivate static func optional(_ role: Role, _ value: Literal, unless standard: Literal)
    -> Self
  {
    Self(role: role, isPositional: false, elements: [value], isDefault: value == standard)
  }

  fileprivate static func shape(_ dimensions: [Literal]) -> Self {
    Self(role: .shape, isPositional: true, elements: dimensions, isTuple: true, isDefault: false)
  }

  fileprivate static func extent(_ role: Role, _ extent: Extent) -> Self {
    optional(role, Literal(height: extent.height, width: extent.width), unless: .integer(1))
  }

  fileprivate static func kernel(_ extent: Extent) -> Self {
    required(.kernel, Literal(height: extent.height, width: extent.width))
  }

  fileprivate static func literal(_ p: Padding) -> Literal {
    p.top == p.bottom && p.left == p.right
      ? Literal(height: p.top, width: p.left) : .list([p.top, p.left, p.bottom, p.right])
  }

  fileprivate static func padding(_ conv: Convolution, on shape: Shape) -> Self {
    padding(
      conv.padding, on: shape, kernel: conv.kernel, stride: conv.stride, dilation: conv.dilation)
  }

  private static func padding(
    _ padding: Padding, on shape: Shape, kernel: Extent, stride: Extent, dilation: Extent
  ) -> Self {
    var argument = optional(.pad, literal(padding), unless: .integer(0))
    for (word, oddAtEnd) in [("same_upper", true), ("same_lower", false)]
    where padding
      == samePadding(
        of: shape, kernel: kernel, stride: stride, dilation: dilation, oddAtEnd: oddAtEnd)
    {
      argument.conventions.append(.word(word))
    }
    return argument
  }

  /// The stride of a window is its kernel unless it is given.
  fileprivate static func window(_ pool: Pooling, on shape: Shape) -> [Self] {
    let stride = Literal(height: pool.stride.height, width: pool.stride.width)
    return [
      kernel(pool.kernel),
      Self(
        role: .stride, isPositional: false, elements: [stride],
        isDefault: pool.stride == pool.kernel),
      padding(
        pool.padding, on: shape, kernel: pool.kernel, stride: pool.stride, dilation: pool.dilation),
      extent(.dilation, pool.dilation),
      optional(.ceil, .flag(pool.ceilMode), unless: .flag(false)),
    ]
  }
}
