import MachineModel

/// An extent cut into parts of nearly equal length: the first `longParts` have `length`, the others
/// one less. So no part is much shorter than the rest, and there is no remainder kernel.
public struct Cut: Hashable, Sendable {
  public var length: Int
  public var parts: Int
  public var longParts: Int

  /// Cuts `extent` into the fewest parts of at most `limit`.
  public init(_ extent: Int, limit: Int) {
    self.init(extent, parts: (extent + limit - 1) / limit)
  }

  /// Cuts `extent` into so many parts, at most one for each of its units.
  init(_ extent: Int, parts: Int) {
    self.parts = parts
    length = (extent + parts - 1) / parts
    longParts = extent - (length - 1) * parts
  }

  /// The distinct lengths, longest first, with how many parts have each.
  public var lengths: [(length: Int, count: Int)] {
    longParts == parts
      ? [(length, parts)] : [(length, longParts), (length - 1, parts - longParts)]
  }

  /// The length of a part.
  func length(ofPart index: Int) -> Int { index < longParts ? length : length - 1 }
}

/// The register tiles and the cache block of a matrix kernel on one instruction set.
///
/// A register tile is a rectangle of output pixels times `panels` weight panels: accumulators that
/// stay in vector registers for the whole reduction.
public struct Tiling: Hashable, Sendable {
  /// How a row of pixels is cut; all rows of an image as one where tiles wrap.
  public var columns: Cut
  /// How the rows of an image are cut.
  public var bands: Cut
  /// Pixels in a row, where a tile may run on from the end of a row to the start of the next; nil
  /// where it ends with the row.
  public var wrapsAt: Int?
  /// Images, or other repetitions of the grid of tiles.
  public var images: Int
  public var panels: Int
  /// Tiles that run through all panels before the next tiles do: what keeps their inputs in cache.
  public var blockTiles: Int

  /// Tiles in all, numbered along rows, then bands, then images.
  public var tiles: Int { images * bands.parts * columns.parts }

  /// The cost of each tile by its index, from that of its number of pixels.
  func costOfTile(_ cost: (_ pixels: Int) -> Double) -> (Int) -> Double {
    let costs = (0...columns.length * bands.length).map { $0 == 0 ? 0 : cost($0) }
    return { tile in
      let column = columns.length(ofPart: tile % columns.parts)
      let band = bands.length(ofPart: tile / columns.parts % bands.parts)
      return costs[column * band]
    }
  }
}

/// The shape of a matrix product as the tile search sees it.
struct TileProblem {
  var images: Int
  /// Rows of pixels in an image, and pixels in a row.
  var rows: Int
  var rowLength: Int
  /// Whether a tile may span several rows.
  var spansRows: Bool
  var panels: Int
  /// Panels side by side that may share a tile: a divisor of `panels`.
  var panelsPerGroup: Int
  /// Multiply-adds an output.
  var reduction: Int
  /// Floats of input that one more pixel brings into a block.
  var floatsPerPixel: Int
  /// Input elements between neighbouring pixels.
  var pixelStride: Int
  var weightFormat = WeightFormat.float32
  /// Weights that pass by before the first come round again.
  var streamedWeightBytes: Int
}

/// Throughput of register tiles, from the rates of an instruction set and the caches of a machine.
///
/// A step of the reduction loads one broadcast a pixel and one vector a panel's part and starts one
/// multiply-add for each pair. It takes as long as the longest of the multiply-adds, the loads, the
/// way of what the level-1 cache cannot keep, and the latency of one multiply-add, since each
/// accumulator takes part once (Low et al. 2016, "Analytical Modeling Is Enough for High-Performance
/// BLIS", section 4.2.1), and a part of that way besides.
struct TileCost {
  var machine: Machine

