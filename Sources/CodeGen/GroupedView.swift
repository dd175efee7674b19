import KernelPlanning
import MachineModel

/// A register tile of a grouped convolution: a template yields one function for each that a network
/// needs.
struct GroupedTile: Hashable, Comparable {
  var groupWidth: Int
  /// Taps of a kernel row, and how far apart they and the pixels look at the input.
  var taps: Int
  var dilation: Int
  var stride: Int
  var width: Int
  var height: Int
  var weightFormat: WeightFormat

  var functionName: String {
    "grouped\(groupWidth)_tile_\(taps)"
      + (stride == 1 ? "" : "_s\(stride)") + (dilation == 1 ? "" : "_d\(dilation)")
      + "_\(width)x\(height)" + weightFormat.nameSuffix
  }

  init(_ conv: GroupedConvolution, _ size: TileSize) {
    groupWidth = conv.groupWidth
    taps = conv.kernel.width
    dilation = conv.dilation.width
    stride = conv.stride.width
    width = size.width
    height = size.height
    weightFormat = conv.weightFormat
  }

  /// The tiles of a convolution.
  static func all(_ conv: GroupedConvolution, tiling: Tiling) -> [GroupedTile] {
    TileGrid(tiling: tiling).cases.map { GroupedTile(conv, $0.size) }
  }

  private var order: [Int] {
    [weightFormat.byteCount, groupWidth, taps, dilation, stride, height, width]
  }

  static func < (a: GroupedTile, b: GroupedTile) -> Bool {
    a.order.lexicographicallyPrecedes(b.order)
  }
}

/// What `grouped_tile.c` needs.
struct GroupedTileView {
  var name: String
  var width: Int
  var height: Int
  var groupWidth: Int
  var taps: Int
  /// Columns of input that the tile reads.
  var columns: Int
  /// A vector of inputs i, one for each lane, from the channels at `a`.
  var input: String
  /// The pixel that sees `column` through `tap`, and whether there is one.
  var pixel: String
  var condition: String
  var weightType: String
  var loadWeights: String
  /// Weights of a tap.
  var tapFloats: Int
  /// Weights of a kernel row.
  var rowFloats: Int
  /// Whether a sum takes all inputs of a tap before the next tap, as a direct convolution does. It
  /// is slower: each sum then waits for itself.
  var inOrder: Bool

  /// - Parameter exact: whether sums are to have the bits of a direct convolution.
  init(_ tile: GroupedTile, _ set: InstructionSet, exact: Bool) {
    name = tile.functionName
    width = tile.width
    height = tile.height
    groupWidth = tile.groupWidth
    taps = tile.taps
    columns = (tile.width - 1) * tile.stride + (tile.taps - 1) * tile.dilation + 1
    if groupWidth >= set.lanes {
      input = "\(set.broadcast)(a[i])"
    } else if groupWidth == 1 {
      input = "\(set.load)(a)"
    } else if groupWidth == 8, let spread8 = set.spread8 {
      input = "\(spread8)(\(set.load)(a), i)"
    } else {
      input = "spread\(groupWidth)(\(set.load)(a), i)"
    }
    let offset = CExpression.term("tap", tile.dilation) ?? "0"
    let distance = "column - \(offset)"
    pixel = tile.stride == 1 ? distance : "(\(distance)) / \(tile.stride)"
    let inside = "x >= 0 && x < \(tile.width)"
    condition =
      tile.stride == 1 ? inside : "x * \(tile.stride) + \(offset) == column && \(inside)"
    weightType = tile.weightFormat.cType
    loadWeights = tile.weightFormat == .float32 ? set.load : set.loadHalf
    tapFloats = tile.groupWidth * KernelPlanning.panelWidth
    rowFloats = tile.taps * tapFloats
    // With one input there is but one order.
    inOrder = exact && groupWidth > 1
  }
}

/// What `grouped_spread.c` needs: which widths of groups are spread by permuting lanes.
struct GroupedSpreadView {
  var two: Bool
  var four: Bool
  var eight: Bool

  init(_ tiles: Set<GroupedTile>, _ set: InstructionSet) {
    func isUsed(_ width: Int) -> Bool {
      width < set.lanes && tiles.contains { $0.groupWidth == width }
    }
    two = isUsed(2)
    four = isUsed(4)
    eight = isUsed(8)
  }
}

/// What `grouped.c` needs.
struct GroupedView {
  struct Residual {
    var row: Int
    var channel: Int
    var offset: String
  }

  var comment: [LineView]
  var name: String
  var weightType: String
  var kernelRows: Int
  var kernelRow: Int
  var inPixel: Int
  var inRow: Int
  var outPixel: Int
  var outRow: Int
  var outChannel: Int
  var relu: Int
  var residual: Residual?
  var addend: String
  var channels: Int
  var coordinates: [LineView]
  var inOffset: String
  var weightsOffset: String
  var outOffset: String
  var cases: [TileCall]

  init(
    _ conv: GroupedConvolution, tiling: Tiling, _ set: InstructionSet, name: String,
    comment: [String]
  ) {
    let grid = TileGrid(tiling: tiling)
    let (input, output) = (conv.input, conv.output)
    self.name = name
    self.comment = blockComment(comment)
    weightType = conv.weightFormat.cType
    kernelRows = conv.kernel.height
    kernelRow = conv.dilation.height * input.rowStride
    inPixel = input.pixelStride
    inRow = conv.stride.height * input.rowStride
    outPixel = output.pixelStride
    outRow = output.rowStride
    outChannel = output.channelStride
    relu = conv.relu ? 1 : 0
    residual = conv.residual.map { format in
      Residual(
        row: format.rowStride, channel: format.channelStride,
        offset: grid.offset(
          image: format.imageStride, row: format.rowStride, pixel: format.pixelStride,
          format.channelOffset(of: "c")))
    }
    addend = conv.residual == nil ? "o" : "r"
    channels = output.channels
    coordinates = grid.coordinates(usesImage: true)
    // A group wider than a vector is read from its first channel on.
    let firstInput =
      conv.groupWidth > set.lanes ? "c / \(conv.groupWidth) * \(conv.groupWidth)" : "c"
    inOffset = grid.offset(
      image: input.imageStride, row: inRow, pixel: conv.stride.width * input.pixelStride, firstInput
    )
    weightsOffset =
      set.lanes == panelWidth
      ? "c * \(conv.panelFloats / panelWidth)"
      : "c / \(panelWidth) * \(conv.panelFloats) + c % \(panelWidth)"
    outOffset = grid.offset(
      image: output.imageStride, row: outRow, pixel: outPixel, output.channelOffset(of: "c"))
    cases = grid.cases.map {
      TileCall(condition: $0.condition, tile: GroupedTile(conv, $0.size).functionName)
    }
  }
}
