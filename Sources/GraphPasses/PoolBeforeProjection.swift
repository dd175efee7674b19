import GraphIR

/// Averages over space before a 1×1 convolution instead of behind it, where another 1×1 convolution
/// reads the averages: both are linear, so they can change places, and the matrices of the two
/// convolutions become one.
///
/// In a bottleneck block with squeeze-and-excitation (Hu et al. 2018, figure 3) this squeezes the input of
/// the last convolution, which has a quarter of the channels, with a quarter of the weights. Above
/// all, the factors no longer wait for that convolution, which can then scale its sums as it stores
/// them.
struct PoolBeforeProjection: Pass {
  let name = "pool-before-projection"
  let summary = "average over space before 1×1 convolutions, not between two of them"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .convolution(var conv) = rewriter[id].op, conv.kernel == Extent(1),
        conv.padding.isZero, conv.groups == 1, conv.inputNorm == nil, conv.projection == nil,
        let pool = rewriter[id].inputs.first, rewriter[pool].op == .globalAveragePool,
        rewriter.soleReader(of: pool) == id, let source = rewriter[pool].inputs.first,
        case .convolution(let before) = rewriter[source].op, let x = rewriter[source].inputs.first
      else { return }
      conv.projection = Projection(before)
      guard conv.projection != nil else { return }
      let input = rewriter[x].type
      rewriter.rewrite(
        pool, as: .globalAveragePool, inputs: [x], absorbing: [source],
        type: TensorType(input.shape.oneAChannel, input.element))
      rewriter.rewrite(id, as: .convolution(conv), inputs: rewriter[id].inputs)
    }
  }
}
