import GraphIR

/// How a convolution is computed.
public enum Algorithm: Hashable, Sendable, CustomStringConvertible {
  case direct
  /// Narrow groups side by side in a vector.
  case grouped
  /// Winograd's, with m outputs a tile in each direction.
  case winograd(Int, KernelTransform = .packed)

  public var description: String {
    switch self {
    case .direct: "direct"
    case .grouped: "grouped"
    case .winograd(let outputs, .packed): "winograd F(\(outputs)×\(outputs))"
    case .winograd(let outputs, .inRegisters): "lean winograd F(\(outputs)×\(outputs))"
    }
  }

  /// Whether an output is the sum of its products, one by one.
  var isDirect: Bool {
    switch self {
    case .direct, .grouped: true
    case .winograd: false
    }
  }

  /// Formats that its weights can be stored in.
  var weightFormats: [WeightFormat] {
    if case .winograd(_, .inRegisters) = self { [.float32] } else { WeightFormat.allCases }
  }

  /// What options and tuning logs call it: one word.
  public var name: String {
    switch self {
    case .direct: "direct"
    case .grouped: "grouped"
    case .winograd(let outputs, .packed): "winograd\(outputs)"
    case .winograd(let outputs, .inRegisters): "winograd\(outputs)-lean"
    }
  }
}

/// One way to compute a node: the layout it reads, the layout it writes, the algorithm, and how its
/// matrix is stored.
public struct Candidate: Hashable, Sendable, CustomStringConvertible {
  public var input: Layout
  public var output: Layout
  public var algorithm: Algorithm
  public var weightFormat: WeightFormat

  public init(
    input: Layout, output: Layout, algorithm: Algorithm = .direct,
    weightFormat: WeightFormat = .float32
  ) {
    self.input = input
    self.output = output
    self.algorithm = algorithm
    self.weightFormat = weightFormat
  }

  /// The layout that the node wants its operand `slot` in, if that has a choice: a residual is read
  /// like the output.
  fileprivate func layout(ofInput slot: Int) -> Layout { slot == 0 ? input : output }

  /// What options and tuning logs call the algorithm and the format of its weights: one word.
  public var method: String {
    algorithm.name + (weightFormat == .float32 ? "" : "-\(weightFormat)")
  }

  public var description: String {
    let layouts =
      input == output ? input.rawValue : "\(input.rawValue)→\(output.rawValue)"
    return layouts + (algorithm == .direct ? "" : " \(algorithm)")
      + (weightFormat == .float32 ? "" : " \(weightFormat)")
  }
}

extension Graph {
  /// Every way to compute a node that an accuracy allows, in a fixed order.
  ///
  /// - Parameter winograd: whether Winograd's algorithm is allowed where the accuracy allows it.
  func candidates(of id: NodeID, winograd: Bool, accuracy: Accuracy) -> [Candidate] {
    let all = candidates(of: id, winograd: winograd)
    switch self[id].op {
    case .convolution, .linear:
      let allowed = accuracy == .exact ? all.filter(\.algorithm.isDirect) : all
      return accuracy.weightFormats.flatMap { format in
        allowed.filter { $0.algorithm.weightFormats.contains(format) }.map {
          var candidate = $0
          candidate.weightFormat = format
          return candidate
        }
      }
    default: return all
    }
  }

  /// Every way to compute a node with float32 weights.
  ///
  private func candidates(of id: NodeID, winograd: Bool) -> [Candidate] {
    let node = self[id]
    let layouts = node.type.shape.layouts
    let ownLayouts = isHeldByCaller(id) ? Array(layouts.prefix(1)) : layouts
    guard let first = node.inputs.first, !isReadFromCaller(id) else {
      return ownLayouts.map { Candidate(input: .nchw, output: $0) }
    }
    let inputLayouts = self[first].type.shape.layouts
    switch node.op {
    case .convolution(let conv):
      var all = inputLayouts.flatMap { input in
        ownLayouts.map { Candidate(input: input, output: $0) }
      }
      // Only the direct kernel scales its sums.
      guard !conv.epilogue.scales else { return all }
      // Vectors of channels are read whole, which filling makes possible in inputs of the network too.
      if conv.allowsGrouping(inputChannels: self[first].type.shape.channels),
        !isReadByConvolutionsOnly(first)
      {
        all += ownLayouts.map { Candidate(input: .nhwc, output: $0, algorithm: .grouped) }
      }
      if winograd {
        let channels = self[first].type.shape.channels
        all += conv.winogradTiles(inputChannels: channels).map {
          Candidate(input: .nhwc, output: .nhwc, algorithm: .winograd($0))
        }
        // Two channels are read at once.
        if channels % 2 == 0 {
          all += conv.leanWinogradTiles(inputChannels: channels).map {
            Candidate(input: .nhwc, output: .nhwc, algorithm: .winograd($0, .inRegisters))
          }
        }
      }
      return all
    case .globalAveragePool, .linear:
      return inputLayouts.map { Candidate(input: $0, output: .nhwc) }
    case .flatten, .reshape, .transpose, .expand:
      return inputLayouts.flatMap { input in
        ownLayouts.map { Candidate(input: input, output: $0) }
      }
    default:
      return ownLayouts.filter(inputLayouts.contains).map { Candidate(input: $0, output: $0) }
    }
  }

  /// The layout in which a node that is computed so wants one of its operands. Factors of a convolution
  /// are read in whole vectors, whatever the layout of its result.
  func layout(ofInput slot: Int, of id: NodeID, _ candidate: Candidate) -> Layout {
    if case .convolution(let conv) = self[id].op, conv.epilogue.scales,
      slot == self[id].inputs.count - 1
    {
      return .nhwc
    }
    let layouts = self[self[id].inputs[slot]].type.shape.layouts
    return layouts.count == 1 ? layouts[0] : candidate.layout(ofInput: slot)
  }
}

extension Graph {
  /// Whether a node is an image of the caller's that only convolutions read: no other kernel can read
  /// channels that do not fill a panel.
  func isReadByConvolutionsOnly(_ id: NodeID) -> Bool {
    guard isReadFromCaller(id) else { return false }
    return nodes.allSatisfy { node in
      guard node.inputs.contains(id) else { return true }
      guard case .convolution = node.op else { return false }
      return !node.inputs.dropFirst().contains(id)
    }
  }

  /// The format in which a value is computed in a layout.
  func format(of id: NodeID, layout: Layout, halo: Padding = .zero) -> BufferFormat {
    isReadByConvolutionsOnly(id)
      ? .networkInput(self[id].type.shape, layout: layout, halo: halo)
      : BufferFormat(self[id].type.shape, layout: layout, halo: halo)
  }
}

extension Shape {
  /// The layouts that a tensor can lie in. Matrices and images of one pixel, which are alike, have
  /// one: NHWC holds their features in order. Tensors of other ranks lie in row-major order.
  var layouts: [Layout] {
    switch rank {
    case 2: [.nhwc]
    case 4: height * width == 1 ? [.nhwc] : Layout.allCases
    default: [.nchw]
    }
  }
}

extension Padding {
  /// The least padding that covers both.
  func union(_ other: Padding) -> Padding {
    Padding(
      top: max(top, other.top), left: max(left, other.left), bottom: max(bottom, other.bottom),
      right: max(right, other.right))
  }
}
