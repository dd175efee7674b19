import GraphIR

/// SplitMix64 (Steele, Lea and Flood 2014): a seed gives the same numbers everywhere.
package struct SeededGenerator: RandomNumberGenerator {
  package var state: UInt64

  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A network as a spec gives it, nothing fused: chains and branches of what the passes look for,
/// and of what they must leave alone (values read twice, inexact padding, several outputs).
package func randomNetwork(seed: Int) -> Graph {
  var random = SeededGenerator(state: UInt64(seed))
  func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  func chance(_ percent: Int) -> Bool { int(1...100) <= percent }

  var graph = Graph(name: "random")
  var values = [graph.appendInput(TensorType([1, int(1...3), int(5...9), int(5...9)]))]
  // An operation that cannot take its inputs is left out; the next ones go on from before it.
  func append(_ op: Op, _ inputs: [NodeID]) -> NodeID? {
    try? graph.append(op, inputs, name: "\(op.mnemonic)\(graph.nodes.count)")
  }
  func window() -> Pooling {
    Pooling(
      kernel: Extent(height: int(1...3), width: int(1...3)), stride: Extent(int(1...2)),
      padding: Padding(int(0...1)), ceilMode: chance(30))
  }

  // The end of a residual block; in some the convolution, the product or the means have other readers.
  func squeezeAndExcitation(_ x: NodeID, _ index: Int) -> NodeID? {
    func conv(_ x: NodeID, _ name: String, to channels: Int, kernel: Int = 1) -> NodeID? {
      let conv = Convolution(
        outputChannels: channels, kernel: Extent(kernel), padding: Padding(kernel / 2),
        weight: "\(name)\(index).weight", bias: chance(50) ? "\(name)\(index).bias" : nil)
      return append(.convolution(conv), [x])
    }
    let channels = graph[x].type.shape.channels
    guard var y = conv(x, "y", to: channels, kernel: chance(80) ? 1 : 3) else { return nil }
    if chance(50),
      let norm = append(.batchNorm(BatchNorm(Normalization(prefix: "y-bn\(index)"))), [y])
    {
      y = norm
    }
    guard let means = append(.globalAveragePool, [y]), let fc1 = conv(means, "fc1-", to: 2),
      let hidden = append(.relu, [fc1]), let fc2 = conv(hidden, "fc2-", to: channels),
      let factors = append(.activation(.sigmoid), [fc2]),
      let product = append(.multiply, [y, factors])
    else { return nil }
    if chance(20) { values.append([y, means, product][int(0...2)]) }
    return append(.add(Add()), chance(50) ? [x, product] : [product, x])
  }

  // Element by element with the channels last, as exporters of Keras' networks leave it; in some the
  // transposed value has another reader.
  func channelsLast(_ x: NodeID) -> NodeID? {
    guard let last = append(.transpose(.nchwToNHWC), [x]) else { return nil }
    var y = append([.relu, .activation(.sigmoid)][int(0...1)], [last])
    if let other = append(.transpose(.nchwToNHWC), [x]), let term = y, chance(50) {
      y = append(.add(Add()), [term, other])
    }
    let first = y.flatMap { append(.transpose(.nhwcToNCHW), [$0]) }
    if chance(20) { values.append(last) }
    return first
  }

  for index in 0..<int(4...24) {
    let last = values[values.count - 1]
    let x = chance(75) ? last : values[int(0...(values.count - 1))]
    let channels = graph[x].type.shape.channels
    let op: Op
    switch int(0...14) {
    case 0...2:
      let kernel = [1, 3][int(0...1)]
      op = .convolution(
        Convolution(
          outputChannels: chance(60) ? channels : int(1...4), kernel: Extent(kernel),
          stride: Extent(chance(80) ? 1 : 2), padding: Padding(chance(60) ? kernel / 2 : 0),
          weight: "conv\(index).weight", bias: chance(30) ? "conv\(index).bias" : nil))
    case 3...4: op = .batchNorm(BatchNorm(Normalization(prefix: "bn\(index)")))
    case 5...6: op = .relu
    case 7...8:
      let shape = graph[x].type.shape
      let others = values.filter { graph[$0].type.shape == shape }
      if let sum = append(.add(Add()), [x, others[int(0...(others.count - 1))]]) {
        values.append(sum)
      }
      continue
    case 9:
      let sides = Padding(top: int(0...1), left: int(0...2), bottom: int(0...1), right: int(0...1))
      if chance(30) {
        // Only a max pool can read −∞ without making it spread.
        let pad = append(.pad(SpatialPadding(sides, value: -.infinity)), [x])
        let pool = Pooling(kernel: Extent(3), stride: Extent(int(1...2)), ceilMode: chance(50))
        if let result = pad.flatMap({ append(.maxPool(pool), [$0]) }) { values.append(result) }
        continue
      }
      op = .pad(SpatialPadding(sides, value: chance(70) ? 0 : Float(int(-1...1))))
    case 13:
      if let block = squeezeAndExcitation(x, index) { values.append(block) }
      continue
    case 14:
      if let result = channelsLast(x) { values.append(result) }
      continue
    case 10: op = .maxPool(window())
    case 11: op = .averagePool(AveragePooling(window: window(), countIncludesPadding: chance(60)))
    default: op = .padChannels(ChannelPadding(before: int(-1...1), after: int(-1...1)))
    }
    if let result = append(op, [x]) { values.append(result) }
  }

  let image = values[values.count - 1]
  let shape = graph[image].type.shape
  let whole = Pooling(
    kernel: Extent(height: shape.height, width: shape.width), stride: Extent(1))
  let pool = chance(50) ? Op.globalAveragePool : .averagePool(AveragePooling(window: whole))
  let fc = Linear(outputFeatures: 3, weight: "fc.weight", bias: "fc.bias")
  let head = append(pool, [image]).flatMap { append(.flatten, [$0]) }
    .flatMap { append(.linear(fc), [$0]) }
  graph.outputs = [head ?? image]
  if chance(40) { graph.outputs.append(values[int(0...(values.count - 1))]) }
  return graph
}
