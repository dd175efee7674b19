import GraphIR

/// A convolution by Winograd's minimal filtering over NHWC (Lavin and Gray 2016, "Fast Algorithms
/// for Convolutional Neural Networks"): tiles of m × m outputs become points, each point a matrix
/// product.
public struct WinogradConvolution: Hashable, Sendable {
  public var input: BufferFormat
  /// The convolution's result, or the pool's if a pool is fused.
  public var output: BufferFormat
  /// The result of the convolution before a fused pool.
  public var resultHeight: Int
  public var resultWidth: Int
  /// The format of the tensor that is added before ReLU, if there is one.
  public var residual: BufferFormat?
  public var padding: Padding
  /// The transforms down the columns and along the rows; both have tiles of the same size.
  public var rows: WinogradAxis
  public var columns: WinogradAxis
  public var relu: Bool
  public var pool: Pooling?
  /// The format of the sums of each tile's outputs, one pixel a tile, if a global pool wants them.
  public var tileSums: BufferFormat?
  public var kernelTransform = KernelTransform.packed
  public var weightFormat = WeightFormat.float32

  /// Outputs a tile has in each direction.
  public var tileOutputs: Int { rows.outputs }
  public var points: Int { rows.points * columns.points }
  public var tileRows: Int { (resultHeight + tileOutputs - 1) / tileOutputs }
  public var tileColumns: Int { (resultWidth + tileOutputs - 1) / tileOutputs }
  public var tiles: Int { output.batch * tileRows * tileColumns }
  public var panels: Int { output.storedChannels / panelWidth }

  /// What the sums of each tile's outputs take. A tile is summed by itself, so that the bits depend
  /// neither on the threads nor on the blocks.
  var tileSumsFormat: BufferFormat {
    BufferFormat(
      [output.batch, output.channels, tileRows, tileColumns], layout: .nhwc)
  }

  /// Offset, in the input buffer, of the first tap of pixel (0, 0).
  public var inputOrigin: Int {
    input.origin - padding.top * input.rowStride - padding.left * input.pixelStride
  }

  /// Rows of the convolution that are kept for a fused pool: those of a window but for its last,
  /// which come with a band of tiles.
  public var ringRows: Int { pool.map { $0.kernel.height - 1 + tileOutputs } ?? 0 }
  /// Floats of such a row.
  public var ringRow: Int { resultWidth * output.storedChannels }

  /// Whether a band of tiles is transformed down the columns as a whole, and then along its rows:
  /// all lanes of a vector are of use then, though few channels lie side by side, and the pixels that
  /// neighbouring tiles share are transformed once.
  public var transformsBands: Bool { pool != nil && columns.isGathered }
  /// Lines of a band between the two: points down the columns, of the phase with most.
  private var bandLines: Int { transformsBands ? rows.points : 0 }
  /// Floats of a line: all that tiles read of a row, in whole vectors.
  public var bandLine: Int {
    let lastTile = (tileColumns - 1) * tileOutputs * columns.stride
    return columns.floats(
      lastTile: lastTile, channels: input.storedChannels)
  }

  /// Floats of the rows and lines that a fused pool's thread keeps beside its points.
  var bandFloats: Int { ringRows * ringRow + bandLines * bandLine }

  // MARK: The reduction of a point

  /// One phase of both dimensions: a part of the reduction.
  public struct Phase: Hashable, Sendable {
    public var row: WinogradAxis.Phase
    public var column: WinogradAxis.Phase
  }

  /// Channels of a phase: the input's, times the pixels that are gathered.
  public var phaseChannels: Int {
    input.storedChannels * (columns.isGathered ? columns.stride : 1)
  }

  /// The parts of a tile's reduction in their order in memory. Whichever phases a point has, they are
  /// neighbours: short rows with long columns, long with long, long with short, short with short.
  public var phases: [Phase] {
    func part(_ rowIsShort: Bool, _ columnIsShort: Bool) -> [Phase] {
      rows.phases.filter { ($0.filter != rows.filter) == rowIsShort }.flatMap { row in
        columns.phases.filter { ($0.filter != columns.filter) == columnIsShort }.map {
          Phase(row: row, column: $0)
        }
      }
    }
    return part(true, false) + part(false, false) + part(false, true) + part(true, true)
  }

