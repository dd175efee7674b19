import KernelPlanning
import MachineModel
import ResNetCompiler

/// The steps of a plan: kernels, tiles, loops and what they should cost.
struct PlanReport {
  var network: CompiledNetwork
  var variant: Variant
  var machine: Machine
  /// What a floor is computed with: this machine's measured rates, or the nominal ones of another.
  private let peak: Double
  private let bandwidth: Double
  private let isMeasured: Bool

  /// - Throws: `MachineError`.
  init(network: CompiledNetwork, variant: Variant, machine: Machine) throws {
    self.network = network
    self.variant = variant
    self.machine = machine
    isMeasured = variant.instructionSet.isSupportedHere
    peak = isMeasured ? try measureFMAPeak(variant.instructionSet) * 1e9 : machine.peakGFLOPS * 1e9
    bandwidth = isMeasured ? measureReadBandwidth() : machine.memoryBandwidth()
  }

  var text: String {
    var table = TextTable([
      ("#", .right), ("step", .left), ("layout", .left), ("kernel", .left), ("tile", .left),
      ("MFLOP", .right), ("weights kB", .right), ("act. kB", .right), ("floor µs", .right),
      ("pred. µs", .right), ("meas. µs", .right),
      ("loops, outermost first; | ends a cache block", .left),
    ])
    for (index, step) in network.plan.steps.enumerated() {
      let schedule = variant.schedules[index]
      let kernel = KernelDescription(step, schedule)
      table.append(
        [
          "\(index)", step.name, kernel.layout, kernel.algorithm, kernel.tile,
        ] + costs(step.cost) + [step.kernel.loops(schedule)])
    }
    table.rule()
    table.append(["", "all", "", "", ""] + costs(total) + [""])
    return """
      plan of \(network.plan.modelName) for \(machine.name), \(variant.instructionSet)
      tile: pixels across × down × channels, accumulated in registers
      floor: the greater of FLOPs at \(Show.fixed(peak / 1e9, 0)) GFLOP/s and weights at \
      \(Show.fixed(bandwidth / 1e9, 0)) GB/s, \(isMeasured ? "measured here" : "nominal"); \
      Winograd's algorithm can go below it
      pred.: by the cost model on \(network.plan.threads) thread(s), whose rates are fixed (\(Show.fixed(machine.peakGFLOPS, 0)) GFLOP/s, \
      \(Show.fixed(machine.memoryBandwidth() / 1e9, 0)) GB/s) so that plans do not change from run to run; \
      meas.: by the tuning log

      """ + table.text() + "\nresident: "
        + ResidentMemory(
          plan: network.plan, addedWeightBytes: network.layoutReport.addedWeightBytes
        ).text + "\n"
  }

  private var total: StepCost {
    let costs = network.plan.steps.map(\.cost)
    func sum(_ value: (StepCost) -> Double) -> Double { costs.map(value).reduce(0, +) }
    return StepCost(
      flops: sum(\.flops), weightBytes: sum(\.weightBytes), activationBytes: sum(\.activationBytes),
      seconds: sum(\.seconds))
  }

  private func costs(_ cost: StepCost) -> [String] {
    let floor = max(
      cost.flops / peak, cost.weightBytes / bandwidth)
    return [
      Show.fixed(cost.flops / 1e6, 2), Show.kilobytes(cost.weightBytes),
      Show.kilobytes(cost.activationBytes), Show.fixed(floor * 1e6, 1),
      Show.fixed(cost.seconds * 1e6, 1),
      cost.measuredSeconds.map { Show.fixed($0 * 1e6, 1) } ?? "",
    ]
  }
}

extension Kernel {
  /// The loops that the kernel runs on one thread, outermost first.
  fileprivate func loops(_ schedule: Schedule) -> String {
    switch self {
    case .convolution(let conv):
      return schedule.tiling.map { matrixLoops(conv, $0) } ?? ""
    case .pooledLinear(let linear):
      return schedule.tiling.map {
        "means \(linear.pool.output.channels), " + matrixLoops(linear.product, $0)
      } ?? ""
    case .grouped(let grouped):
      return loopText(
        [("tiles", schedule.tiling?.tiles ?? 1), ("panels", grouped.panels)],
        [("ky", grouped.kernel.height), ("c", grouped.groupWidth), ("kx", grouped.kernel.width)])
    case .winograd(let winograd):
      guard let tiling = schedule.tiling, let blocks = schedule.winogradBlocks?.blocks else {
        return ""
      }
      if winograd.kernelTransform == .inRegisters {
        return loopText(
          [("blocks", blocks.parts), ("panels", winograd.panels)],
          [
            ("tiles", tiling.columns.parts), ("rows", winograd.rows.points),
            ("c", winograd.reductionLength),
          ])
      }
      return loopText(
        [
          ("blocks", blocks.parts), ("points", winograd.points),
          ("panels", winograd.panels / tiling.panels),
        ], [("tiles", tiling.columns.parts), ("c", winograd.reductionLength)])
    case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax:
      return loopText(
        [
          ("images", output.batch), ("rows", output.height), ("columns", output.width),
          ("channels", output.channels),
        ], [])
    }
  }

  private func matrixLoops(_ conv: DirectConvolution, _ tiling: Tiling) -> String {
    let reduction = conv.reduction.loops.map { ($0.axis.shortName, $0.count) }
    let panels = conv.panels / tiling.panels
    if let pool = conv.pool {
      return loopText(
        [
          ("images", conv.output.batch), ("pool rows", conv.output.height),
          ("rows", pool.stride.height), ("panels", panels), ("tiles", tiling.columns.parts),
        ], reduction)
    }
    let blocks = (tiling.tiles + tiling.blockTiles - 1) / tiling.blockTiles
    return loopText(
      [("blocks", blocks), ("panels", panels)], [("tiles", tiling.blockTiles)] + reduction)
  }

  /// Loops of one iteration are left out.
  private func loopText(_ outer: [(String, Int)], _ inner: [(String, Int)]) -> String {
    [outer, inner].map { loops in
      loops.filter { $0.1 != 1 }.map { "\($0) \($1)" }.joined(separator: " ")
    }
    .filter { !$0.isEmpty }.joined(separator: " | ")
  }
}

extension Reduction.Axis {
  fileprivate var shortName: String {
    switch self {
    case .kernelRow: "ky"
    case .kernelColumn: "kx"
    case .channelBlock: "cb"
    case .channel: "c"
    }
  }
}
