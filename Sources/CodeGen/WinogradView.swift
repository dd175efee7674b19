import KernelPlanning

/// What `winograd.c` needs.
struct WinogradView {
  struct Residual {
    var row: Int
    var pixel: Int
    var offset: String
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
  var inChannels: Int
  var outChannels: Int
  var panel: Int
  var fetch: WeightFetch
  /// Elements of a tile's panels.
  var groupFloats: Int
  /// Weights of one point.
  var pointFloats: Int
  var channelsPerTile: Int
  var inputPlane: Int
  var outputPlane: Int
  var productsOffset: Int
  var blockStart: String
  var blockTiles: String
  var tileColumns: Int
  var tileRows: Int
  var tilesPerImage: Int
  var severalImages: Bool
  var inOffset: String
  var inRow: Int
  var inPixel: Int
  var outOffset: String
  var outRow: Int
  var outPixel: Int
  var height: Int
  var width: Int
  var relu: Bool
  var residual: Residual?
  var cases: [Case]

  init(
    _ winograd: WinogradConvolution, schedule: WinogradSchedule, name: String, comment: [String]
  ) {
    let (input, output) = (winograd.input, winograd.output)
    let m = winograd.tileOutputs
    let several = winograd.tiles > winograd.tileRows * winograd.tileColumns
    func tileOffset(_ format: BufferFormat) -> String {
      CExpression.sum(
        several ? CExpression.term("image", format.imageStride) : nil,
        CExpression.term("band", m * format.rowStride),
        CExpression.term("column", m * format.pixelStride))
    }
    let blocks = schedule.blocks.blocks
    self.name = name
    self.comment = blockComment(comment)
    self.m = m
    pointCount = winograd.points
    inChannels = winograd.inputChannels
    outChannels = output.storedChannels
    panel = winograd.inputChannels * KernelPlanning.panelWidth
    fetch = WeightFetch(winograd.weightFormat, panels: schedule.tiling.panels)
    groupFloats = schedule.tiling.panels * panel
    pointFloats = winograd.panels * panel
    channelsPerTile = schedule.tiling.panels * KernelPlanning.panelWidth
    inputPlane = schedule.blocks.inputPlane
    outputPlane = schedule.blocks.outputPlane
    productsOffset = winograd.points * schedule.blocks.inputPlane
    blockStart = CExpression.start(of: "block", in: blocks)
    blockTiles =
      blocks.longParts == blocks.parts
      ? "\(blocks.length)" : "block < \(blocks.longParts) ? \(blocks.length) : \(blocks.length - 1)"
    tileColumns = winograd.tileColumns
    tileRows = winograd.tileRows
    tilesPerImage = winograd.tileRows * winograd.tileColumns
    severalImages = several
    inOffset = tileOffset(input)
    inRow = input.rowStride
    inPixel = input.pixelStride
    outOffset = tileOffset(output)
    outRow = output.rowStride
    outPixel = output.pixelStride
    height = output.height
    width = output.width
    relu = winograd.relu
    residual = winograd.residual.map {
      Residual(row: $0.rowStride, pixel: $0.pixelStride, offset: tileOffset($0))
    }
    cases = schedule.cases.map {
      Case(condition: $0.condition, tile: $0.size.functionName, pixels: $0.size.width)
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

/// What `winograd_transforms.c` needs.
struct WinogradTransformsView {
  struct Index {
    var i: Int
    /// Row i of a tile's column.
    var row: String
    /// Point (i, x) of a tile.
    var place: String
  }

  /// One tile size that the network uses.
  struct Size {
    var m: Int
    var n: Int
    /// Indices 0 to n − 1.
    var n_: [Index]
  }

  var four: Bool
  var two: Bool
  var sizes: [Size]
  var a: String
  var b: String
  var a2: String
  var b2: String
  var a3: String
  var b3: String
  var a2PlusB2: String
  var a2TimesB2: String

  init(sizes used: Set<Int>) {
    let (a, b) = (WinogradTransform.innerPoint, WinogradTransform.outerPoint)
    func literal(_ value: Double) -> String { CExpression.float(Float(value)) }
    four = used.contains(4)
    two = used.contains(2)
    sizes = used.sorted().map { m in
      Size(
        m: m, n: m + 2,
        n_: (0..<(m + 2)).map { i in
          Index(
            i: i, row: CExpression.pointer("d", i == 0 ? "0" : i == 1 ? "row" : "\(i) * row"),
            place: i == 0 ? "in + x * plane" : "in + (\(i * (m + 2)) + x) * plane")
        })
    }
    self.a = literal(a)
    self.b = literal(b)
    a2 = literal(a * a)
    b2 = literal(b * b)
    a3 = literal(a * a * a)
    b3 = literal(b * b * b)
    a2PlusB2 = literal(a * a + b * b)
    a2TimesB2 = literal(a * a * b * b)
  }
}
