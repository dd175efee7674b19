import GraphIR
import MachineModel

/// Where the weights of a network are when an inference reads them again.
enum WeightResidence: Hashable, Sendable {
  /// In memory: those of the other layers have passed through the caches since.
  case memory
  /// In the level-3 cache, from one inference to the next.
  case cache

  /// By how much fast algorithms may enlarge weights: Winograd's F(4×4,3×3) has 36 points for 9 taps.
  private static let enlargement = 4

  init(of graph: Graph, on machine: Machine) {
    let bytes = graph.matrixElements * WeightFormat.float32.byteCount * Self.enlargement
    self = bytes <= machine.l3Bytes ? .cache : .memory
  }
}

extension Graph {
  /// Elements of the matrices of all convolutions and linear layers.
  fileprivate var matrixElements: Int {
    nodes.reduce(0) { sum, node in
      guard let input = node.inputs.first else { return sum }
      let channels = self[input].type.shape.channels
      switch node.op {
      case .convolution(let conv):
        let taps = conv.kernel.height * conv.kernel.width
        return sum + conv.outputChannels * (channels / conv.groups) * taps
      case .linear(let linear): return sum + linear.outputFeatures * channels
      default: return sum
      }
    }
  }
}
