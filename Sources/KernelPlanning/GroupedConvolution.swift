import GraphIR
import MachineModel

/// A convolution in narrow groups, as many inputs as outputs each, of which several share a vector:
/// output lanes meet the inputs of their own group, because input i of every group is spread over the
/// group's lanes. So no multiplication is by a zero between groups, as it is in block-diagonal panels.
///
/// Inputs are NHWC. An input vector is read once a kernel row and lane, and serves every tap of that
/// row. A depthwise convolution is the case of groups of one channel, which needs no spreading.
public struct GroupedConvolution: Hashable, Sendable {
  public var input: BufferFormat
  public var output: BufferFormat
  public var kernel: Extent
  public var stride: Extent
  public var padding: Padding
  public var dilation: Extent
  /// Channels of a group: a divisor of `panelWidth`.
  public var groupWidth: Int
  /// The format of the tensor that is added before ReLU, if there is one.
  public var residual: BufferFormat?
  public var relu: Bool
  public var weightFormat = WeightFormat.float32

  public var panels: Int { (output.channels + panelWidth - 1) / panelWidth }
  public var groups: Int { output.channels / groupWidth }

  /// Weights of one panel: `[kernel row][kernel column][input of the group][panelWidth]`.
  public var panelFloats: Int { kernel.height * groupWidth * kernel.width * panelWidth }

  /// Offset, in the input buffer, of the first tap of pixel (0, 0).
  public var inputOrigin: Int {
    input.origin - padding.top * input.rowStride - padding.left * input.pixelStride
  }
}

extension GroupedConvolution {
  /// Columns of input that a tile of `width` pixels in a row reads.
  public func columns(forPixels width: Int) -> Int {
    (width - 1) * stride.width + (kernel.width - 1) * dilation.width + 1
  }

  /// Of those, the ones that a tap meets: a stride can step over the others.
  private func columnsRead(forPixels width: Int) -> Int {
    let offsets = (0..<width).flatMap { pixel in
      (0..<kernel.width).map { pixel * stride.width + $0 * dilation.width }
    }
    return Set(offsets).count
  }
}

extension Tiling {
  /// The fastest register tile of a grouped convolution, and the cycles of the whole on one thread.
  ///
  /// - Parameter shape: the register tile to take, if it is among all.
  static func best(
    for conv: GroupedConvolution, on machine: Machine, shape: TileShape? = nil
  ) -> (Tiling, cycles: Double) {
    let all = all(for: conv, on: machine)
    // One pixel is always among them.
    var best = all[0]
    for entry in all.dropFirst() where entry.cycles < best.cycles * 0.999 { best = entry }
    return all.first { $0.0.shape == shape } ?? best
  }

  /// Every register tile of a grouped convolution with the cycles of the whole on one thread, flatter
  /// ones first.
  ///
  /// A tile is a rectangle of pixels by one vector of a panel. For each input of a group it holds the
  /// taps of a kernel row in registers. Multiply-adds and spreading share one of three execution
  /// ports.
  static func all(for conv: GroupedConvolution, on machine: Machine) -> [(Tiling, cycles: Double)] {
    let (height, width) = (conv.output.height, conv.output.width)
    let vectors = conv.output.batch * conv.panels * panelWidth / machine.instructionSet.lanes
    var all: [(Tiling, cycles: Double)] = []
    // Eight pixels keep the multiply-adds busy; rows as long as that need no second one.
    for rows in 1...(width < 8 ? min(height, 4) : 1) {
      let bands = Cut(height, limit: rows)
      if bands.length < rows { continue }
      for pixels in 1...min(width, machine.instructionSet.vectorRegisters)
      where rows * pixels == 1 || conv.fits(pixels: rows * pixels, machine.instructionSet) {
        let columns = Cut(width, limit: pixels)
        if columns.length < pixels { continue }
        var cycles = 0.0
        for band in bands.lengths {
          for column in columns.lengths {
            cycles +=
              Double(band.count * column.count)
              * conv.cycles(width: column.length, height: band.length, machine)
          }
        }
        let tiling = Tiling(
          columns: columns, bands: bands, images: conv.output.batch, panels: 1, blockTiles: 1)
        all.append((tiling, cycles * Double(vectors)))
      }
    }
    return all
  }
}

extension GroupedConvolution {
  /// Whether the accumulators, a kernel row of taps, an input and one spare fit the registers.
  /// Spreading within eight of sixteen lanes takes eight more, for the permutations.
  fileprivate func fits(pixels: Int, _ set: InstructionSet) -> Bool {
    let permutations = groupWidth > 4 && groupWidth < set.lanes ? groupWidth : 0
    return pixels + kernel.width + 2 + permutations <= set.vectorRegisters
  }

  /// Whether the level-1 cache holds what a tile reads of one panel, until it has read it for every
  /// input of the group: pixels lie apart, so that they share few of its sets.
  private func fitsLevel1(width: Int, height: Int, _ machine: Machine) -> Bool {
    let (line, page) = (64, 4096)
    // Places within a page of sets, and how many pages the cache holds.
    let places = page / max(greatestCommonDivisor(input.pixelStride * 4, page), line)
    let rows = (height - 1) * stride.height + kernel.height
    return columnsRead(forPixels: width) * rows <= places * (machine.l1DataBytes / page)
  }

  /// Cycles for one tile by one vector of channels.
  fileprivate func cycles(width: Int, height: Int, _ machine: Machine) -> Double {
    let set = machine.instructionSet
    let inputs = columnsRead(forPixels: width) * height
    let missedBytes = fitsLevel1(width: width, height: height, machine) ? 0 : inputs * 64
    let multiplyAdds = width * height * kernel.width
    let spreads = groupWidth > 1 && groupWidth < set.lanes ? inputs : 0
    let row =
      max(
        Double(multiplyAdds) / Double(set.fmaPerCycle), Double(multiplyAdds + spreads) / 3,
        Double(inputs + kernel.width) / Double(set.loadsPerCycle),
        Double(missedBytes) / TileCost.level2BytesPerCycle,
        Double(kernel.width) * TileCost.multiplyAddLatency)
      + (weightFormat == .float16 ? Double(kernel.width) * set.halfLoadCycles : 0)
    return row * Double(kernel.height * groupWidth) + TileCost.tileStart
      + TileCost.storeCycles * Double(width * height)
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}

extension Convolution {
  /// Groups that fill vectors with whole groups and keep as many channels as they read. Wider ones
  /// fill panels of their own.
  func allowsGrouping(inputChannels: Int) -> Bool {
    guard groups > 1, outputChannels == inputChannels, epilogue.maxPool == nil else { return false }
    let width = outputChannels / groups
    return width < panelWidth && panelWidth % width == 0
  }
}
