import GraphIR
import MachineModel

/// Predicts the seconds of a kernel on some threads of a machine, from its shape alone.
///
/// A matrix kernel takes the longer of its arithmetic (`TileCost`) and its weights' way from memory, or
/// from a cache that holds those of the whole network,
/// plus the part of the other that does not hide behind it, plus its activations' way through
/// the caches. The factors for layouts say what the same product
/// loses when inputs are read, or results written, across planes instead of along pixels.
public struct CostModel: Sendable {
  public var machine: Machine
  /// How many threads work on each kernel.
  public var threads: Int
  private let weightResidence: WeightResidence

  /// - Parameter graph: the network whose kernels run one after the other.
  init(machine: Machine, threads: Int, graph: Graph) {
    self.machine = machine
    self.threads = threads
    weightResidence = WeightResidence(of: graph, on: machine)
  }

  /// Activations mostly come from the caches, as weights of small networks do: this many times the
  /// bandwidth of memory.
  static let cacheSpeedup = 4.0
  /// Broadcasts that walk across channel planes touch a new line, and often a new page, each step.
  static let planarInputFactor = 1.35
  /// A tile stored across planes is turned in memory first: cycles an element.
  static let planarStoreCycles = 1.5
  /// The part of the weights' way from memory that arithmetic does not hide, or the other way round
  /// where memory takes longer: what float16 weights gain where arithmetic dominates.
  static let exposedPart = 0.3
  /// Short inner loops: cycles to start one.
  static let loopStartCycles = 3.0

  private var hertz: Double { machine.hertz }

  /// Seconds to read and write `bytes` bytes of activations.
  func seconds(activationBytes bytes: Double) -> Double {
    bytes / (machine.memoryBandwidth() * Self.cacheSpeedup)
  }

  /// Seconds of a matrix kernel's arithmetic on weights that come from memory.
  private func seconds(cycles: Double, weightBytes bytes: Double) -> Double {
    let (arithmetic, stream) = (cycles / hertz, bytes / weightBandwidth())
    return max(arithmetic, stream) + Self.exposedPart * min(arithmetic, stream)
  }

  /// Bytes of weights a second that reach some threads.
  private func weightBandwidth(threads: Int = 1) -> Double {
    let memory = machine.memoryBandwidth(threads: threads)
    return weightResidence == .cache ? memory * Self.cacheSpeedup : memory
  }

  /// Seconds that the threads of a team wait for each other after a step.
  static let barrierSeconds = 0.4e-6
  /// Bytes a second that a core reads of what another has just written: lines come one by one from the
  /// other core's cache.
  static let exchangeBandwidth = 10e9

  /// - Parameter choice: what of the kernel's schedule is settled already.
  func cost(of kernel: Kernel, _ choice: ScheduleChoice = .free) -> StepCost {
    var cost = costOnOneThread(of: kernel, choice)
    guard threads > 1 else { return cost }
    // The threads' shares differ. Who divides the pixels reads all of the weights; who divides the
    // channels reads all of the input, most of which other cores have written.
    let division = kernel.division(on: machine, choice: choice)
    guard let shares = division.shares(for: threads...threads, split: choice.split).first else {
      return cost
    }
    cost.seconds =
      max(
        cost.seconds / (Double(threads) * shares.balance),
        cost.weightBytes / weightBandwidth(threads: threads),
        cost.weightBytes / Double(max(shares.secondParts, 1)) / weightBandwidth())
      + Self.barrierSeconds
    if shares.secondParts > 1 {
      let exchanged = min(Double(kernel.inputBytes), Double(machine.l2Bytes))
      cost.seconds +=
        exchanged * (1 - 1 / Double(shares.secondParts)) / Double(threads) / Self.exchangeBandwidth
    }
    return cost
  }

