import GraphIR

/// Makes a ReLU part of the convolution or the add whose only reader it is.
struct FuseReLU: Pass {
  let name = "fuse-relu"
  let summary = "make ReLUs part of the convolution or the add before them"

  func run(on graph: inout Graph) -> Int {
    graph.fuseReLUs { op in
      switch op {
      case .convolution(var conv) where !conv.epilogue.relu && conv.epilogue.maxPool == nil:
        conv.epilogue.relu = true
        return .convolution(conv)
      case .add(let add) where !add.relu:
        return .add(Add(relu: true))
      default:
        return nil
      }
    }
  }
}

/// Makes a ReLU part of the batch norm whose only reader it is, where the norm could not be folded:
/// in a pre-activation network, the norm of a sum that is also the shortcut of its block.
struct FuseBatchNormReLU: Pass {
  let name = "fuse-batch-norm-relu"
  let summary = "make ReLUs part of the batch norm before them"

  func run(on graph: inout Graph) -> Int {
    graph.fuseReLUs { op in
      guard case .batchNorm(let batchNorm) = op, !batchNorm.relu else { return nil }
      return .batchNorm(BatchNorm(batchNorm.norm, relu: true))
    }
  }
}

extension Graph {
  /// Replaces each ReLU that alone reads a node by what `fuse` makes of that node's operation.
  fileprivate mutating func fuseReLUs(_ fuse: (Op) -> Op?) -> Int {
    rewriteEachNode { id, rewriter in
      guard rewriter[id].op == .relu, let x = rewriter[id].inputs.first,
        rewriter.soleReader(of: x) == id, let op = fuse(rewriter[x].op)
      else { return }
      rewriter.rewrite(
        id, as: op, inputs: rewriter[x].inputs, absorbing: [x], name: rewriter[x].name)
    }
  }
}
