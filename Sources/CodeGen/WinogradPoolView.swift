import GraphIR
import KernelPlanning

/// What `winograd_pool.c` needs beside what `winograd.c` does.
struct WinogradPoolView {
  var winograd: WinogradView
  /// Rows that are kept, and the floats of each.
  var ringRows: Int
  var rowFloats: Int
  /// Floats from the rows to the transformed input.
  var pointsOffset: Int
  /// The first tile of a band.
  var bandTiles: String
  var poolHeight: Int
  var poolWidth: Int
  var poolKernelY: Int
  var poolKernelX: Int
  var poolStrideY: Int
  var poolStrideX: Int
  var poolTop: Int
  var poolLeft: Int
  var pixelOffset: String

  init(_ view: WinogradView, _ winograd: WinogradConvolution, _ pool: Pooling) {
    let output = winograd.output
    self.winograd = view
    ringRows = winograd.ringRows
    rowFloats = winograd.ringRow
    pointsOffset = winograd.ringRows * winograd.ringRow
    bandTiles =
      view.severalImages
      ? "(image * \(winograd.tileRows) + band) * \(winograd.tileColumns)"
      : "band * \(winograd.tileColumns)"
    poolHeight = output.height
    poolWidth = output.width
    poolKernelY = pool.kernel.height
    poolKernelX = pool.kernel.width
    poolStrideY = pool.stride.height
    poolStrideX = pool.stride.width
    poolTop = pool.padding.top
    poolLeft = pool.padding.left
    pixelOffset = CExpression.sum(
      output.batch > 1 ? CExpression.term("image", output.imageStride) : nil,
      CExpression.term("pool_y", output.rowStride), CExpression.term("pool_x", output.pixelStride))
  }
}
