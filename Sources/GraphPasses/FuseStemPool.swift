import GraphIR

/// Makes a max pool part of the convolution whose only reader it is, where that pays and where it
/// is exact even if the executor pads with zero.
///
/// It pays if the convolution's result is too large to stay in a core's second-level cache until
/// the pool reads it: then the result would go to memory and back, and fused, only the pooled
/// quarter of it does. For a smaller result the windows that overlap at tile borders cost more than
/// the trip. `minimumByteCount` is that threshold.
///
/// It is exact if zero cannot win a window that real pixels should: behind a ReLU, or where no
/// window leaves the image.
public struct FuseStemPool: Pass {
  public let name = "fuse-stem-pool"
  public let summary = "make max pools part of a convolution with a large result"

  /// The size of the convolution's result, in bytes, from which fusion pays.
  public var minimumByteCount: Int

  /// - Parameter minimumByteCount: half a megabyte unless told, the second-level cache of a common
  ///   core.
  public init(minimumByteCount: Int = 512 << 10) {
    self.minimumByteCount = minimumByteCount
  }

  public func run(on graph: inout Graph) -> Int {
    graph.rewriteEachNode { id, rewriter in
      guard case .maxPool(let pool) = rewriter[id].op, let x = rewriter[id].inputs.first,
        rewriter.soleReader(of: x) == id, case .convolution(var conv) = rewriter[x].op,
        conv.epilogue.maxPool == nil, pool.dilation == Extent(1), !conv.epilogue.addsResidual,
        !conv.epilogue.scales,
        conv.epilogue.relu || pool.padding.isZero && !pool.ceilMode,
        rewriter[x].type.byteCount >= minimumByteCount
      else { return }
      conv.epilogue.maxPool = pool
      rewriter.rewrite(
        id, as: .convolution(conv), inputs: rewriter[x].inputs, absorbing: [x],
        name: rewriter[x].name)
    }
  }
}

extension TensorType {
  fileprivate var byteCount: Int { shape.elementCount * element.byteCount }
}
