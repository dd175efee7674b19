import GraphIR
import KernelPlanning

extension Kernel {
  /// What the C function is called, from the shapes it is specialised to. Not unique: two kernels
  /// can differ in formats alone.
  var baseName: String {
    switch self {
    case .convolution(let conv): conv.baseName
    case .grouped(let grouped): grouped.baseName
    case .winograd(let winograd):
      winograd.baseName
        + winograd.weightFormat.nameSuffix
    case .pooledLinear(let linear):
      "pooled_linear_\(linear.product.input.channels)_\(linear.product.output.channels)"
        + linear.product.weightFormat.nameSuffix
    case .copy(let copy):
      copy.from.layout == copy.to.layout
        ? "copy_\(copy.to.extentName)"
        : "\(copy.from.layout.rawValue)_to_\(copy.to.layout.rawValue)_\(copy.to.extentName)"
    case .rearrangement(let move): "\(move.operation)_\(move.to.extentName)"
    case .concatenation(let joined): "concatenate_\(joined.output.extentName)"
    case .pool(let pool):
      (pool.kind == .maximum ? "max_pool_" : "average_pool_")
        + "\(pool.window.kernel.height)x\(pool.window.kernel.width)_\(pool.output.extentName)"
    case .globalPool(let pool):
      (pool.readsTileSums ? "mean_of_tiles_" : "global_pool_") + pool.input.extentName
    case .elementwise(let map):
      map.parts.joined(separator: "_") + "_" + map.output.extentName
    case .softmax(let softmax): "softmax_\(softmax.output.extentName)"
    }
  }
}

extension WinogradConvolution {
  var baseName: String {
    var name = "winograd\(tileOutputs)"
    if kernelTransform == .inRegisters { name += "_lean" }
    name += "_\(rows.kernel)x\(columns.kernel)"
    if rows.stride != 1 || columns.stride != 1 { name += "_s\(rows.stride)" }
    name += "_\(input.channels)_\(output.extentName)"
    if residual != nil { name += "_add" }
    if relu { name += "_relu" }
    if pool != nil { name += "_pool" }
    if tileSums != nil { name += "_sums" }
    return name
  }
}

extension DirectConvolution {
  var baseName: String {
    var name = "conv_\(kernel.height)x\(kernel.width)"
    if stride != Extent(1) { name += "_s\(stride.height)" }
    if dilation != Extent(1) { name += "_d\(dilation.height)" }
    if groups > 1 { name += "_g\(groups)" }
    name += "_\(input.channels)_\(output.channels)_\(resultHeight)x\(resultWidth)"
    if factors != nil { name += "_scale" }
    if residual != nil { name += "_add" }
    if relu { name += "_relu" }
    if pool != nil { name += "_pool" }
    return name + weightFormat.nameSuffix
  }
}

extension GroupedConvolution {
  var baseName: String {
    var name = groupWidth == 1 ? "depthwise" : "grouped"
    name += "_\(kernel.height)x\(kernel.width)"
    if stride != Extent(1) { name += "_s\(stride.height)" }
    if dilation != Extent(1) { name += "_d\(dilation.height)" }
    name += "_g\(groups)_\(output.extentName)"
    if residual != nil { name += "_add" }
    if relu { name += "_relu" }
    return name + weightFormat.nameSuffix
  }
}

extension BufferFormat {
  /// `64_56x56`: channels and extent, after the batch if it has several images.
  var extentName: String {
    (batch == 1 ? "" : "b\(batch)_") + "\(channels)_\(height)x\(width)"
  }

  /// `64 × 56 × 56 nhwc`, for comments.
  var summary: String {
    (batch == 1 ? "" : "\(batch) × ") + "\(channels) × \(height) × \(width) \(layout.rawValue)"
  }
}