  private func costOnOneThread(of kernel: Kernel, _ choice: ScheduleChoice) -> StepCost {
    switch kernel {
    case .convolution(let conv): cost(of: conv, choice)
    case .grouped(let grouped): cost(of: grouped, choice)
    case .winograd(let winograd): cost(of: winograd, choice)
    case .pooledLinear(let linear): cost(of: linear, choice)
    case .copy(let copy):
      streaming(
        copy.from, copy.to, flopsPerOutput: 0,
        cyclesPerOutput: copy.from.layout == copy.to.layout ? 0.25 : 1)
    case .rearrangement(let move):
      streaming(move.from, move.to, flopsPerOutput: 0, cyclesPerOutput: move.source.isEmpty ? 1 : 8)
    case .concatenation(let joined):
      streaming(
        joined.inputs[0], joined.output, flopsPerOutput: 0, cyclesPerOutput: 0.5,
        extraInputs: Array(joined.inputs.dropFirst()))
    case .pool(let pool):
      streaming(
        pool.input, pool.output,
        flopsPerOutput: Double(pool.window.kernel.height * pool.window.kernel.width),
        cyclesPerOutput: Double(pool.window.kernel.height * pool.window.kernel.width) / 4)
    case .globalPool(let pool):
      streaming(
        pool.input, pool.output, flopsPerOutput: Double(pool.input.height * pool.input.width),
        cyclesPerOutput: Double(pool.input.height * pool.input.width) / 8)
    case .elementwise(let map):
      streaming(
        map.x, map.output, flopsPerOutput: map.flopsPerOutput,
        cyclesPerOutput: 0.125 + map.flopsPerOutput / 16, extraInputs: map.operands)
    case .softmax(let softmax):
      streaming(softmax.input, softmax.output, flopsPerOutput: 4, cyclesPerOutput: 20)
    }
  }

  func cost(of conv: DirectConvolution, _ choice: ScheduleChoice = .free) -> StepCost {
    let outputs = conv.output.batch * conv.resultHeight * conv.resultWidth
    let taps = conv.kernel.height * conv.kernel.width
    let flops =
      2 * Double(outputs) * Double(conv.output.channels)
      * Double(conv.input.channels / conv.groups * taps)
    let weightBytes = Double(
      conv.panels * panelWidth * conv.reduction.length * conv.weightFormat.byteCount)
    let activationBytes = Double(
      conv.input.byteCount + conv.output.byteCount + (conv.residual?.byteCount ?? 0))

    var cycles = Tiling.best(for: conv.tileProblem, on: machine, shape: choice.tile).cycles
    if conv.input.layout == .nchw { cycles *= Self.planarInputFactor }
    if conv.output.layout == .nchw {
      cycles += Double(outputs * conv.output.channels) * Self.planarStoreCycles
    }
    let loops = conv.reduction.merged
    let innerLoops = Double(loops.dropLast().map(\.count).reduce(1, *))
    cycles += innerLoops * Self.loopStartCycles * Double(outputs / 8 * conv.panels / 2)
    return StepCost(
      flops: flops, weightBytes: weightBytes, activationBytes: activationBytes,
      seconds: seconds(cycles: cycles, weightBytes: weightBytes)
        + seconds(activationBytes: activationBytes))
  }

  func cost(of grouped: GroupedConvolution, _ choice: ScheduleChoice = .free) -> StepCost {
    let outputs = grouped.output.batch * grouped.output.height * grouped.output.width
    let taps = grouped.kernel.height * grouped.kernel.width
    let weightBytes = Double(
      grouped.panels * grouped.panelFloats * grouped.weightFormat.byteCount)
    let activationBytes = Double(
      grouped.input.byteCount + grouped.output.byteCount + (grouped.residual?.byteCount ?? 0))
    var cycles = Tiling.best(for: grouped, on: machine, shape: choice.tile).cycles
    if grouped.output.layout == .nchw {
      cycles += Double(outputs * grouped.output.channels) * Self.planarStoreCycles
    }
    return StepCost(
      flops: 2 * Double(outputs * grouped.output.channels * grouped.groupWidth * taps),
      weightBytes: weightBytes, activationBytes: activationBytes,
      seconds: seconds(cycles: cycles, weightBytes: weightBytes)
        + seconds(activationBytes: activationBytes))
  }