  /// Cycles from a multiply-add to the next that uses its result: 4, and some for the scheduler, which
  /// does not start every one as soon as it could.
  static let multiplyAddLatency = 4.5
  /// Cycles to start a tile: addresses, the bias, filling the pipeline.
  static let tileStart = 24.0
  /// Cycles for each accumulator's epilogue and store.
  static let storeCycles = 2.0
  /// Bytes a cycle from the level-2 cache.
  static let level2BytesPerCycle = 40.0
  /// The same while that cache is filled from behind with as much.
  static let filledLevel2BytesPerCycle = 24.0
  /// The part of a step's weights whose way from the level-2 cache is not hidden.
  static let exposedWeights = 0.1
  /// The part of a tile's inputs whose way from the level-2 cache is not hidden.
  static let exposedInputs = 0.25
  /// Pixels whose distance is a multiple of this many bytes fall into one set of the level-1 cache.
  static let aliasingBytes = 4096
  /// Lines of one set that a tile's pixels can use besides the weights'.
  static let aliasingLimit = 8
  /// What a step loses to pixels that evict each other.
  static let aliasingFactor = 1.05
  /// Pixels of a tile that wraps: each takes a general register for its address, of which x86 has 16
  /// in all.
  static let mostAddresses = 8
  /// What a tile loses that works out its addresses.
  static let wrappingFactor = 1.01
  /// What a tile loses if its weights come from behind the level-2 cache and nobody fetched them.
  static let unfetchedFactor = 0.3

  private var instructionSet: InstructionSet { machine.instructionSet }
  var vectorsPerPanel: Int { panelWidth / instructionSet.lanes }

  /// Whether accumulators, one step's weights and a broadcast fit the registers.
  func fits(pixels: Int, panels: Int) -> Bool {
    let vectors = panels * vectorsPerPanel
    return pixels * vectors + vectors + 1 <= instructionSet.vectorRegisters
  }

  /// Cycles for one step of the reduction.
  func cyclesPerStep(pixels: Int, panels: Int, problem: TileProblem) -> Double {
    let vectors = panels * vectorsPerPanel
    let stepBytes = panels * panelWidth * problem.weightFormat.byteCount
    let streamsWeights = problem.reduction * stepBytes > machine.l1DataBytes / 2
    let weightBytes = streamsWeights ? Double(stepBytes) : 0
    let weightRate =
      problem.streamedWeightBytes > machine.l2Bytes
      ? Self.filledLevel2BytesPerCycle : Self.level2BytesPerCycle
    let conversion =
      problem.weightFormat == .float16 ? Double(vectors) * instructionSet.halfLoadCycles : 0
    let step =
      max(
        Double(pixels * vectors) / Double(instructionSet.fmaPerCycle) + conversion,
        Double(pixels + vectors) / Double(instructionSet.loadsPerCycle),
        weightBytes / weightRate, Self.multiplyAddLatency)
      + Self.exposedWeights * weightBytes / weightRate
    let aliases = problem.pixelStride * 4 % Self.aliasingBytes == 0 && pixels > Self.aliasingLimit
    return aliases ? step * Self.aliasingFactor : step
  }

  /// Cycles for a whole tile.
  func cycles(pixels: Int, panels: Int, problem: TileProblem) -> Double {
    let inputBytes = Double(pixels * problem.floatsPerPixel * 4)
    return cyclesPerStep(pixels: pixels, panels: panels, problem: problem)
      * Double(problem.reduction) + Self.tileStart
      + Self.storeCycles * Double(pixels * panels * vectorsPerPanel)
      + Self.exposedInputs * inputBytes / Self.level2BytesPerCycle
  }

  /// What the whole product loses because there are too few tiles to fetch the next group of panels:
  /// each of the first tiles fetches as many bytes as a float32 panel has.
  func fetchFactor(tiles: Int, panels: Int, problem: TileProblem) -> Double {
    let panels = problem.weightFormat.fetchingTiles(panels: panels)
    guard problem.streamedWeightBytes > machine.l2Bytes, tiles < panels else { return 1 }
    return 1 + Self.unfetchedFactor * Double(panels - tiles) / Double(panels)
  }
}

extension Tiling {
  /// What reports call the register tile.
  public var shape: TileShape {
    TileShape(
      width: columns.length, height: bands.length, channels: panels * panelWidth,
      wraps: wrapsAt != nil)
  }

  /// The fastest tiling by `TileCost`, and its cycles for the whole product on one thread; on a tie
  /// the flatter rectangle, which walks along rows.
  ///
  /// - Parameter shape: the register tile to take, if the product can be cut into such.
  static func best(
    for problem: TileProblem, on machine: Machine, shape: TileShape? = nil
  ) -> (Tiling, cycles: Double) {
    var best: (Tiling, cycles: Double)?
    var wanted: (Tiling, cycles: Double)?
    for (tiling, cycles) in all(for: problem, on: machine) {
      if best.map({ cycles < $0.cycles * 0.999 }) ?? true { best = (tiling, cycles) }
      if tiling.shape == shape { wanted = (tiling, cycles) }
    }
    // One pixel by one panel fits every instruction set of the table.
    return wanted ?? best
      ?? (
        Tiling(
          columns: Cut(problem.rowLength, limit: 1), bands: Cut(problem.rows, limit: 1),
          images: problem.images, panels: 1, blockTiles: problem.images), .infinity
      )
  }

