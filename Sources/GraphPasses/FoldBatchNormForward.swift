import GraphIR

/// Folds a batch norm into the weights of the convolution behind it.
///
/// Exact only if the convolution pads nothing: padding is zero behind the norm, and no constant
/// before the norm becomes zero in every channel. The convolution must be the norm's only reader,
/// and no ReLU may stand between, so this serves norms of inputs and of concatenated features; the
/// batch norm and ReLU before a pre-activation convolution are left to `fuse-batch-norm-relu`.
struct FoldBatchNormForward: Pass {
  let name = "fold-batch-norm-forward"
  let summary = "fold batch norms into the weights of the unpadded convolution behind them"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .convolution(var conv) = rewriter[id].op, conv.padding.isZero,
        conv.inputNorm == nil, let x = rewriter[id].inputs.first,
        rewriter.soleReader(of: x) == id, case .batchNorm(let batchNorm) = rewriter[x].op,
        !batchNorm.relu
      else { return }
      conv.inputNorm = batchNorm.norm
      let inputs = rewriter[x].inputs + rewriter[id].inputs.dropFirst()
      rewriter.rewrite(id, as: .convolution(conv), inputs: inputs, absorbing: [x])
    }
  }
}
