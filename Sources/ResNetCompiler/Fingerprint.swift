import CodeGen
import GraphIR
import KernelPlanning

/// Identifies a network and the order of its packed weights: a library opens only weights that were
/// packed for it.
struct Fingerprint {
  /// 64 hexadecimal digits.
  let hexadecimal: String

  /// Hashes the graph's text, which names every parameter, and everything that decides where the
  /// packing puts its elements.
  init(graph: Graph, plan: KernelPlan) {
    var text = graph.text()
    for step in plan.steps where !step.weights.isEmpty {
      text += "\(step.name) \(step.kernel.packingOrder)\n"
    }
    for tensor in plan.weights {
      text += "\(tensor.name) \(tensor.offset) \(tensor.byteCount) \(tensor.format)\n"
    }
    // Four hashes of the same text behind four prefixes make 256 bits.
    hexadecimal = (0..<4).map { lane in
      var checksum = Checksum64()
      let bytes = Array("\(lane)\n\(text)".utf8)
      bytes.withUnsafeBytes { checksum.update($0) }
      let digits = String(checksum.value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

extension Kernel {
  /// What of a kernel decides the order of its packed weights.
  fileprivate var packingOrder: String {
    switch self {
    case .convolution(let conv): "\(conv.reduction.loops) \(conv.firstChannel)"
    case .grouped(let grouped): "grouped \(grouped.groupWidth) \(grouped.kernel)"
    case .winograd(let winograd):
      "winograd \(winograd.rows) \(winograd.columns) \(winograd.phaseChannels)"
        + (winograd.kernelTransform == .packed ? "" : " in registers")
    case .pooledLinear(let linear): "\(linear.product.reduction.loops)"
    case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax: ""
    }
  }
}
