import MachineModel

extension Kernel {
  /// Tiles and thread shares of one step on one machine.
  func schedule(on machine: Machine, maxThreads: Int) -> Schedule {
    var tiling: Tiling?
    var winogradBlocks: WinogradBlocks?
    let cost = TileCost(machine: machine)
    /// Cost of each unit of the first axis, and units of the second.
    var first: [Double]
    var second = 1
    var weightsDominate = false
    switch self {
    case .convolution(let conv):
      let problem = conv.tileProblem
      let (chosen, _) = Tiling.best(for: problem, on: machine)
      tiling = chosen
      if conv.pool != nil {
        first = [Double](repeating: 1, count: conv.output.batch * conv.output.height)
      } else {
        first = chosen.tilePixels.map {
          cost.cycles(pixels: $0, panels: chosen.panels, problem: problem)
        }
        second = conv.panels / chosen.panels
        weightsDominate =
          conv.panels * panelWidth * conv.reduction.length * 4 > conv.input.byteCount
      }
    case .winograd(let winograd):
      let blocks = WinogradBlocks(winograd, on: machine)
      winogradBlocks = blocks
      let (chosen, _) = Tiling.best(
        for: winograd.tileProblem(tiles: blocks.blocks.length), on: machine)
      tiling = chosen
      first = blocks.blocks.allLengths.map(Double.init)
      second = winograd.panels / chosen.panels
    case .pooledLinear(let linear):
      let (chosen, _) = Tiling.best(for: linear.product.tileProblem, on: machine)
      tiling = chosen
      first = chosen.tilePixels.map(Double.init)
      second = linear.product.panels / chosen.panels
      weightsDominate = true
    case .copy(let copy):
      let rows = copy.flattens ? copy.from.height : copy.to.height
      first = [Double](repeating: 1, count: copy.to.batch * rows)
    case .pool(let pool):
      first = [Double](repeating: 1, count: pool.output.batch * pool.output.height)
    case .globalPool(let pool):
      first = [Double](repeating: 1, count: pool.output.batch)
      second = pool.output.storedChannels / panelWidth
    case .elementwise(let map):
      first = [Double](repeating: 1, count: map.output.batch * map.output.height)
    case .softmax(let softmax):
      first = [Double](repeating: 1, count: softmax.output.batch * softmax.output.height)
    }
    let table = Self.shares(first, second, maxThreads, weightsDominate)
    return Schedule(
      tiling: tiling, winogradBlocks: winogradBlocks, shares: table.map(\.shares),
      balance: table.map(\.balance))
  }

  /// Units of the first axis beyond which neighbours are dealt out together: that many are balanced
  /// enough.
  private static let mostUnits = 1 << 14

  private static func shares(
    _ first: [Double], _ second: Int, _ maxThreads: Int, _ weightsDominate: Bool
  ) -> [(shares: [ThreadShares.Share], balance: Double)] {
    let run = (first.count + mostUnits - 1) / mostUnits
    let runs = stride(from: 0, to: first.count, by: max(run, 1)).map { start in
      first[start..<min(start + run, first.count)].reduce(0, +)
    }
    return ThreadShares.table(
      firstCosts: runs, secondCosts: [Double](repeating: 1, count: second),
      maxThreads: maxThreads, weightsDominate: weightsDominate
    ).map { split in
      let shares = split.shares.map { share in
        ThreadShares.Share(
          firstBegin: min(share.firstBegin * run, first.count),
          firstEnd: min(share.firstEnd * run, first.count), secondBegin: share.secondBegin,
          secondEnd: share.secondEnd)
      }
      return (shares, split.balance)
    }
  }

  /// Bytes that each thread needs for itself.
  func scratchBytes(_ schedule: Schedule) -> Int {
    switch self {
    case .convolution(let conv):
      // The rows of the convolution that one row of the pool looks at.
      guard let pool = conv.pool else { return 0 }
      return pool.kernel.height * conv.resultWidth * conv.panels * panelWidth * 4
    case .winograd(let winograd):
      return schedule.winogradBlocks?.scratchBytes(points: winograd.points) ?? 0
    case .pooledLinear(let linear):
      return linear.pool.output.byteCount
    default:
      return 0
    }
  }
}
