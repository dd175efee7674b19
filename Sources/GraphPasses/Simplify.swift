import GraphIR

/// Drops operations that do nothing and gives others their plain form:
///
/// - a ReLU of what cannot be negative;
/// - a change of shape or order that changes nothing, a concatenation of one tensor;
/// - padding by nothing, a pooling of one pixel at stride 1, `flatten` of a matrix;
/// - an average pool whose one window is exactly the image becomes a global average pool.
struct Simplify: Pass {
  let name = "simplify"
  let summary = "drop operations without effect; make whole-image average pools global"

  func run(on graph: inout Graph) -> Int {
    let nonNegative = graph.nonNegativeValues()
    return graph.rewriteEachNode { id, rewriter in
      let node = rewriter[id]
      guard let x = node.inputs.first else { return }
      let shape = rewriter[x].type.shape
      if hasNoEffect(
        node.op, on: shape, isNonNegative: nonNegative[x.index],
        inputCount: node.inputs.count)
      {
        _ = rewriter.bypass(id)
      } else if case .averagePool(let pool) = node.op, pool.window.padding.isZero,
        pool.window.kernel == Extent(height: shape.height, width: shape.width)
      {
        rewriter.rewrite(id, as: .globalAveragePool, inputs: [x])
      }
    }
  }

  private func hasNoEffect(
    _ op: Op, on shape: Shape, isNonNegative: Bool, inputCount: Int
  ) -> Bool {
    switch op {
    case .relu: isNonNegative
    case .flatten: shape.rank == 2
    case .pad(let pad): pad.padding.isZero
    case .padChannels(let pad): pad == ChannelPadding(before: 0, after: 0)
    case .maxPool(let window): isOnePixel(window)
    case .averagePool(let pool): isOnePixel(pool.window)
    case .globalAveragePool: shape.height == 1 && shape.width == 1
    case .reshape(let new), .expand(let new): new == shape
    case .transpose(let transposition): transposition.isIdentity
    case .concatenate: inputCount == 1
    case .input, .constant, .convolution, .batchNorm, .activation, .add, .multiply, .scaledAdd,
      .linear, .softmax:
      false
    }
  }

  private func isOnePixel(_ window: Pooling) -> Bool {
    window.kernel == Extent(1) && window.stride == Extent(1) && window.padding.isZero
  }
}
