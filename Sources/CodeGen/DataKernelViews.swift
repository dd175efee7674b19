import GraphIR
import KernelPlanning

// The views of kernels that move or map elements one by one.

/// What `copy.c` needs.
struct CopyView {
  struct Exists {
    var condition: String
    var fill: String
  }

  var comment: [LineView]
  var name: String
  var height: Int
  var checksRow: Bool
  var checksColumn: Bool
  var checksChannel: Bool
  var strideY: Int
  var strideX: Int
  var rowShift: Int
  var columnShift: Int
  var inChannel: String
  var inHeight: Int
  var outerLoop: String
  var innerLoop: String
  var inOffset: String
  var outOffset: String
  var exists: Exists?

  init(_ copy: Copy, name: String, comment: [String]) {
    let (from, to) = (copy.from, copy.to)
    self.name = name
    self.comment = blockComment(comment)
    let (rows, columns, channels) = (to.height, to.width, to.storedChannels)
    height = rows
    strideY = copy.stride.height
    strideX = copy.stride.width
    rowShift = copy.rowShift
    columnShift = copy.columnShift
    inChannel =
      copy.channelShift > 0 ? "c - \(copy.channelShift)" : "c + \(-copy.channelShift)"
    inHeight = from.height
    let movesRows = copy.rowShift != 0 || copy.stride.height != 1
    let movesColumns = copy.columnShift != 0 || copy.stride.width != 1
    let rowsMayMiss = copy.rowShift != 0 || (rows - 1) * copy.stride.height >= from.height
    let columnsMayMiss = copy.columnShift != 0 || (columns - 1) * copy.stride.width >= from.width
    // Channels that fill up the result's blocks are zero, whatever lies there in the operand.
    let channelsFound = min(from.channels, to.channels - copy.channelShift)
    let channelsMayMiss =
      copy.channelShift > 0 || channels - copy.channelShift > channelsFound
    checksRow = movesRows || rowsMayMiss
    checksColumn = movesColumns || columnsMayMiss
    checksChannel = copy.channelShift != 0
    var tests: [String] = []
    if checksRow { tests.append("row_exists") }
    if copy.channelShift > 0 { tests.append("in_c >= 0") }
    let (inY, inX) = (checksRow ? "in_y" : "y", checksColumn ? "in_x" : "x")
    let inC = checksChannel ? "in_c" : "c"
    if channelsMayMiss { tests.append("\(inC) < \(channelsFound)") }
    if copy.columnShift != 0 { tests.append("\(inX) >= 0") }
    if columnsMayMiss { tests.append("\(inX) < \(from.width)") }
    exists =
      tests.isEmpty
      ? nil : Exists(condition: tests.joined(separator: " && "), fill: CExpression.float(copy.fill))
    let overColumns = "int x = 0; x < \(columns); x++"
    let overChannels = "int c = 0; c < \(channels); c++"
    let channelsInside = to.channelStride == 1
    outerLoop = channelsInside ? overColumns : overChannels
    innerLoop = channelsInside ? overChannels : overColumns
    inOffset = CExpression.sum(
      from.batch > 1 ? CExpression.term("image", from.imageStride) : nil,
      CExpression.term(inY, from.rowStride), CExpression.term(inX, from.pixelStride),
      from.channelOffset(of: inC))
    outOffset = CExpression.sum(
      to.batch > 1 ? CExpression.term("image", to.imageStride) : nil,
      CExpression.term("y", to.rowStride), CExpression.term("x", to.pixelStride),
      to.channelOffset(of: "c"))
  }
}

/// What `pool.c` needs.
struct PoolView {
  var comment: [LineView]
  var name: String
  var height: Int
  var width: Int
  var inHeight: Int
  var inWidth: Int
  var kernelY: Int
  var kernelX: Int
  var strideY: Int
  var strideX: Int
  var top: Int
  var left: Int
  var planes: Int
  var planeChannels: Int
  var inImage: Int
  var inPlane: Int
  var inRow: Int
  var inPixel: Int
  var outImage: Int
  var outPlane: Int
  var outRow: Int
  var outPixel: Int
  /// From one row and column of a window to the next.
  var stepY: String
  var stepX: String
  /// Where a window's real rows and columns begin and end, as C.
  var rows: String
  var columns: String
  /// Whether a window may see padding only.
  var mayBeEmpty: Bool
  var average: Bool
  /// How many elements an average is over, as C.
  var divisor: String
  var vectorised: Bool

