import GraphIR
import KernelPlanning

/// The loops over register tiles that all matrix kernels share: where each tile lies, and which
/// function computes it.
struct TileGrid {
  /// One kind of tile and the condition under which a place holds it.
  struct Case {
    var condition: String
    var size: TileSize
  }

  var tiling: Tiling
  var scales = false
  var weightFormat = WeightFormat.float32

  /// Declarations of the tile's coordinates, as far as they vary.
  func coordinates(usesImage: Bool) -> [LineView] {
    let (columns, bands) = (tiling.columns, tiling.bands)
    var lines: [String] = []
    if columns.parts > 1 {
      lines.append(
        "column = " + (tiling.tiles == columns.parts ? "tile" : "tile % \(columns.parts)"))
    }
    if bands.parts > 1 {
      let band = columns.parts > 1 ? "tile / \(columns.parts)" : "tile"
      lines.append("band = " + (tiling.images > 1 ? "\(band) % \(bands.parts)" : band))
    }
    if usesImage, tiling.images > 1 {
      lines.append("image = tile / \(columns.parts * bands.parts)")
    }
    if let row = tiling.wrapsAt {
      lines.append("pixel = " + CExpression.start(of: "column", in: columns))
      lines += ["y = pixel / \(row)", "x = pixel % \(row)"]
    } else if columns.parts > 1 {
      lines.append("x = " + CExpression.start(of: "column", in: columns))
    }
    if bands.parts > 1 { lines.append("y = " + CExpression.start(of: "band", in: bands)) }
    return lines.map(LineView.init)
  }

  /// The offset of a tile's first pixel, for a buffer with the given strides.
  func offset(image: Int, row: Int, pixel: Int, _ rest: String?...) -> String {
    let terms =
      [
        tiling.images > 1 ? CExpression.term("image", image) : nil,
        tiling.bands.parts > 1 || tiling.wrapsAt != nil ? CExpression.term("y", row) : nil,
        tiling.columns.parts > 1 ? CExpression.term("x", pixel) : nil,
      ] + rest
    let present = terms.compactMap { $0 }
    return present.isEmpty ? "0" : present.joined(separator: " + ")
  }

  /// At most four: long and short columns in tall and low bands.
  var cases: [Case] {
    let columns = tiling.columns.lengths
    let bands = tiling.bands.lengths
    var cases: [Case] = []
    for (row, band) in bands.enumerated() {
      for (position, column) in columns.enumerated() {
        var tests: [String] = []
        if row < bands.count - 1 { tests.append("band < \(tiling.bands.longParts)") }
        if position < columns.count - 1 { tests.append("column < \(tiling.columns.longParts)") }
        let test = tests.isEmpty ? "" : "if (\(tests.joined(separator: " && "))) "
        cases.append(
          Case(
            condition: (cases.isEmpty ? "" : "else ") + test,
            size: TileSize(
              width: column.length, height: band.length, panels: tiling.panels,
              wraps: tiling.wrapsAt != nil, scales: scales, weightFormat: weightFormat)))
      }
    }
    return cases
  }
}

/// One call of a tile function.
struct TileCall {
  var condition: String
  var tile: String
}

/// What `convolution.c` needs.
struct ConvolutionView {
  struct Residual {
    var row: Int
    var panel: Int
    var channel: Int
    /// Of a kernel whose tiles wrap.
    var rowWrap: Int?
    var offset: String
  }

  /// The factors of sums.
  struct Factors {
    /// Those of an image's panels, as C.
    var offset: String
  }

  /// What a kernel whose tiles wrap passes them.
  struct Wrap {
    var rowLength: Int
    /// From behind a row's last pixel to the next row's first.
    var input: Int
    var output: Int
  }

  struct FirstChannel {
    var rows: [LineView]
  }