  /// Every rectangle and number of panels that fits the registers, and its cycles for the whole
  /// product on one thread, flatter rectangles first, and last the runs of pixels that wrap.
  static func all(for problem: TileProblem, on machine: Machine) -> [(Tiling, cycles: Double)] {
    let cost = TileCost(machine: machine)
    var all: [(Tiling, cycles: Double)] = []
    for height in 1...(problem.spansRows ? min(problem.rows, 6) : 1) {
      let bands = Cut(problem.rows, limit: height)
      if bands.length < height { continue }
      for panels in 1...problem.panelsPerGroup where problem.panelsPerGroup % panels == 0 {
        // No tile has more pixels than there are registers.
        let widest = min(problem.rowLength, machine.instructionSet.vectorRegisters)
        for width in 1...widest where cost.fits(pixels: width * height, panels: panels) {
          let columns = Cut(problem.rowLength, limit: width)
          if columns.length < width { continue }
          var tiling = Tiling(
            columns: columns, bands: bands, images: problem.images, panels: panels, blockTiles: 0)
          tiling.blockTiles = blockTiles(tiling, problem, machine)
          all.append((tiling, tiling.cycles(for: problem, by: cost)))
        }
      }
    }
    return all + wrapping(problem, machine)
  }

  /// Runs of pixels that wrap from row to row, which waste nothing where rows are short: a row of 7
  /// pixels would be cut into tiles too small to hide the latency of their multiply-adds.
  private static func wrapping(_ problem: TileProblem, _ machine: Machine)
    -> [(Tiling, cycles: Double)]
  {
    guard problem.spansRows, problem.rows > 1 else { return [] }
    let cost = TileCost(machine: machine)
    var all: [(Tiling, cycles: Double)] = []
    // A run that is no longer than a row wraps once at most.
    for panels in 1...problem.panelsPerGroup where problem.panelsPerGroup % panels == 0 {
      for width in 1...min(problem.rowLength, TileCost.mostAddresses)
      where cost.fits(pixels: width, panels: panels) && problem.rowLength % width != 0 {
        let columns = Cut(problem.rows * problem.rowLength, limit: width)
        if columns.length < width { continue }
        var tiling = Tiling(
          columns: columns, bands: Cut(1, limit: 1), wrapsAt: problem.rowLength,
          images: problem.images, panels: panels, blockTiles: 0)
        tiling.blockTiles = blockTiles(tiling, problem, machine)
        all.append((tiling, tiling.cycles(for: problem, by: cost) * TileCost.wrappingFactor))
      }
    }
    return all
  }

  private func cycles(for problem: TileProblem, by cost: TileCost) -> Double {
    var cycles = 0.0
    for (height, bandCount) in bands.lengths {
      for (width, columnCount) in columns.lengths {
        cycles +=
          Double(bandCount * columnCount)
          * cost.cycles(pixels: width * height, panels: panels, problem: problem)
      }
    }
    return cycles * Double(images * (problem.panels / panels))
      * cost.fetchFactor(tiles: tiles, panels: panels, problem: problem)
  }

  /// As many tiles as keep their inputs in a quarter of the level-2 cache while the panels pass by;
  /// all tiles if the weights are larger than half of it themselves, so that they are read once.
  private static func blockTiles(_ tiling: Tiling, _ problem: TileProblem, _ machine: Machine)
    -> Int
  {
    let all = tiling.tiles
    let weightBytes = problem.streamedWeightBytes
    let tilePixels = tiling.columns.length * tiling.bands.length
    let tileBytes = max(tilePixels * problem.floatsPerPixel * 4, 1)
    guard weightBytes <= machine.l2Bytes / 2, all * tileBytes > machine.l2Bytes / 2,
      problem.panels > tiling.panels
    else { return all }
    let tiles = max(machine.l2Bytes / 4 / tileBytes, 1)
    let blocks = (all + tiles - 1) / tiles
    return (all + blocks - 1) / blocks
  }
}
