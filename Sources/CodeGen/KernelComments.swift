import GraphIR
import KernelPlanning

extension Kernel {
  /// Lines for the comment over a kernel's function: what it computes, for which layers, at what
  /// cost.
  func comment(cost: StepCost, layers: [String], tiling: Tiling?) -> [String] {
    var lines = wrapped(title)
    lines += wrapped("Layers: " + layers.joined(separator: ", ") + ".")
    var facts = [
      "\(quantity(cost.flops, "FLOP"))", "\(quantity(cost.activationBytes, "B")) of activations",
    ]
    if cost.weightBytes > 0 {
      let format = weightFormat == .float32 ? "" : " in \(weightFormat)"
      facts.append("\(quantity(cost.weightBytes, "B")) of weights" + format)
    }
    lines.append(facts.joined(separator: ", ") + ".")
    if let tiling {
      lines.append(
        "Register tile \(tiling.columns.length) × \(tiling.bands.length) pixels\(tiling.wrapsAt == nil ? "" : ", across rows,") × "
          + "\(counted(tiling.panels, "panel")); \(counted(tiling.tiles, "tile")), \(tiling.blockTiles) a cache block."
      )
    }
    return lines
  }

  /// One line that says what the kernel computes.
  var title: String {
    switch self {
    case .convolution(let conv):
      "Convolution \(conv.kernel.height) × \(conv.kernel.width), stride \(conv.stride.height)"
        + (conv.groups > 1 ? ", \(conv.groups) groups" : "") + ": \(conv.input.summary) → "
        + "\(conv.output.channels) × \(conv.resultHeight) × \(conv.resultWidth) "
        + conv.output.layout.rawValue + (conv.factors == nil ? "" : ", × factors")
        + (conv.residual == nil ? "" : ", + residual") + (conv.relu ? ", ReLU" : "")
        + pooled(conv.pool) + "."
    case .grouped(let grouped):
      "Convolution \(grouped.kernel.height) × \(grouped.kernel.width), "
        + "stride \(grouped.stride.height), in groups of \(counted(grouped.groupWidth, "channel")): "
        + "\(grouped.input.summary) → \(grouped.output.summary)"
        + (grouped.residual == nil ? "" : ", + residual") + (grouped.relu ? ", ReLU." : ".")
    case .winograd(let winograd):
      "Winograd F(\(winograd.tileOutputs)×\(winograd.tileOutputs))"
        + (winograd.kernelTransform == .packed ? "" : ", kernels transformed in registers,")
        + " for \(winograd.rows.kernel) × "
        + "\(winograd.columns.kernel), stride \(winograd.rows.stride): \(winograd.input.summary) → \(winograd.output.channels) × "
        + "\(winograd.resultHeight) × \(winograd.resultWidth) \(winograd.output.layout.rawValue)"
        + (winograd.residual == nil ? "" : ", + residual") + (winograd.relu ? ", ReLU" : "")
        + pooled(winograd.pool) + (winograd.tileSums == nil ? "." : "; also the sum of each tile.")
    case .pooledLinear(let linear):
      "Mean over \(linear.pool.input.height) × \(linear.pool.input.width) pixels, then a linear "
        + "layer: \(linear.product.input.channels) → \(linear.product.output.channels) features."
    case .copy(let copy):
      "Copy \(copy.from.summary) → \(copy.to.summary)."
    case .rearrangement(let move):
      move.operation.prefix(1).uppercased() + move.operation.dropFirst()
        + " \(move.from.summary) → \(move.to.summary)."
    case .concatenation(let joined):
      "Concatenate " + joined.inputs.map(\.summary).joined(separator: ", ")
        + " → \(joined.output.summary)."
    case .pool(let pool):
      (pool.kind == .maximum ? "Max-pool " : "Average-pool ")
        + "\(pool.window.kernel.height) × \(pool.window.kernel.width), stride "
        + "\(pool.window.stride.height): \(pool.input.summary) → \(pool.output.summary)."
    case .globalPool(let pool):
      pool.readsTileSums
        ? "Mean over \(pool.pixels) pixels, from the sums of tiles: \(pool.input.summary)."
        : "Mean over all pixels of \(pool.input.summary)."
    case .elementwise(let map):
      map.title + ": \(map.output.summary)."
    case .softmax(let softmax): "Softmax over the channels of \(softmax.output.summary)."
    }
  }

  private func pooled(_ pool: Pooling?) -> String {
    pool.map { ", max-pool \($0.kernel.height) × \($0.kernel.width)" } ?? ""
  }

  private func quantity(_ value: Double, _ unit: String) -> String {
    let (scaled, prefix) =
      value >= 1e9 ? (value / 1e9, "G") : value >= 1e6 ? (value / 1e6, "M") : (value / 1e3, "k")
    return "\((scaled * 100).rounded() / 100) \(prefix)\(unit)"
  }

  private func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + word.count < 92 {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