  var comment: [LineView]
  var name: String
  var count: String
  var stride: String
  var panel: Int
  var inPixel: Int
  var inRow: Int
  var outPixel: Int
  var outRow: Int
  var outPanel: Int
  var outChannel: Int
  var relu: Int
  var factors: Factors?
  var residual: Residual?
  var wrap: Wrap?
  var addend: String
  var firstChannel: FirstChannel?
  var blockTiles: Int
  var fetch: WeightFetch
  /// Elements of a tile's panels.
  var groupFloats: Int
  /// Channels of a tile's panels.
  var groupChannels: Int
  var channels: Int
  var coordinates: [LineView]
  var inOffset: String
  var outOffset: String
  var cases: [TileCall]

  init(_ conv: DirectConvolution, tiling: Tiling, name: String, comment: [String]) {
    let grid = TileGrid(
      tiling: tiling, scales: conv.factors != nil, weightFormat: conv.weightFormat)
    let loops = conv.reduction.merged
    self.name = name
    self.comment = blockComment(comment)
    count = CExpression.list(loops.map(\.count))
    stride = CExpression.list(loops.map(\.stride))
    panel = conv.reduction.length * KernelPlanning.panelWidth
    inPixel = conv.stride.width * conv.input.pixelStride
    inRow = conv.stride.height * conv.input.rowStride
    outPixel = conv.output.pixelStride
    outRow = conv.output.rowStride
    outPanel = conv.output.panelStride
    outChannel = conv.output.channelStride
    relu = conv.relu ? 1 : 0
    let groupPanels = { (stride: Int) in CExpression.term("group", tiling.panels * stride) }
    factors = conv.factors.map {
      Factors(
        offset: grid.offset(
          image: $0.imageStride, row: 0, pixel: 0,
          CExpression.term("group", tiling.panels * KernelPlanning.panelWidth)))
    }
    residual = conv.residual.map { format in
      Residual(
        row: format.rowStride, panel: format.panelStride, channel: format.channelStride,
        rowWrap: tiling.wrapsAt.map { format.rowStride - $0 * format.pixelStride },
        offset: grid.offset(
          image: format.imageStride, row: format.rowStride, pixel: format.pixelStride,
          groupPanels(format.panelStride)))
    }
    let (rowStride, pixelStride) = (inRow, inPixel)
    wrap = tiling.wrapsAt.map {
      Wrap(
        rowLength: $0, input: rowStride - $0 * pixelStride,
        output: conv.output.rowStride - $0 * conv.output.pixelStride)
    }
    addend = conv.residual == nil ? "o" : "r"
    firstChannel = conv.firstChannelTable(panelsPerTile: tiling.panels).map(FirstChannel.init)
    blockTiles = tiling.blockTiles
    fetch = WeightFetch(conv.weightFormat, panels: tiling.panels)
    groupFloats = tiling.panels * panel
    groupChannels = tiling.panels * KernelPlanning.panelWidth
    channels = conv.output.channels
    coordinates = grid.coordinates(usesImage: true)
    inOffset = grid.offset(
      image: conv.input.imageStride, row: inRow, pixel: inPixel,
      firstChannel == nil ? nil : "first_channel[group]")
    outOffset = grid.offset(
      image: conv.output.imageStride, row: outRow, pixel: outPixel, groupPanels(outPanel))
    cases = grid.cases.map { TileCall(condition: $0.condition, tile: $0.size.functionName) }
  }
}

/// What `convolution_pool.c` needs.
struct ConvolutionPoolView {
  var comment: [LineView]
  var name: String
  var count: String
  var stride: String
  var panel: Int
  var inPixel: Int
  var relu: Int
  var firstChannel: ConvolutionView.FirstChannel?
  var fetch: WeightFetch
  /// Elements of a tile's panels.
  var groupFloats: Int
  /// Channels of a tile's panels.
  var groupChannels: Int
  var groups: Int
  var tiles: Int
  var coordinates: [LineView]
  var inOffset: String
  var rowOffset: String
  var rowPixel: Int
  var rowFloats: Int
  var height: Int
  var width: Int
  var poolHeight: Int
  var poolWidth: Int
  var poolKernelY: Int
  var poolKernelX: Int
  var poolStrideY: Int
  var poolStrideX: Int
  var poolTop: Int
  var poolLeft: Int
  var outOffset: String
  var outChannel: Int
  var outChannelOffset: String
  var channels: Int
  var cases: [TileCall]

