import GraphIR

/// Makes a product with one factor a channel, and the add that alone reads it, one operation: the
/// end of a residual block with squeeze-and-excitation then reads each tensor once.
struct FuseScaledAdd: Pass {
  let name = "fuse-scaled-add"
  let summary = "make a product with one factor a channel part of the add behind it"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .add(let add) = rewriter[id].op else { return }
      let operands = rewriter[id].inputs
      // Of two products the later is taken: the other is a shortcut, and computed long before.
      let slot = operands.indices.filter { isScaled(operands[$0], rewriter) }
        .max { operands[$0] < operands[$1] }
      guard let slot else { return }
      let product = operands[slot]
      let (x, factors) = (rewriter[product].inputs[0], rewriter[product].inputs[1])
      rewriter.rewrite(
        id, as: .scaledAdd(ScaledAdd(relu: add.relu)), inputs: [x, factors, operands[1 - slot]],
        absorbing: [product])
    }
  }

  private func isScaled(_ id: NodeID, _ rewriter: GraphRewriter) -> Bool {
    guard rewriter[id].op == .multiply, rewriter.soleReader(of: id) != nil else { return false }
    let (shape, factors) = (
      rewriter[id].type.shape, rewriter[rewriter[id].inputs[1]].type.shape
    )
    return shape.isImage && factors == shape.oneAChannel
  }
}

/// Makes a scaled add part of the 1×1 convolution whose result it scales, if nothing else reads that:
/// the factors are then known before the convolution, as `PoolBeforeProjection` sees to.
///
/// Larger convolutions are left alone: Winograd's algorithm gains them more than this would.
struct FuseScale: Pass {
  let name = "fuse-scale"
  let summary = "make scaled adds the epilogue of the 1×1 convolution before them"

  func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .scaledAdd(let add) = rewriter[id].op else { return }
      let operands = rewriter[id].inputs
      guard rewriter.soleReader(of: operands[0]) == id,
        case .convolution(var conv) = rewriter[operands[0]].op, conv.kernel == Extent(1),
        conv.groups == 1, conv.epilogue == Epilogue()
      else { return }
      conv.epilogue = Epilogue(scales: true, addsResidual: true, relu: add.relu)
      rewriter.rewrite(
        id, as: .convolution(conv),
        inputs: rewriter[operands[0]].inputs + [operands[2], operands[1]],
        absorbing: [operands[0]], name: rewriter[operands[0]].name)
    }
  }
}
