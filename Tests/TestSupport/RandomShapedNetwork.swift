import GraphIR

/// A network of images in which the operations stand that `randomNetwork` lacks: functions of single
/// elements, factors, moves of elements between shapes, pools whose windows have gaps, and tensors
/// that are no images; between convolutions, so that they are computed in every layout.
///
/// Its results are of moderate size: sums and products are followed by functions that bound them.
package func randomShapedNetwork(seed: Int) -> Graph {
  var builder = RandomShapes(seed: seed)
  return builder.network()
}

private struct RandomShapes {
  private var random: SeededGenerator
  private var graph = Graph(name: "shapes")
  /// Images of one batch.
  private var images: [NodeID] = []
  private var batch = 1

  init(seed: Int) { random = SeededGenerator(state: UInt64(seed) &* 0x51_7CC1 &+ 1) }

  mutating func network() -> Graph {
    batch = int(1...2)
    images = [graph.appendInput(TensorType([batch, int(1...3), int(5...9), int(5...9)]))]
    for _ in 0..<int(5...12) {
      let x = chance(75) ? images[images.count - 1] : images[int(0...(images.count - 1))]
      if let y = step(x) { images.append(y) }
    }
    let last = images[images.count - 1]
    let rows = chance(60) ? append(.globalAveragePool, last).flatMap { append(.flatten, $0) } : nil
    let result = (rows ?? append(.flatten, last)).flatMap {
      append(.linear(Linear(outputFeatures: 5, weight: name("fc"), bias: name("fc.bias"))), $0)
    }
    graph.outputs = [result ?? last]
    if chance(40) { graph.outputs.append(images[int(0...(images.count - 1))]) }
    return graph
  }

  private mutating func step(_ x: NodeID) -> NodeID? {
    switch int(0...13) {
    case 0, 1, 2: convolution(x, to: [int(1...20), 16, 24][int(0...2)])
    case 3, 12: append(.activation(function()), x)
    case 4: scaled(x)
    case 5: scaledAdd(x)
    case 6: concatenated(x)
    case 7: pooled(x)
    case 8: transposed(x)
    case 9: reshaped(x)
    case 10: expanded(x)
    case 13: append(.padChannels(ChannelPadding(before: int(-2...2), after: int(-2...2))), x)
    default: sequence(x)
    }
  }

  // MARK: Steps

  private mutating func convolution(_ x: NodeID, to channels: Int) -> NodeID? {
    let size = chance(50) ? 1 : 3
    let conv = Convolution(
      outputChannels: channels, kernel: Extent(size), stride: Extent(chance(85) ? 1 : 2),
      padding: Padding(size / 2), weight: name("conv"), bias: chance(50) ? name("bias") : nil)
    let y = append(.convolution(conv), x)
    return chance(50) ? y.flatMap { append(.relu, $0) } : y
  }

  private mutating func function() -> Activation {
    switch int(0...4) {
    case 0: .leakyReLU(slope: 0.25)
    case 1: .clip(lower: -0.5, upper: 0.75)
    case 2: .clip(lower: 0.125, upper: .infinity)
    case 3: .sigmoid
    default: .hardSigmoid(slope: 0.25, offset: 0.5)
    }
  }

  /// Factors for elements, or for channels.
  private mutating func scaled(_ x: NodeID) -> NodeID? {
    let source = chance(50) ? x : append(.globalAveragePool, x) ?? x
    return append(.activation(.sigmoid), source).flatMap { append(.multiply, x, $0) }
  }

  private mutating func scaledAdd(_ x: NodeID) -> NodeID? {
    let factors = append(.globalAveragePool, x).flatMap { append(.activation(.sigmoid), $0) }
    let relu = chance(50)
    return factors.flatMap {
      append(.scaledAdd(ScaledAdd(relu: relu)), x, $0, partner(of: x))
    }
  }

  /// An image of the same shape, another one where there is one.
  private mutating func partner(of x: NodeID) -> NodeID {
    let all = images.filter { graph[$0].type.shape == graph[x].type.shape }
    return all.isEmpty ? x : all[int(0...(all.count - 1))]
  }

  private mutating func concatenated(_ x: NodeID) -> NodeID? {
    let shape = shape(x)
    let others = images.filter {
      let other = graph[$0].type.shape
      return other.height == shape.height && other.width == shape.width && other.channels <= 24
    }
    guard shape.channels <= 24, !others.isEmpty else { return nil }
    let other = others[int(0...(others.count - 1))]
    return chance(30) ? append(.concatenate, x, other, x) : append(.concatenate, x, other)
  }

  private mutating func pooled(_ x: NodeID) -> NodeID? {
    let image = shape(x)
    // No gap is wider than the image: a window in the padding alone has no mean.
    let window = Pooling(
      kernel: Extent(height: int(1...3), width: int(2...3)), stride: Extent(int(1...2)),
      padding: Padding(int(0...1)),
      dilation: Extent(height: int(1...min(2, image.height)), width: int(1...min(3, image.width))),
      ceilMode: chance(30))
    return chance(50)
      ? append(.maxPool(window), x)
      : append(.averagePool(AveragePooling(window: window, countIncludesPadding: chance(50))), x)
  }

  private mutating func transposed(_ x: NodeID) -> NodeID? {
    append(.transpose(Transposition([0] + [1, 2, 3].shuffled(using: &random))), x)
  }

  /// Other images of as many elements.
  private mutating func reshaped(_ x: NodeID) -> NodeID? {
    let shape = shape(x)
    let count = shape.elementCount / batch
    let divisors = (1...count).filter { count.isMultiple(of: $0) && $0 <= 40 }
    let channels = divisors[int(0...(divisors.count - 1))]
    let rest = count / channels
    let heights = (1...rest).filter { rest.isMultiple(of: $0) && $0 <= 40 && rest / $0 <= 40 }
    guard !heights.isEmpty else { return nil }
    let height = heights[int(0...(heights.count - 1))]
    return append(.reshape([batch, channels, height, rest / height]), x)
  }

  /// Rows repeated, and added to others.
  private mutating func expanded(_ x: NodeID) -> NodeID? {
    let image = shape(x)
    return append(.globalAveragePool, x)
      .flatMap { append(.expand(image), $0) }
      .flatMap { append(.add(Add(relu: chance(50))), $0, partner(of: x)) }
      .flatMap { append(.activation(.clip(lower: -4, upper: 4)), $0) }
  }

  /// A tensor that is no image on the way.
  private mutating func sequence(_ x: NodeID) -> NodeID? {
    let image = shape(x)
    let softens = chance(50)
    return append(.reshape([batch, image.channels, image.height * image.width]), x)
      .flatMap { append(.transpose(Transposition([0, 2, 1])), $0) }
      .flatMap { append(softens ? .softmax : .relu, $0) }
      .flatMap { append(.transpose(Transposition([0, 2, 1])), $0) }
      .flatMap { append(.reshape(image), $0) }
  }

  // MARK: Helpers

  private mutating func int(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &random)
  }

  private mutating func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

  private func shape(_ id: NodeID) -> Shape { graph[id].type.shape }

  private func name(_ role: String) -> String { "\(role)\(graph.nodes.count)" }

  /// An operation that cannot take its inputs is left out.
  private mutating func append(_ op: Op, _ inputs: NodeID...) -> NodeID? {
    try? graph.append(op, inputs, name: "\(op.mnemonic)\(graph.nodes.count)")
  }
}
