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
  /// Whether bands are transformed as wholes, by way of lines.
  var transformsBands: Bool
  /// Floats from the rows to the lines, and of each line.
  var linesOffset: Int
  var bandLine: Int
  /// Where a band's input begins, and floats from a tile of a line to the next.
  var bandOffset: String
  var tileFloats: Int
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
    transformsBands = winograd.transformsBands
    linesOffset = pointsOffset + view.productsOffset + winograd.points * view.outputPlane
    bandLine = winograd.bandLine
    let m = winograd.tileOutputs
    bandOffset = CExpression.sum(
      view.severalImages ? CExpression.term("image", winograd.input.imageStride) : nil,
      CExpression.term("band", m * winograd.rows.stride * winograd.input.rowStride))
    tileFloats = m * winograd.columns.stride * winograd.input.pixelStride
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