  /// The phases that a point has.
  private func phases(ofPoint point: Int) -> Range<Int> {
    let rowIsLast = point / columns.points == rows.points - 1
    let columnIsLast = point % columns.points == columns.points - 1
    let shortRows = rows.shortPhases * columns.longPhases
    let long = rows.longPhases * columns.longPhases
    let first = rowIsLast ? shortRows : 0
    if columnIsLast { return first..<shortRows + long }
    return
      first..<(rowIsLast ? shortRows + long + rows.longPhases * columns.shortPhases : phases.count)
  }

  /// The part of a tile's transformed input that a point reduces.
  public func reduction(ofPoint point: Int) -> Range<Int> {
    let phases = phases(ofPoint: point)
    return phases.lowerBound * phaseChannels..<phases.upperBound * phaseChannels
  }

  /// Whether all points reduce all phases.
  public var isUniform: Bool { rows.shortPhases == 0 && columns.shortPhases == 0 }

  /// Multiply-adds an output of the point with most.
  public var reductionLength: Int { phases.count * phaseChannels }

  /// Multiply-adds of all points together for one tile and output channel.
  public var pointReductions: Int {
    (0..<points).reduce(0) { $0 + reduction(ofPoint: $1).count }
  }

  /// Elements of the packed weights.
  public var weightCount: Int {
    kernelTransform == .packed
      ? pointReductions * panels * panelWidth : reductionLength * panels * kernelFloats
  }

  /// Floats from a tile to the next among the transformed inputs of a point: the reduction, and what
  /// the last vector writes beyond it where channels fill no panel, so that threads that transform
  /// neighbouring tiles keep apart.
  public var inputTile: Int {
    reductionLength + roundUp(phaseChannels, to: panelWidth) - phaseChannels
  }

  /// Transforms of the input for one tile, in vectors of points.
  func transformedVectors(lanes: Int) -> Int {
    phases.reduce(0) { $0 + $1.row.filter.points.count * $1.column.filter.points.count }
      * ((phaseChannels + lanes - 1) / lanes)
  }
}

extension Convolution {
  /// The products that a point may sum where F(4×4) is offered: rounding adds up along its sum, and
  /// with 4096 of them it lost 5.8e-6 of the maximum, twice what `Accuracy.standard` allows.
  private static let mostProducts = 2048

  /// The sizes of Winograd's tiles that suit the convolution, best first. The algorithm is for dense
  /// convolutions of several taps.
  func winogradTiles(inputChannels: Int) -> [Int] {
    let products = inputChannels * stride.height * stride.width
    return [4, 2].filter {
      winogradAxes(outputs: $0, channels: panelWidth) != nil
        && ($0 == 2 || products <= Self.mostProducts)
    }
  }

  /// The dimensions of a convolution by Winograd's algorithm.
  ///
  /// - Parameter channels: those stored of an input pixel. If they fill no panel, phases along a row
  ///   are gathered.
  func winogradAxes(outputs: Int, channels: Int) -> (rows: WinogradAxis, columns: WinogradAxis)? {
    guard dilation == Extent(1), groups == 1, !(epilogue.addsResidual && epilogue.maxPool != nil),
      let rows = WinogradAxis(
        outputs: outputs, kernel: kernel.height, stride: stride.height, isGathered: false),
      let columns = WinogradAxis(
        outputs: outputs, kernel: kernel.width, stride: stride.width,
        isGathered: channels % panelWidth != 0 && stride.width > 1)
    else { return nil }
    return (rows, columns)
  }

  /// The zeros that a buffer must carry around it for this convolution.
  ///
  /// - Parameter input: the format of the buffer, but for its halo.
  func halo(for algorithm: Algorithm, input: BufferFormat) -> Padding {
    guard case .winograd(let outputs, _) = algorithm,
      let (rows, columns) = winogradAxes(outputs: outputs, channels: input.storedChannels)
    else { return padding }
    // The last tiles hang over the border and read what lies there, in whole vectors.
    let result = resultExtent(of: input)
    let lastRow = (result.height - 1) / outputs * outputs * rows.stride + rows.lastPixel
    let lastTile = (result.width - 1) / outputs * outputs * columns.stride
    let channels = input.storedChannels
    let pixels =
      (columns.floats(lastTile: lastTile, channels: channels) + channels - 1) / channels
    var halo = padding
    halo.bottom = max(halo.bottom, lastRow + 1 - padding.top - input.height)
    halo.right = max(halo.right, pixels - padding.left - input.width)
    return halo
  }
}
