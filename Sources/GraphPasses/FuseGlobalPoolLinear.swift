import GraphIR

/// Makes a global average pool, and the `flatten` behind it, part of the linear layer that alone
/// reads them: the head of every ResNet.
struct FuseGlobalPoolLinear: Pass {
  let name = "fuse-global-pool-linear"
  let summary = "make the global average pool part of the linear layer behind it"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .linear(var linear) = rewriter[id].op, let flat = rewriter[id].inputs.first,
        rewriter[flat].op == .flatten, rewriter.soleReader(of: flat) == id,
        let pooled = rewriter[flat].inputs.first, rewriter[pooled].op == .globalAveragePool,
        rewriter.soleReader(of: pooled) == flat
      else { return }
      linear.pooled = true
      rewriter.rewrite(
        id, as: .linear(linear), inputs: rewriter[pooled].inputs, absorbing: [pooled, flat])
    }
  }
}
