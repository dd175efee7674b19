import MachineModel

/// Register tiles of Winograd convolutions, whichever way their kernels are transformed.
extension WinogradConvolution {
  /// Every register tile over a block of tiles, with the cycles of one point on one thread; of points
  /// that are computed together, the mean.
  func tilings(tiles: Int, on machine: Machine) -> [(Tiling, cycles: Double)] {
    kernelTransform == .packed
      ? Tiling.all(for: tileProblem(tiles: tiles), on: machine)
      : leanTilings(tiles: tiles, on: machine)
  }

  /// The fastest of them.
  ///
  /// - Parameter shape: the register tile to take, if the block can be cut into such.
  func bestTiling(tiles: Int, on machine: Machine, shape: TileShape? = nil)
    -> (Tiling, cycles: Double)
  {
    guard kernelTransform == .inRegisters else {
      return Tiling.best(for: tileProblem(tiles: tiles), on: machine, shape: shape)
    }
    let all = leanTilings(tiles: tiles, on: machine)
    var best = all[0]
    for entry in all.dropFirst() where entry.cycles < best.cycles { best = entry }
    return all.first { $0.0.shape == shape } ?? best
  }

  /// Channels whose kernels for one panel fill three quarters of the level-1 cache: they come once for
  /// each row of points.
  func kernelChannels(on machine: Machine) -> Int {
    let limit = machine.l1DataBytes * 3 / 4 / (kernelFloats * 4)
    return min(max(limit / panelWidth, 1) * panelWidth, reductionLength)
  }

  /// Loads and prefetches of a step compete for the ports, and its kernels come from memory.
  private static let leanStepFactor = 1.1

  /// A register tile has the points of one row for some tiles and one vector of output channels.
  ///
  /// A step loads two vectors of the basis for each column and combines them, combines these along
  /// the row, and has one multiply-add with a broadcast for each point of each tile.
  private func leanTilings(tiles: Int, on machine: Machine) -> [(Tiling, cycles: Double)] {
    let set = machine.instructionSet
    let (rowPoints, columnTaps) = (columns.points, columns.kernel)
    // Accumulators, the combined columns, a point and a broadcast.
    let widest = max((set.vectorRegisters - columnTaps - 2) / rowPoints, 1)
    let vectors = panels * panelWidth / set.lanes
    let chunks = Double(reductionLength) / Double(kernelChannels(on: machine))
    return (1...min(widest, tiles)).compactMap { width in
      let cut = Cut(tiles, limit: width)
      guard cut.length == width else { return nil }
      var cycles = 0.0
      for (length, count) in cut.lengths {
        let accumulators = Double(rowPoints * length)
        let fetches = Double(rows.kernel * columns.kernel) / Double(rows.points)
        let step = max(
          (accumulators + Double(columnTaps + rowPoints) / 2) / Double(set.fmaPerCycle),
          (accumulators + Double(2 * columnTaps) + fetches) / Double(set.loadsPerCycle),
          TileCost.multiplyAddLatency)
        cycles +=
          Double(count)
          * (step * Self.leanStepFactor * Double(reductionLength)
            + chunks * (TileCost.tileStart + TileCost.storeCycles * accumulators))
      }
      let tiling = Tiling(
        columns: cut, bands: Cut(1, limit: 1), images: 1, panels: 1, blockTiles: cut.parts)
      return (tiling, cycles * Double(vectors) / Double(rowPoints))
    }
  }
}