  func cost(of winograd: WinogradConvolution, _ choice: ScheduleChoice = .free) -> StepCost {
    let outputs = winograd.output.batch * winograd.resultHeight * winograd.resultWidth
    let taps = winograd.rows.kernel * winograd.columns.kernel
    let flops =
      2 * Double(outputs) * Double(winograd.output.channels * winograd.input.channels * taps)
    let blocks = WinogradBlocks(winograd, on: machine, count: choice.blocks).blocks
    let products =
      Double(blocks.parts)
      * winograd.bestTiling(tiles: blocks.length, on: machine, shape: choice.tile).cycles
    let weightBytes = Double(winograd.weightCount * winograd.weightFormat.byteCount)
    let activationBytes = Double(winograd.input.byteCount + winograd.output.byteCount)
    // Products take as long as their reductions together, of which not all points have the whole.
    let pointsOfWholeLength =
      Double(winograd.pointReductions) / Double(winograd.reductionLength)
    // Each transform touches every point of every tile once and spends about two operations on it.
    let lanes = machine.instructionSet.lanes
    let transformedVectors =
      winograd.tiles
      * (winograd.transformedVectors(lanes: lanes)
        + winograd.points * winograd.output.storedChannels / lanes)
    let transformCycles = 3 * Double(transformedVectors)
    return StepCost(
      flops: flops, weightBytes: weightBytes, activationBytes: activationBytes,
      seconds: seconds(
        cycles: products * pointsOfWholeLength + transformCycles, weightBytes: weightBytes)
        + seconds(activationBytes: activationBytes))
  }

  func cost(of linear: PooledLinear, _ choice: ScheduleChoice = .free) -> StepCost {
    let pool = cost(of: .globalPool(linear.pool))
    let product = cost(of: linear.product, choice)
    return StepCost(
      flops: pool.flops + product.flops, weightBytes: product.weightBytes,
      activationBytes: pool.activationBytes + product.activationBytes,
      seconds: pool.seconds + product.seconds)
  }

  private func streaming(
    _ input: BufferFormat, _ output: BufferFormat, flopsPerOutput: Double, cyclesPerOutput: Double,
    extraInputs: [BufferFormat] = []
  ) -> StepCost {
    let bytes = Double(([input, output] + extraInputs).reduce(0) { $0 + $1.byteCount })
    let outputs = Double(output.batch * output.channels * output.height * output.width)
    return StepCost(
      flops: flopsPerOutput * outputs, weightBytes: 0, activationBytes: bytes,
      seconds: cyclesPerOutput * outputs / hertz + seconds(activationBytes: bytes))
  }
}

extension Kernel {
  /// Bytes of what the kernel reads first.
  fileprivate var inputBytes: Int {
    switch self {
    case .copy(let copy): copy.from.byteCount
    case .rearrangement(let move): move.from.byteCount
    case .concatenation(let joined): joined.inputs[0].byteCount
    case .convolution(let conv): conv.input.byteCount
    case .grouped(let grouped): grouped.input.byteCount
    case .winograd(let winograd): winograd.input.byteCount
    case .pooledLinear(let linear): linear.pool.input.byteCount
    case .pool(let pool): pool.input.byteCount
    case .globalPool(let pool): pool.input.byteCount
    case .elementwise(let map): map.x.byteCount
    case .softmax(let softmax): softmax.input.byteCount
    }
  }
}

extension Elementwise {
  /// Floating-point operations for each element; those of a sigmoid are counted one by one.
  fileprivate var flopsPerOutput: Double {
    let function: Double =
      switch activation {
      case nil: 0
      case .leakyReLU: 3
      case .clip: 2
      case .hardSigmoid: 4
      case .sigmoid: 22
      }
    return (affine ? 2 : 0) + Double(operands.count) + (relu ? 1 : 0) + function
  }
}

extension DirectConvolution {
  var tileProblem: TileProblem {
    // Panels may share a tile only where they read the same channels.
    let run =
      (1...panels).last { run in
        panels % run == 0
          && firstChannel.indices.allSatisfy { firstChannel[$0] == firstChannel[$0 / run * run] }
      } ?? 1
    return TileProblem(
      images: separateImages, rows: isFlat ? 1 : resultHeight, rowLength: rowLength,
      spansRows: pool == nil, panels: panels, panelsPerGroup: run, reduction: reduction.length,
      floatsPerPixel: reduction.length / (kernel.height * kernel.width)
        * min(stride.height, kernel.height) * min(stride.width, kernel.width),
      pixelStride: stride.width * input.pixelStride,
      weightFormat: weightFormat,
      streamedWeightBytes: panels * panelWidth * reduction.length * weightFormat.byteCount)
  }
}

extension WinogradConvolution {
  /// The product of one point over a block of tiles.
  func tileProblem(tiles: Int) -> TileProblem {
    TileProblem(
      images: 1, rows: 1, rowLength: tiles, spansRows: false, panels: panels,
      panelsPerGroup: panels, reduction: reductionLength, floatsPerPixel: reductionLength,
      pixelStride: inputTile, weightFormat: weightFormat,
      streamedWeightBytes: weightCount * weightFormat.byteCount)
  }
}