  init(
    _ conv: DirectConvolution, pool: Pooling, tiling: Tiling, name: String, comment: [String]
  ) {
    // Rows are computed one by one: the grid of tiles is a single row's.
    var row = tiling
    row.images = 1
    row.bands = Cut(1, limit: 1)
    let grid = TileGrid(tiling: row, weightFormat: conv.weightFormat)
    let loops = conv.reduction.merged
    let (input, output) = (conv.input, conv.output)
    self.name = name
    self.comment = blockComment(comment)
    count = CExpression.list(loops.map(\.count))
    stride = CExpression.list(loops.map(\.stride))
    panel = conv.reduction.length * KernelPlanning.panelWidth
    inPixel = conv.stride.width * input.pixelStride
    relu = conv.relu ? 1 : 0
    firstChannel = conv.firstChannelTable(panelsPerTile: tiling.panels)
      .map(ConvolutionView.FirstChannel.init)
    fetch = WeightFetch(conv.weightFormat, panels: tiling.panels)
    groupFloats = tiling.panels * panel
    groupChannels = tiling.panels * KernelPlanning.panelWidth
    groups = conv.panels / tiling.panels
    tiles = tiling.columns.parts
    coordinates = grid.coordinates(usesImage: false)
    inOffset = grid.offset(
      image: 0, row: 0, pixel: inPixel,
      input.batch > 1 ? CExpression.term("image", input.imageStride) : nil,
      CExpression.term("y", conv.stride.height * input.rowStride),
      firstChannel == nil ? nil : "first_channel[group]")
    rowPixel = conv.panels * KernelPlanning.panelWidth
    rowFloats = conv.resultWidth * rowPixel
    rowOffset = grid.offset(
      image: 0, row: 0, pixel: rowPixel,
      CExpression.term("group", tiling.panels * KernelPlanning.panelWidth))
    height = conv.resultHeight
    width = conv.resultWidth
    poolHeight = output.height
    poolWidth = output.width
    poolKernelY = pool.kernel.height
    poolKernelX = pool.kernel.width
    poolStrideY = pool.stride.height
    poolStrideX = pool.stride.width
    poolTop = pool.padding.top
    poolLeft = pool.padding.left
    outOffset = CExpression.sum(
      output.batch > 1 ? CExpression.term("image", output.imageStride) : nil,
      CExpression.term("pool_y", output.rowStride), CExpression.term("pool_x", output.pixelStride))
    outChannel = output.channelStride
    outChannelOffset = output.channelOffset(of: "channel")
    channels = output.channels
    cases = grid.cases.map { TileCall(condition: $0.condition, tile: $0.size.functionName) }
  }
}

extension DirectConvolution {
  /// The input offset of each group of panels, as C; nil if all read from the first channel on.
  func firstChannelTable(panelsPerTile: Int) -> [LineView]? {
    guard firstChannel.contains(where: { $0 != 0 }) else { return nil }
    let offsets = stride(from: 0, to: panels, by: panelsPerTile).map {
      let channel = firstChannel[$0]
      let offset =
        channel / KernelPlanning.panelWidth * input.panelStride
        + channel % KernelPlanning.panelWidth * input.channelStride
      return "\(offset),"
    }
    return CExpression.wrapped(offsets, prefix: "", suffix: "", indent: 4, hanging: 0)
      .map(LineView.init)
  }

  private func stride(from: Int, to: Int, by: Int) -> StrideTo<Int> {
    Swift.stride(from: from, to: to, by: by)
  }
}

extension BufferFormat {
  /// The offset of a channel from channel 0 of the same pixel, as C.
  func channelOffset(of channel: String) -> String {
    switch layout {
    case .nchw: CExpression.term(channel, planeStride) ?? "0"
    case .nhwc: channel
    case .blocked:
      "\(channel) / \(panelWidth) * \(panelStride) + \(channel) % \(panelWidth)"
    }
  }
}
