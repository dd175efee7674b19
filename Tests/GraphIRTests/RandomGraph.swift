import Diagnostics
import GraphIR

/// SplitMix64 (Steele, Lea and Flood 2014): a seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A valid graph whose operations have every attribute set in some seed.
func randomGraph(seed: Int) -> Graph {
  var random = SeededGenerator(seed: seed)
  let letters: [Character] = Array("abcxyz019._- \"\\\n\t\u{1}\u{7F}é漢🙂%{}/")
  func string() -> String {
    String(
      (0..<Int.random(in: 1...9, using: &random)).compactMap { _ in
        letters.randomElement(using: &random)
      })
  }
  func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  func chance() -> Bool { Bool.random(using: &random) }
  func extent(_ range: ClosedRange<Int>) -> Extent {
    Extent(height: int(range), width: int(range))
  }
  func padding(_ range: ClosedRange<Int>) -> Padding {
    chance()
      ? Padding(int(range))
      : Padding(top: int(range), left: int(range), bottom: int(range), right: int(range))
  }
  func epsilon() -> Double {
    [
      1e-5, 1e-3, 0, 0.1, 1e-5.nextUp, 1.0 / 3, .leastNonzeroMagnitude,
      Double.random(in: 0...1, using: &random),
    ]
    .randomElement(using: &random) ?? 0
  }
  func norm() -> Normalization {
    var norm = Normalization(prefix: string(), epsilon: epsilon())
    if int(0...3) == 0 { norm.runningMean = string() }
    if int(0...3) == 0 { norm.weight = string() }
    return norm
  }
  func window() -> Pooling {
    Pooling(
      kernel: extent(1...3), stride: extent(1...3), padding: padding(0...1),
      dilation: extent(1...2), ceilMode: chance())
  }
  func sources() -> [SourceRange] {
    (0..<int(0...2)).map { _ in
      let lower = int(0...999)
      return SourceRange(file: string(), lower: lower, upper: lower + int(0...99))
    }
  }
  func value() -> Float {
    [0, -0.0, 1.5, -.infinity, Float.random(in: -9...9, using: &random)]
      .randomElement(using: &random) ?? 0
  }
  func op(on shape: Shape, addsResidual: Bool) -> Op {
    switch int(0...16) {
    case 0, 1, 2:
      let groups = chance() && shape.channels.isMultiple(of: 2) ? 2 : 1
      let pad = addsResidual || chance() ? .zero : padding(0...1)
      let kernel = addsResidual ? Extent(1) : extent(1...3)
      let isMatrix = kernel == Extent(1) && pad.isZero && groups == 1
      let projection =
        isMatrix && chance()
        ? Projection(
          channels: int(1...9), weight: string(), bias: chance() ? string() : nil,
          norms: (0..<int(0...2)).map { _ in norm() }) : nil
      let conv = Convolution(
        outputChannels: addsResidual ? shape.channels : groups * int(1...4),
        kernel: kernel,
        stride: addsResidual ? Extent(1) : extent(1...2),
        padding: pad, dilation: extent(1...2), groups: groups, weight: string(),
        bias: chance() ? string() : nil,
        inputNorm: pad.isZero && projection == nil && chance() ? norm() : nil,
        projection: projection,
        outputNorms: (0..<int(0...2)).map { _ in norm() },
        epilogue: Epilogue(
          addsResidual: addsResidual, relu: chance(), maxPool: chance() ? window() : nil))
      return .convolution(conv)
    case 3: return .batchNorm(BatchNorm(norm(), relu: chance()))
    case 4: return .maxPool(window())
    case 5: return .averagePool(AveragePooling(window: window(), countIncludesPadding: chance()))
    case 6:
      return .padChannels(
        ChannelPadding(before: int(0...2), after: int(0...2), stride: extent(1...2)))
    case 7: return .pad(SpatialPadding(padding(0...2), value: value()))
    case 8: return .relu
    case 9: return .globalAveragePool
    case 10:
      return .linear(
        Linear(
          outputFeatures: int(1...9), weight: string(), bias: chance() ? string() : nil,
          pooled: chance()))
    case 11: return chance() ? .flatten : .softmax
    case 12:
      return .activation(
        [
          .leakyReLU(slope: value()), .clip(lower: value(), upper: value()), .sigmoid,
          .hardSigmoid(slope: value(), offset: value()),
        ].randomElement(using: &random) ?? .sigmoid)
    case 13: return .transpose(Transposition(shape.dimensions.indices.shuffled(using: &random)))
    case 14:
      return .reshape(
        Shape([shape.elementCount / shape.batch, shape.batch].shuffled(using: &random)))
    case 15: return .expand(Shape([int(1...3)] + shape.dimensions))
    default: return .constant(Constant(name: string(), shape: shape))
    }
  }

  var graph = Graph(name: string())
  graph.appendInput(
    TensorType([int(1...2), 4, int(4...9), int(4...9)], chance() ? .float32 : .bfloat16),
    name: "input", sources: sources())
  for index in 0..<int(1...20) {
    let x = NodeID(int(0...(graph.nodes.count - 1)))
    let addsResidual = int(0...4) == 0
    var next = op(on: graph[x].type.shape, addsResidual: addsResidual)
    if int(0...9) == 0 { next = .add(Add(relu: chance())) }
    if int(0...9) == 0 { next = chance() ? .multiply : .concatenate }
    var inputs = [NodeID](repeating: x, count: min(next.arity.upperBound, int(1...3)))
    if inputs.count < next.arity.lowerBound { inputs.append(x) }
    if graph[x].type.shape.isImage, int(0...9) == 0,
      let factors = try? graph.append(.globalAveragePool, [x], name: "\(index) factors")
    {
      next = .scaledAdd(ScaledAdd(relu: chance()))
      inputs = [x, factors, x]
      if chance() {
        let channels = graph[x].type.shape.channels
        next = .convolution(
          Convolution(
            outputChannels: channels, kernel: Extent(1), weight: string(),
            epilogue: Epilogue(scales: true, addsResidual: true, relu: chance())))
        inputs = [x, x, factors]
      }
    }
    // An operation that cannot take this input is left out.
    _ = try? graph.append(next, inputs, name: "\(index) " + string(), sources: sources())
  }
  graph.outputs = [NodeID(graph.nodes.count - 1)]
  if chance() { graph.outputs.append(NodeID(0)) }
  return graph
}
