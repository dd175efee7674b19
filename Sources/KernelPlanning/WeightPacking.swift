import GraphIR

/// Fills the weights file: folds batch norms, puts every matrix into the order its kernel reads.
public struct WeightPacking<Source: ParameterSource> {
  private let graph: Graph
  private let steps: [NodeID: Step]
  private let source: Source
  /// The node folded last: its bias and its matrix are asked for one after the other.
  private var latest: (id: NodeID, weights: FoldedWeights)?

  /// - Parameters:
  ///   - graph: the graph that was planned.
  public init(graph: Graph, plan: KernelPlan, source: Source) {
    self.graph = graph
    self.source = source
    steps = Dictionary(
      plan.steps.compactMap { step in step.node.map { ($0, step) } },
      uniquingKeysWith: { a, _ in a })
  }

  /// The elements of one packed tensor, in its format.
  ///
  /// - Throws: what the source throws for a tensor that it lacks or refuses, `FoldingError`, or
  ///   `WeightPackingError`.
  public mutating func elements(of tensor: PackedTensor) throws -> PackedElements {
    let values = try packed(tensor)
    guard values.allSatisfy(\.isFinite) else {
      throw FoldingError.overflow(tensor: tensor.name)
    }
    let elements = PackedElements(values, as: tensor.format)
    guard elements.isFinite else { throw WeightPackingError.beyondFloat16(tensor: tensor.name) }
    return elements
  }

  private mutating func packed(_ tensor: PackedTensor) throws -> [Float] {
    let count = tensor.elementCount
    switch tensor.contents {
    case .panels(let id):
      guard let step = steps[id] else { return [] }
      let weight = try folded(id).weight
      switch step.kernel {
      case .convolution(let conv): return packPanels(weight, conv, count: count)
      case .grouped(let grouped): return packGroups(weight, grouped, count: count)
      case .winograd(let winograd):
        guard let bases = winograd.kernelBases else {
          return packPoints(weight, winograd, count: count)
        }
        return packKernels(
          weight, winograd, rows: bases.rows.matrix, columns: bases.columns.matrix, count: count)
      case .pooledLinear(let linear): return packPanels(weight, linear.product, count: count)
      default: return []
      }
    case .bias(let id):
      return filled(try folded(id).bias, count: count)
    case .scale(let id):
      return filled(try affine(id).scale, count: count)
    case .shift(let id):
      return filled(try affine(id).shift, count: count)
    case .constant(let id):
      return try graph.parameters(of: graph[id]).flatMap(source.values(of:))
    }
  }

  private func filled(_ values: [Double], count: Int) -> [Float] {
    values.map(Float.init) + [Float](repeating: 0, count: count - values.count)
  }

  private mutating func folded(_ id: NodeID) throws -> FoldedWeights {
    if let latest, latest.id == id { return latest.weights }
    let weights = try fold(id)
    latest = (id, weights)
    return weights
  }

  private func fold(_ id: NodeID) throws -> FoldedWeights {
    let inputs = graph[id].inputs.first.map { graph[$0].type.shape } ?? []
    switch graph[id].op {
    case .convolution(let conv):
      return try FoldedWeights(conv, inputChannels: inputs.channels, from: source)
    case .linear(let linear):
      // A linear layer is a 1×1 convolution of one pixel; the state dict has its matrix in 2-D.
      let features = inputs.channels
      let weight = try source.values(
        of: ParameterSpec(name: linear.weight, shape: [linear.outputFeatures, features]))
      let bias = try linear.bias.map {
        try source.values(of: ParameterSpec(name: $0, shape: [linear.outputFeatures]))
      }
      return FoldedWeights(
        weight: weight.map(Double.init),
        bias: (bias ?? [Float](repeating: 0, count: linear.outputFeatures)).map(Double.init))
    default:
      return FoldedWeights(weight: [], bias: [])
    }
  }

  private func affine(_ id: NodeID) throws -> ChannelAffine {
    guard case .batchNorm(let batchNorm) = graph[id].op else {
      return ChannelAffine(scale: [], shift: [])
    }
    return try ChannelAffine(
      batchNorm.norm, channels: graph[id].type.shape.channels, from: source)
  }

  /// `[panels][reduction][panelWidth]`, the reduction in the order of the kernel's loops.
  private func packPanels(_ weight: [Double], _ conv: DirectConvolution, count: Int) -> [Float] {
    let taps = conv.reduction.taps(kernelWidth: conv.kernel.width)
    let groupInputs = conv.input.channels / conv.groups
    let groupOutputs = conv.output.channels / conv.groups
    let window = conv.kernel.height * conv.kernel.width
    return packed(count) { destination in
      weight.withUnsafeBufferPointer { weight in
        for panel in 0..<conv.panels {
          for lane in 0..<min(panelWidth, conv.output.channels - panel * panelWidth) {
            let output = panel * panelWidth + lane
            // Input channels of this output's group, as the panel counts them.
            let first = output / groupOutputs * groupInputs - conv.firstChannel[panel]
            var index = panel * taps.count * panelWidth + lane
            for tap in taps {
              let channel = tap.channel - first
              if channel >= 0, channel < groupInputs {
                destination[index] = Float(
                  weight[(output * groupInputs + channel) * window + tap.position])
              }
              index += panelWidth
            }
          }
        }
      }
    }
  }

