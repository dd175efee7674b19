import GraphIR

extension Graph {
  /// A text that two nodes share if, and only if, the same kernels compute them: the operation with
  /// its attributes, the shapes, and the zeros that stand around the images. Names and weights are no
  /// part of it. What a tuning log calls a layer.
  ///
  /// A convolution with factors counts as one without: they cost next to nothing, so what was
  /// measured of one holds for the other.
  public func layerKey(of id: NodeID) -> String { layerKey(of: id, halos: expectedHalos()) }

  /// The keys of all nodes.
  func layerKeys() -> [String] {
    let halos = expectedHalos()
    return nodeIDs.map { layerKey(of: $0, halos: halos) }
  }

  private func layerKey(of id: NodeID, halos: [Padding]) -> String {
    func text(of value: NodeID) -> String {
      let halo = halos[value.index]
      return "\(self[value].type.shape)" + (halo.isZero ? "" : " in \(halo.text)")
    }
    let node = self[id]
    let operands = node.inputs.dropLast(node.op.factorCount).map(text)
    return node.op.shapeText + " " + operands.joined(separator: " + ") + " -> " + text(of: id)
  }

  /// The zeros that the convolutions which read each value want around it. Algorithms may want more.
  func expectedHalos() -> [Padding] {
    var halos = [Padding](repeating: .zero, count: nodes.count)
    for node in nodes {
      guard let value = node.inputs.first, case .convolution(let conv) = node.op else { continue }
      halos[value.index] = halos[value.index].union(conv.padding)
    }
    return halos
  }
}

extension Op {
  /// How many of the last inputs are factors of a convolution.
  fileprivate var factorCount: Int {
    guard case .convolution(let conv) = self else { return 0 }
    return conv.epilogue.scales ? 1 : 0
  }

  /// The operation and what of its attributes decides the kernel.
  fileprivate var shapeText: String {
    switch self {
    case .convolution(let conv):
      ([mnemonic, conv.kernel.text] + attributes(of: conv)).joined(separator: " ")
    case .linear(let linear): mnemonic + (linear.pooled ? " pooled" : "")
    case .batchNorm(let norm): mnemonic + (norm.relu ? " relu" : "")
    case .add(let add): mnemonic + (add.relu ? " relu" : "")
    case .maxPool(let window): mnemonic + " " + window.text
    case .averagePool(let pool): mnemonic + " " + pool.window.text
    case .padChannels(let pad): "\(mnemonic) \(pad.before) stride \(pad.stride.text)"
    case .pad(let pad): "\(mnemonic) \(pad.padding.text)"
    case .scaledAdd(let add): mnemonic + (add.relu ? " relu" : "")
    case .transpose(let transposition):
      mnemonic + " " + transposition.permutation.map(String.init).joined(separator: ",")
    case .input, .constant, .relu, .activation, .multiply, .globalAveragePool, .flatten, .reshape,
      .expand, .concatenate, .softmax:
      mnemonic
    }
  }

  /// Those that are not the usual ones.
  private func attributes(of conv: Convolution) -> [String] {
    var texts: [String] = []
    if conv.stride != Extent(1) { texts.append("stride \(conv.stride.text)") }
    if !conv.padding.isZero { texts.append("pad \(conv.padding.text)") }
    if conv.dilation != Extent(1) { texts.append("dilation \(conv.dilation.text)") }
    if conv.groups != 1 { texts.append("groups \(conv.groups)") }
    if conv.epilogue.addsResidual { texts.append("residual") }
    if conv.epilogue.relu { texts.append("relu") }
    if let pool = conv.epilogue.maxPool { texts.append("max_pool \(pool.text)") }
    return texts
  }
}

extension Pooling {
  fileprivate var text: String {
    "\(kernel.text) stride \(stride.text) pad \(padding.text)"
      + (dilation == Extent(1) ? "" : " dilation \(dilation.text)") + (ceilMode ? " ceil" : "")
  }
}

extension Extent {
  fileprivate var text: String { "\(height)x\(width)" }
}

extension Padding {
  /// One number if all sides are equal, else top, left, bottom and right.
  fileprivate var text: String {
    top == left && left == bottom && bottom == right
      ? "\(top)" : "\(top),\(left),\(bottom),\(right)"
  }
}