  init(_ pool: PoolKernel, name: String, comment: [String]) {
    let (input, output, window) = (pool.input, pool.output, pool.window)
    self.name = name
    self.comment = blockComment(comment)
    height = output.height
    width = output.width
    inHeight = input.height
    inWidth = input.width
    kernelY = window.kernel.height
    kernelX = window.kernel.width
    strideY = window.stride.height
    strideX = window.stride.width
    top = window.padding.top
    left = window.padding.left
    planes = output.planes
    planeChannels = output.layout == .nchw ? 1 : output.pixelStride
    inImage = input.imageStride
    inPlane = input.planeStride
    inRow = input.rowStride
    inPixel = input.pixelStride
    outImage = output.imageStride
    outPlane = output.planeStride
    outRow = output.rowStride
    outPixel = output.pixelStride
    let (dilationY, dilationX) = (window.dilation.height, window.dilation.width)
    stepY = dilationY == 1 ? "y++" : "y += \(dilationY)"
    stepX = dilationX == 1 ? "x++" : "x += \(dilationX)"
    func range(_ axis: String, step: Int, span: Int, size: Int) -> String {
      let start = "window_\(axis)"
      let first = step == 1 ? "larger(\(start), 0)" : "first_inside(\(start), \(step))"
      return "\(axis)0 = \(first), \(axis)1 = smaller(\(start) + \(span), \(size))"
    }
    rows = range("y", step: dilationY, span: window.span.height, size: input.height)
    columns = range("x", step: dilationX, span: window.span.width, size: input.width)
    mayBeEmpty = window.dilation != Extent(1)
    switch pool.kind {
    case .maximum:
      average = false
      divisor = ""
    case .average(let countsPadding):
      average = true
      // Counted padding ends where the window, or the padded image, does.
      func count(_ start: String, _ end: String, _ step: Int) -> String {
        step == 1 ? "(\(end) - \(start))" : "((\(end) - \(start) + \(step - 1)) / \(step))"
      }
      let paddedEnds = [
        "smaller(window_y + \(window.span.height), \(input.height + window.padding.bottom))",
        "smaller(window_x + \(window.span.width), \(input.width + window.padding.right))",
      ]
      divisor =
        countsPadding
        ? count("window_y", paddedEnds[0], dilationY) + " * "
          + count("window_x", paddedEnds[1], dilationX)
        : count("y0", "y1", dilationY) + " * " + count("x0", "x1", dilationX)
    }
    vectorised = output.layout != .nchw
  }
}

/// What `global_pool.c` needs.
struct GlobalPoolView {
  var comment: [LineView]
  var name: String
  var height: Int
  var width: Int
  var pixels: Int
  var channels: Int
  var inImage: Int
  var inPanel: Int
  var inRow: Int
  var inPixel: Int
  var inChannel: Int
  var outImage: Int
  var vectorised: Bool

  init(_ pool: GlobalPool, name: String, comment: [String]) {
    self.name = name
    self.comment = blockComment(comment)
    height = pool.input.height
    width = pool.input.width
    pixels = pool.pixels
    channels = pool.input.channels
    inImage = pool.input.imageStride
    inPanel = pool.input.panelStride
    inRow = pool.input.rowStride
    inPixel = pool.input.pixelStride
    inChannel = pool.input.channelStride
    outImage = pool.output.imageStride
    vectorised = pool.input.layout != .nchw
  }
}

/// What `pooled_linear.c` needs.
struct PooledLinearView {
  var comment: [LineView]
  var name: String
  var batch: Int
  var panels: Int
  var weightType: String
  var pool: String
  var product: String
}

/// What `softmax.c` needs.
struct SoftmaxView {
  var comment: [LineView]
  var name: String
  var height: Int
  var width: Int
  var channels: Int
  var storedChannels: Int
  var inOffset: String
  var outOffset: String
  var inChannelOffset: String
  var outChannelOffset: String

  init(_ softmax: SoftmaxKernel, name: String, comment: [String]) {
    func pixel(_ format: BufferFormat) -> String {
      CExpression.sum(
        CExpression.term("image", format.imageStride), CExpression.term("y", format.rowStride),
        CExpression.term("x", format.pixelStride))
    }
    self.name = name
    self.comment = blockComment(comment)
    height = softmax.output.height
    width = softmax.output.width
    channels = softmax.output.channels
    storedChannels = softmax.output.storedChannels
    inOffset = pixel(softmax.input)
    outOffset = pixel(softmax.output)
    inChannelOffset = softmax.input.channelOffset(of: "c")
    outChannelOffset = softmax.output.channelOffset(of: "c")
  }
}

/// What `halo.c` needs.
struct HaloView {
  struct Side {
    var offset: Int
    var floats: Int
  }

  var name: String
  /// `3 planes`.
  var planes: String
  var height: Int
  var width: Int
  var lines: Int
  var rowFloats: Int
  var paddedHeight: Int
  var top: Int
  var bottomRow: Int
  var left: Side?
  var right: Side?

  init(_ format: BufferFormat, name: String) {
    self.name = name
    planes = counted(format.batch * format.planes, "plane")
    height = format.height
    width = format.width
    lines = format.batch * format.planes * format.paddedHeight
    rowFloats = format.rowStride
    paddedHeight = format.paddedHeight
    top = format.halo.top
    bottomRow = format.halo.top + format.height
    func side(_ columns: Int, from column: Int) -> Side? {
      columns == 0
        ? nil : Side(offset: column * format.pixelStride, floats: columns * format.pixelStride)
    }
    left = side(format.halo.left, from: 0)
    right = side(format.halo.right, from: format.halo.left + format.width)
  }
}
