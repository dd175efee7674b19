import GraphIR

/// Makes an add, with the ReLU fused to it, part of a convolution that it alone reads: the other
/// operand becomes the convolution's residual.
///
/// Where both operands are such convolutions, as in a block whose shortcut is a projection, the
/// deeper one is taken, which is the last of the main branch: it runs when the shortcut has long
/// been computed, whichever of the two the spec names first, so that the residual is ready and no
/// branch waits. Depth is the number of operations on the longest way from an input; of two equally
/// deep ones, the later is taken.
struct FuseResidual: Pass {
  let name = "fuse-residual"
  let summary = "make adds the epilogue of the convolution before them"

  func run(on graph: inout Graph) -> Int {
    let depths = graph.depths()
    return graph.rewriteEachNode { id, rewriter in
      guard case .add(let add) = rewriter[id].op else { return }
      let operands = rewriter[id].inputs
      let candidates = operands.indices.filter { canAddResidual(operands[$0], rewriter) }
      let slot = candidates.max {
        (depths[operands[$0].index], operands[$0]) < (depths[operands[$1].index], operands[$1])
      }
      guard let slot, case .convolution(var conv) = rewriter[operands[slot]].op else { return }
      conv.epilogue.addsResidual = true
      conv.epilogue.relu = add.relu
      let main = operands[slot]
      rewriter.rewrite(
        id, as: .convolution(conv), inputs: rewriter[main].inputs + [operands[1 - slot]],
        absorbing: [main], name: rewriter[main].name)
    }
  }

  private func canAddResidual(_ id: NodeID, _ rewriter: GraphRewriter) -> Bool {
    guard case .convolution(let conv) = rewriter[id].op else { return false }
    return conv.epilogue == Epilogue() && rewriter.soleReader(of: id) != nil
  }
}

extension Graph {
  /// For each node, the number of operations on the longest way to it from an input.
  fileprivate func depths() -> [Int] {
    var depths: [Int] = []
    for node in nodes {
      depths.append((node.inputs.map { depths[$0.index] }.max() ?? -1) + 1)
    }
    return depths
  }
}
