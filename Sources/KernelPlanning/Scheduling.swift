import MachineModel

/// The work of one step as a grid that threads divide.
struct Division {
  var tiling: Tiling?
  var winogradBlocks: WinogradBlocks?
  /// Units of the first axis, the cost of each, and units of the second axis.
  var first: Int
  var unitCost: (Int) -> Double
  var second: Int
  /// Whether threads had better divide the weights than the pixels.
  var weightsDominate: Bool
}

extension Kernel {
  /// Tiles and thread shares of one step on one machine.
  ///
  /// - Parameter choice: what is settled already; a tile or a split that this instruction set or
  ///   this kernel does not allow is left to the model.
  func schedule(on machine: Machine, maxThreads: Int, choice: ScheduleChoice = .free) -> Schedule {
    let division = division(on: machine, choice: choice)
    let table = division.shares(for: 1...max(maxThreads, 1), split: choice.split)
    return Schedule(
      tiling: division.tiling, winogradBlocks: division.winogradBlocks, shares: table.map(\.shares),
      balance: table.map(\.balance))
  }

  /// What threads divide among themselves.
  func division(on machine: Machine, choice: ScheduleChoice = .free) -> Division {
    var tiling: Tiling?
    var winogradBlocks: WinogradBlocks?
    let cost = TileCost(machine: machine)
    /// Units of the first axis, the cost of each, and units of the second axis.
    var first = 1
    var unitCost: (Int) -> Double = { _ in 1 }
    var second = 1
    var weightsDominate = false
    switch self {
    case .convolution(let conv):
      let problem = conv.tileProblem
      let (chosen, cycles) = Tiling.best(for: problem, on: machine, shape: choice.tile)
      tiling = chosen
      if conv.pool != nil {
        first = conv.output.batch * conv.output.height
      } else {
        first = chosen.tiles
        unitCost = chosen.costOfTile {
          cost.cycles(pixels: $0, panels: chosen.panels, problem: problem)
        }
        second = conv.panels / chosen.panels
        // Threads that divide the pixels find their inputs where they left them, and all read all of
        // the weights; which they do not do where that would keep the memory busy.
        let weightBytes = Double(
          conv.panels * panelWidth * conv.reduction.length * conv.weightFormat.byteCount)
        let seconds = cycles / machine.hertz
        weightsDominate = weightBytes / (seconds / 2) > machine.memoryBandwidth() / 4
      }
    case .grouped(let grouped):
      let (chosen, _) = Tiling.best(for: grouped, on: machine, shape: choice.tile)
      tiling = chosen
      first = chosen.tiles
      unitCost = chosen.costOfTile(Double.init)
      second = grouped.panels
    case .winograd(let winograd):
      let blocks = WinogradBlocks(winograd, on: machine, count: choice.blocks)
      winogradBlocks = blocks
      let (chosen, _) = winograd.bestTiling(
        tiles: blocks.blocks.length, on: machine, shape: choice.tile)
      tiling = chosen
      if winograd.pool != nil {
        first = winograd.output.batch * winograd.output.height
      } else {
        first = blocks.blocks.parts
        unitCost = { Double(blocks.blocks.length(ofPart: $0)) }
        second = winograd.panels / chosen.panels
      }
    case .pooledLinear(let linear):
      let (chosen, _) = Tiling.best(
        for: linear.product.tileProblem, on: machine, shape: choice.tile)
      tiling = chosen
      first = chosen.tiles
      unitCost = chosen.costOfTile(Double.init)
      second = linear.product.panels / chosen.panels
      weightsDominate = true
    case .copy(let copy):
      first = copy.to.batch * copy.to.height
    case .rearrangement(let move):
      first = move.lines
    case .concatenation(let joined):
      first = joined.output.batch * joined.output.height
    case .pool(let pool):
      first = pool.output.batch * pool.output.height
    case .globalPool(let pool):
      first = pool.output.batch
      second = pool.output.storedChannels / panelWidth
    case .elementwise(let map):
      first = map.output.batch * map.output.height
    case .softmax(let softmax):
      first = softmax.output.batch * softmax.output.height
    }
    return Division(
      tiling: tiling, winogradBlocks: winogradBlocks, first: first, unitCost: unitCost,
      second: second, weightsDominate: weightsDominate)
  }

  /// Bytes that each thread needs for itself.
  func scratchBytes(_ schedule: Schedule) -> Int {
    switch self {
    case .convolution(let conv):
      // The rows of the convolution that one row of the pool looks at.
      guard let pool = conv.pool else { return 0 }
      return pool.kernel.height * conv.resultWidth * conv.panels * panelWidth * 4
    case .winograd(let winograd):
      let points = schedule.winogradBlocks?.scratchBytes(points: winograd.points) ?? 0
      return points + winograd.bandFloats * 4
    case .pooledLinear(let linear):
      return linear.pool.output.byteCount
    default:
      return 0
    }
  }
}

extension Division {
  /// Units of the first axis beyond which neighbours are dealt out together: that many are balanced
  /// enough.
  private static let mostUnits = 1 << 14

  /// The shares for each of some numbers of threads.
  ///
  /// - Parameter split: the cut for its own number of threads, if the axes are that long.
  func shares(for threads: ClosedRange<Int>, split: ThreadSplit?) -> [ThreadShares] {
    let run = max((first + Self.mostUnits - 1) / Self.mostUnits, 1)
    let runs = stride(from: 0, to: first, by: run).map { start in
      (start..<min(start + run, first)).reduce(0) { $0 + unitCost($1) }
    }
    return ThreadShares.table(
      firstCosts: runs, secondCosts: [Double](repeating: 1, count: second),
      threads: threads, weightsDominate: weightsDominate, chosen: split
    ).map { $0.scalingFirst(by: run, to: first) }
  }
}
