import KernelPlanning

/// Where the buffers lie in the arena and when they live.
struct MemoryReport {
  var plan: KernelPlan
  /// Bytes of the weights that are there because larger ones are faster.
  var addedWeightBytes: Int

  /// The most columns of the map of lifetimes.
  private static let mapWidth = 64

  var text: String {
    var table = TextTable([
      ("buffer", .left), ("format", .left), ("offset", .right), ("bytes", .right),
      ("steps", .right), ("lives", .left),
    ])
    for buffer in plan.buffers {
      let inPlace = buffer.inPlaceOf.map { " in place of \(plan.buffers[$0].name)" } ?? ""
      table.append([
        buffer.name, format(buffer.format) + inPlace, "\(buffer.offset)",
        "\(buffer.format.byteCount)", "\(buffer.firstStep)–\(buffer.lastStep)", life(buffer),
      ])
    }
    var totals = TextTable([.left, .right, .left])
    totals.append(["arena", "\(plan.arenaBytes)", "bytes"])
    totals.append(["without sharing", "\(plan.unsharedBytes)", "bytes, \(ratio) times the arena"])
    totals.append([
      "lower bound", "\(plan.arenaLowerBound)",
      plan.arenaBytes == plan.arenaLowerBound
        ? "bytes live at once: no arena is smaller"
        : "bytes live at once; the arena is "
          + Show.percent(Double(plan.arenaBytes) / Double(plan.arenaLowerBound) - 1) + " % above",
    ])
    totals.append(["scratch", "\(plan.scratchBytes)", "bytes for each thread"])
    totals.append(["weights", "\(plan.weightBytes)", "bytes, mapped from their file"])
    return "memory of \(plan.modelName)\n" + table.text() + "\n" + totals.text()
      + "\nresident: " + ResidentMemory(plan: plan, addedWeightBytes: addedWeightBytes).text + "\n"
  }

  private var ratio: String {
    Show.fixed(Double(plan.unsharedBytes) / Double(max(plan.arenaBytes, 1)), 2)
  }

  private func format(_ format: BufferFormat) -> String {
    let shape = Show.shape([
      format.batch, format.storedChannels, format.paddedHeight, format.paddedWidth,
    ])
    return "\(format.layout.rawValue) \(shape)"
  }

  /// A line with a mark for each step, or for each few of them, at which the buffer lives.
  private func life(_ buffer: Buffer) -> String {
    let count = max(plan.steps.count, 1)
    let stepsPerMark = (count + Self.mapWidth - 1) / Self.mapWidth
    return stride(from: 0, to: count, by: stepsPerMark).map { first in
      buffer.firstStep < first + stepsPerMark && first <= buffer.lastStep ? "█" : "·"
    }.joined()
  }
}
