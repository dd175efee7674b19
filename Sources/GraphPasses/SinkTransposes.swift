import GraphIR

/// Lets transpositions meet and cancel. Exporters of networks with channels last, as Keras' and
/// TensorFlow's, surround every convolution with a pair; what stands between two convolutions, such as
/// a ReLU or a shortcut's sum, then computes channels last:
///
/// - one of another becomes one, or none where the second undoes the first;
/// - one that puts channels last changes places with its only reader, if that works element by element;
///   with two operands, both must be transposed.
///
/// What is left at the network's input or at a result is part of the copy from or to the caller.
struct SinkTransposes: Pass {
  let name = "sink-transposes"
  let summary = "move transpositions behind element-by-element operations, and cancel pairs"

  func run(on graph: inout Graph) -> Int {
    var total = 0
    // One that has changed places with its reader meets the next in another round.
    while true {
      let made = graph.rewriteEachNode { id, rewriter in
        switch rewriter[id].op {
        case .transpose(let outer): Self.merge(outer, id, &rewriter)
        case .relu, .activation, .add, .multiply: Self.sink(below: id, &rewriter)
        default: break
        }
      }
      if made == 0 { return total }
      total += made
    }
  }

  private static func merge(
    _ outer: Transposition, _ id: NodeID, _ rewriter: inout GraphRewriter
  ) {
    if outer.isIdentity {
      _ = rewriter.bypass(id)
      return
    }
    let operand = rewriter[id].inputs[0]
    guard case .transpose(let inner) = rewriter[operand].op else { return }
    let order = Transposition(outer.permutation.map { inner.permutation[$0] })
    rewriter.rewrite(
      id, as: .transpose(order), inputs: rewriter[operand].inputs, absorbing: [operand])
    if order.isIdentity { _ = rewriter.bypass(id) }
  }

  /// Makes the node work channels first if all its operands have had their channels put last for it
  /// alone; its own result's are put last then.
  private static func sink(below id: NodeID, _ rewriter: inout GraphRewriter) {
    let operands = rewriter[id].inputs
    guard
      operands.allSatisfy({
        rewriter[$0].op == .transpose(.nchwToNHWC) && rewriter.soleReader(of: $0) == id
      })
    else { return }
    let sources = operands.map { rewriter[$0].inputs[0] }
    // One factor a channel is not transposed like the image.
    guard let type = sources.first.map({ rewriter[$0].type }),
      sources.allSatisfy({ rewriter[$0].type == type }), let last = operands.max()
    else { return }
    rewriter.exchange(id, with: last, inputs: sources)
  }
}
