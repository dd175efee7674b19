import KernelPlanning

/// What `winograd.c`, `winograd_pool.c` and their parts need.
struct WinogradView {
  struct Residual {
    var row: Int
    var pixel: Int
    var offset: String
  }

  /// The transform of one phase of a tile's input.
  struct Phase {
    var function: String
    /// The same in one dimension each, and the pixels they read.
    var rowLine: String
    var columnLine: String
    var rows: Int
    var columns: Int
    /// Its first pixel, and where it goes.
    var input: String
    var output: String
    /// Input elements between its rows and between its pixels.
    var row: Int
    var pixel: Int
  }

  /// One call of a tile function within a block.
  struct Case {
    var condition: String
    var tile: String
    var pixels: Int
  }

  var comment: [LineView]
  var name: String
  var m: Int
  var pointCount: Int
  // The input transform.
  var phases: [Phase]
  var phaseChannels: Int
  var inputTile: Int
  var inputPlane: Int
  var inOffset: String
  var tileColumns: Int
  var tileRows: Int
  var tilesPerImage: Int
  var severalImages: Bool
  // The products.
  var uniform: Bool
  var reduction: Int
  var panel: Int
  var nextPanel: String
  /// Where the reduction of each point begins, and its length.
  var begins: [LineView]
  var lengths: [LineView]
  var fetch: WeightFetch
  var panels: Int
  var panelsPerTile: Int
  var channelsPerTile: Int
  var groups: Int
  var cases: [Case]
  /// The products where kernels are transformed in registers.
  var lean: LeanWinogradView?
  // The output transform.
  var outputTransform: String
  var outChannels: Int
  var outputPlane: Int
  var productsOffset: Int
  var blockStart: String
  var blockTiles: String
  var outOffset: String
  var outRow: Int
  var outPixel: Int
  /// The extent of the convolution's result.
  var height: Int
  var width: Int
  var relu: Bool
  var residual: Residual?
  /// Whether the sum of each tile is stored too.
  var sums: Bool

  init(
    _ winograd: WinogradConvolution, schedule: WinogradSchedule, name: String, comment: [String]
  ) {
    let (input, output) = (winograd.input, winograd.output)
    let m = winograd.tileOutputs
    let several = winograd.tiles > winograd.tileRows * winograd.tileColumns
    func tileOffset(_ format: BufferFormat, _ stepY: Int, _ stepX: Int) -> String {
      CExpression.sum(
        several ? CExpression.term("image", format.imageStride) : nil,
        CExpression.term("band", m * stepY * format.rowStride),
        CExpression.term("column", m * stepX * format.pixelStride))
    }
    let blocks = schedule.blocks.blocks
    let reductions = (0..<winograd.points).map(winograd.reduction(ofPoint:))
    let panels = schedule.tiling.panels
    self.name = name
    self.comment = blockComment(comment)
    self.m = m
    pointCount = winograd.points
    phases = winograd.phases.enumerated().map { index, phase in
      let key = WinogradInputKey(winograd, phase)
      return Phase(
        function: key.functionName, rowLine: key.row.inputLine, columnLine: key.column.inputLine,
        rows: phase.row.filter.points.count, columns: phase.column.filter.points.count,
        input: CExpression.pointer(
          "a",
          "\(phase.row.first * input.rowStride + phase.column.first * input.pixelStride)"),
        output: CExpression.pointer("o", "\(index * winograd.phaseChannels)"),
        row: winograd.rows.stride * input.rowStride,
        pixel: winograd.columns.stride * input.pixelStride)
    }
    phaseChannels = winograd.phaseChannels
    inputTile = winograd.inputTile
    inputPlane = schedule.blocks.inputPlane
    inOffset = tileOffset(input, winograd.rows.stride, winograd.columns.stride)
    tileColumns = winograd.tileColumns
    tileRows = winograd.tileRows
    tilesPerImage = winograd.tileRows * winograd.tileColumns
    severalImages = several
    uniform = winograd.isUniform
    reduction = winograd.reductionLength
    panel = winograd.reductionLength * KernelPlanning.panelWidth
    nextPanel =
      winograd.isUniform ? "shape.panel" : "length[point + 1] * \(KernelPlanning.panelWidth)"
    func table(_ values: [Int]) -> [LineView] {
      CExpression.wrapped(values.map { "\($0)," }, prefix: "", suffix: "", indent: 4)
        .map(LineView.init)
    }
    begins = table(reductions.map(\.lowerBound))
    // The last point is followed by none: what is fetched then is of no use.
    lengths = table((reductions + reductions.suffix(1)).map(\.count))
    fetch = WeightFetch(winograd.weightFormat, panels: panels)
    self.panels = winograd.panels
    panelsPerTile = panels
    channelsPerTile = panels * KernelPlanning.panelWidth
    groups = winograd.panels / panels
    cases = schedule.cases.map {
      Case(condition: $0.condition, tile: $0.size.functionName, pixels: $0.size.width)
    }
    lean =
      winograd.kernelTransform == .inRegisters
      ? LeanWinogradView(winograd, schedule: schedule) : nil
    outputTransform = WinogradOutputKey(winograd).functionName
    outChannels = output.storedChannels
    outputPlane = schedule.blocks.outputPlane
    productsOffset = winograd.points * schedule.blocks.inputPlane
    blockStart = CExpression.start(of: "block", in: blocks)
    blockTiles =
      blocks.longParts == blocks.parts
      ? "\(blocks.length)" : "block < \(blocks.longParts) ? \(blocks.length) : \(blocks.length - 1)"
    outOffset = tileOffset(output, 1, 1)
    outRow = output.rowStride
    outPixel = output.pixelStride
    height = winograd.resultHeight
    width = winograd.resultWidth
    relu = winograd.relu
    sums = winograd.tileSums != nil
    residual = winograd.residual.map {
      Residual(row: $0.rowStride, pixel: $0.pixelStride, offset: tileOffset($0, 1, 1))
    }
  }
}

/// The blocks and register tiles of a Winograd convolution.
struct WinogradSchedule {
  var blocks: WinogradBlocks
  var tiling: Tiling
  var weightFormat = WeightFormat.float32

  /// The cuts of a long and of a short block.
  private var cuts: [(tiles: Int, cut: Cut)] {
    blocks.blocks.lengths.map {
      ($0.length, Cut($0.length, limit: tiling.columns.length))
    }
  }

  /// Which tile comes where in a block.
  var cases: [TileGrid.Case] {
    var cases: [TileGrid.Case] = []
    for (index, entry) in cuts.enumerated() {
      for (position, part) in entry.cut.lengths.enumerated() {
        var tests: [String] = []
        if index < cuts.count - 1 { tests.append("tiles == \(entry.tiles)") }
        if position < entry.cut.lengths.count - 1 { tests.append("tile < \(entry.cut.longParts)") }
        let test = tests.isEmpty ? "" : "if (\(tests.joined(separator: " && "))) "
        cases.append(
          TileGrid.Case(
            condition: (cases.isEmpty ? "" : "else ") + test,
            size: TileSize(
              width: part.length, height: 1, panels: tiling.panels, weightFormat: weightFormat)))
      }
    }
    return cases
  }
}
