import GraphIR

/// Folds a batch norm into the weights of the convolution before it, with the ReLU that may already
/// be fused to the norm.
///
/// At inference a batch norm is an affine map per channel (Ioffe and Szegedy 2015, algorithm 2), and
/// such a map of a convolution's result is the convolution with other weights. The norm must be the
/// convolution's only reader, and nothing may be fused behind the convolution yet.
struct FoldBatchNorm: Pass {
  let name = "fold-batch-norm"
  let summary = "fold batch norms into the weights of the convolution before them"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .batchNorm(let batchNorm) = rewriter[id].op, let x = rewriter[id].inputs.first,
        rewriter.soleReader(of: x) == id, case .convolution(var conv) = rewriter[x].op,
        conv.epilogue == Epilogue()
      else { return }
      conv.outputNorms.append(batchNorm.norm)
      conv.epilogue.relu = batchNorm.relu
      rewriter.rewrite(
        id, as: .convolution(conv), inputs: rewriter[x].inputs, absorbing: [x],
        name: rewriter[x].name)
    }
  }
}