  /// `[panels][kernel rows][kernel columns][group's inputs][panelWidth]`.
  private func packGroups(_ weight: [Double], _ conv: GroupedConvolution, count: Int) -> [Float] {
    let (kernel, width) = (conv.kernel, conv.groupWidth)
    return packed(count) { destination in
      for output in 0..<conv.output.channels {
        let panel = output / panelWidth * conv.panelFloats + output % panelWidth
        for input in 0..<width {
          for row in 0..<kernel.height {
            for column in 0..<kernel.width {
              let tap = (row * kernel.width + column) * width + input
              let source = ((output * width + input) * kernel.height + row) * kernel.width + column
              destination[panel + tap * panelWidth] = Float(weight[source])
            }
          }
        }
      }
    }
  }

  /// `[points][panels][reduction of the point][panelWidth]`.
  private func packPoints(_ weight: [Double], _ winograd: WinogradConvolution, count: Int)
    -> [Float]
  {
    let transform = WinogradKernelTransform(winograd)
    let (inputs, outputs) = (winograd.input.channels, winograd.output.channels)
    let window = winograd.rows.kernel * winograd.columns.kernel
    let reductions = (0..<winograd.points).map(winograd.reduction(ofPoint:))
    var pointOffsets = [0]
    for reduction in reductions {
      pointOffsets.append(
        pointOffsets[pointOffsets.count - 1] + reduction.count * winograd.panels * panelWidth)
    }
    let gathered = winograd.columns.isGathered ? winograd.columns.stride : 1
    return packed(count) { destination in
      weight.withUnsafeBufferPointer { weight in
        for (index, phase) in winograd.phases.enumerated() {
          for output in 0..<outputs {
            let (panel, lane) = (output / panelWidth, output % panelWidth)
            for shift in 0..<gathered {
              for input in 0..<inputs {
                let position =
                  index * winograd.phaseChannels + shift * winograd.input.storedChannels + input
                transform.transform(
                  weight, at: (output * inputs + input) * window, phase: phase, columnShift: shift
                ) { point, value in
                  let reduction = reductions[point]
                  let row = panel * reduction.count + position - reduction.lowerBound
                  destination[pointOffsets[point] + row * panelWidth + lane] = Float(value)
                }
              }
            }
          }
        }
      }
    }
  }

  /// `[panels][channels][rows of the basis][columns of the basis][panelWidth]`.
  private func packKernels(
    _ weight: [Double], _ winograd: WinogradConvolution, rows: [[Double]], columns: [[Double]],
    count: Int
  ) -> [Float] {
    let (inputs, outputs) = (winograd.input.channels, winograd.output.channels)
    let (height, width) = (winograd.rows.kernel, winograd.columns.kernel)
    return packed(count) { destination in
      for output in 0..<outputs {
        for input in 0..<inputs {
          let kernel = (output * inputs + input) * height * width
          var index =
            (output / panelWidth * winograd.reductionLength + input) * winograd.kernelFloats
            + output % panelWidth
          for row in rows {
            let line = (0..<width).map { x in
              (0..<height).reduce(0) { $0 + row[$1] * weight[kernel + $1 * width + x] }
            }
            for column in columns {
              destination[index] = Float(zip(column, line).reduce(0) { $0 + $1.0 * $1.1 })
              index += panelWidth
            }
          }
        }
      }
    }
  }

  /// Zeros, with some overwritten.
  private func packed(_ count: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void) -> [Float]
  {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      body(buffer)
      initialized = count
    }
  }
}

/// Weights that a plan's formats cannot hold.
public enum WeightPackingError: Error, Equatable, CustomStringConvertible {
  /// A weight whose magnitude float16 does not reach.
  case beyondFloat16(tensor: String)

  public var description: String {
    switch self {
    case .beyondFloat16(let tensor):
      "\"\(tensor)\" has values beyond those of float16, 65504; keep float32 weights with "
        + "--accuracy standard"
    }
  }
}

extension Reduction {
  /// One step of the reduction.
  struct Tap {
    /// Relative to the panel's first channel.
    var channel: Int
    /// Row-major position in the kernel window.
    var position: Int
  }

  /// Every step in the order of the loops.
  func taps(kernelWidth: Int) -> [Tap] {
    var taps = [Tap(channel: 0, position: 0)]
    for loop in loops {
      taps = taps.flatMap { outer in
        (0..<loop.count).map { index in
          var tap = outer
          switch loop.axis {
          case .kernelRow: tap.position += index * kernelWidth
          case .kernelColumn: tap.position += index
          case .channelBlock: tap.channel += index * panelWidth
          case .channel: tap.channel += index
          }
          return tap
        }
      }
    }
    return taps
  }
}
