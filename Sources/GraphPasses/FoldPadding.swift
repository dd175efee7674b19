import GraphIR

/// Folds explicit padding into the padding of what reads it, where that is exact:
///
/// | Reader | Condition |
/// |---|---|
/// | convolution | pads with zero, no batch norm before the convolution |
/// | average pool | pads with zero, and no padding of the pool that does not count |
/// | max pool | pads with −∞, or with at most 0 what is never negative |
/// | pad | the same value |
///
/// Each reader is taken alone; the explicit padding goes when nobody reads it any more.
struct FoldPadding: Pass {
  let name = "fold-padding"
  let summary = "fold explicit padding into the convolution or the pool that reads it"

  func run(on graph: inout Graph) -> Int {
    let nonNegative = graph.nonNegativeValues()
    return graph.rewriteEachNode { id, rewriter in
      guard let padded = rewriter[id].inputs.first, case .pad(let pad) = rewriter[padded].op,
        let image = rewriter[padded].inputs.first,
        let op = fold(pad, ofNonNegative: nonNegative[image.index], into: rewriter[id].op)
      else { return }
      let inputs = [image] + rewriter[id].inputs.dropFirst()
      // With `ceilMode`, moving the padding can move the last window; and a pool may not pad by as
      // much as its window. The type tells both.
      let type = try? inferType(of: op, inputs: inputs.map { rewriter[$0].type })
      guard type == rewriter[id].type else { return }
      rewriter.rewrite(id, as: op, inputs: inputs, absorbing: [padded])
    }
  }

  private func fold(_ pad: SpatialPadding, ofNonNegative isNonNegative: Bool, into op: Op) -> Op? {
    switch op {
    case .convolution(var conv):
      guard pad.value == 0, conv.inputNorm == nil else { return nil }
      conv.padding += pad.padding
      return .convolution(conv)
    case .averagePool(var pool):
      guard pad.value == 0, pool.countIncludesPadding || pool.window.padding.isZero else {
        return nil
      }
      pool.countIncludesPadding = true
      pool.window.padding += pad.padding
      return .averagePool(pool)
    case .maxPool(var window):
      guard pad.value == -.infinity || pad.value <= 0 && isNonNegative else { return nil }
      window.padding += pad.padding
      return .maxPool(window)
    case .pad(var outer):
      guard outer.value == pad.value else { return nil }
      outer.padding += pad.padding
      return .pad(outer)
    case .input, .constant, .batchNorm, .relu, .activation, .add, .multiply, .scaledAdd,
      .globalAveragePool, .padChannels, .flatten, .reshape, .transpose, .expand, .concatenate,
      .linear, .softmax:
      return nil
    }
  }
}

extension Padding {
  fileprivate static func += (a: inout Padding, b: Padding) {
    a.top += b.top
    a.left += b.left
    a.bottom += b.bottom
    a.right += b.right
  }
}
