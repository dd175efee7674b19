import GraphIR
import MachineModel

/// A layer of a network that can be computed in several ways, and those that are worth a measurement.
public struct TunableLayer: Equatable, Sendable {
  /// One way, with what the model expects of it.
  public struct Option: Equatable, Sendable {
    public var configuration: LayerConfiguration
    /// `Candidate.method`.
    public var method: String
    /// Seconds, by the cost model.
    public var predicted: Double

    public init(configuration: LayerConfiguration, method: String, predicted: Double) {
      self.configuration = configuration
      self.method = method
      self.predicted = predicted
    }
  }

  /// `Graph.layerKey`.
  public var key: String
  /// The nodes that are this layer, all computed by equal kernels.
  public var nodes: [String]
  /// The most promising first.
  public var options: [Option]

  public init(key: String, nodes: [String], options: [Option]) {
    self.key = key
    self.nodes = nodes
    self.options = options
  }
}

/// The layers of a network that have a choice, in the layouts that the plan would have. Forced layers
/// have none.
///
/// - Throws: `PlanningError`.
public func tunableLayers(_ graph: Graph, options: PlanningOptions) throws -> [TunableLayer] {
  let model = CostModel(machine: options.machine, threads: options.threads, graph: graph)
  let candidates = try NodeCandidates(graph, model: model, options: options)
  let (selected, _) = try LayoutSelection(
    candidates: candidates, addedWeightLimit: options.addedWeightLimit
  ).select()
  var layers: [TunableLayer] = []
  for id in graph.nodeIDs where graph[id].op.hasAlgorithms && candidates.forced[id.index] == nil {
    let key = candidates.keys[id.index]
    if let alike = layers.firstIndex(where: { $0.key == key }) {
      layers[alike].nodes.append(graph[id].name)
      continue
    }
    let chosen = selected[id.index].candidate
    let found = try candidates.costs(of: id).candidates
      .filter { $0.input == chosen.input && $0.output == chosen.output }
      .flatMap { candidate in
        candidates.kernel(of: id, candidate).options(for: candidate, model)
      }
    layers.append(
      TunableLayer(
        key: key, nodes: [graph[id].name],
        options: found.sorted {
          ($0.predicted, $0.configuration.description)
            < ($1.predicted, $1.configuration.description)
        }))
  }
  return layers
}

extension Kernel {
  /// Of each candidate so many tiles are worth a measurement.
  private static let measuredTiles = 14
  /// What part of the usual split's time another may take to be worth a measurement.
  private static let betterSplit = 0.9

  /// The schedules of one candidate that are worth a measurement.
  fileprivate func options(for candidate: Candidate, _ model: CostModel) -> [TunableLayer.Option] {
    blockCounts(on: model.machine).flatMap { blocks in
      let tilings = tilings(on: model.machine, blocks: blocks).sorted { $0.cycles < $1.cycles }
      return tilings.prefix(Self.measuredTiles).flatMap { tiling, _ in
        splits(ScheduleChoice(tile: tiling.shape, blocks: blocks), model).map { choice, seconds in
          TunableLayer.Option(
            configuration: LayerConfiguration(candidate: candidate.name, schedule: choice),
            method: candidate.method, predicted: seconds)
        }
      }
    }
  }

  /// The model's number of blocks, half and twice as many; nil for a kernel without blocks.
  private func blockCounts(on machine: Machine) -> [Int?] {
    guard let most = mostBlocks,
      let usual = division(on: machine).winogradBlocks?.blocks.parts
    else { return [nil] }
    return Set([usual, usual / 2, usual * 2].filter { (1...most).contains($0) }).sorted()
  }

  /// The usual split of a schedule, and others that the model finds faster. Those that are only as
  /// fast are not worth a measurement: whether threads find their inputs near depends on how the layers
  /// around are split, so a layer's split measured among others says little.
  private func splits(_ choice: ScheduleChoice, _ model: CostModel)
    -> [(choice: ScheduleChoice, seconds: Double)]
  {
    let threads = model.threads
    let usual = settled(
      schedule(on: model.machine, maxThreads: threads, choice: choice), threads: threads)
    let seconds = model.cost(of: self, usual).seconds
    guard threads > 1, usual.split != nil else { return [(usual, seconds)] }
    let others = (1...threads).filter { threads % $0 == 0 }.compactMap { first in
      var other = usual
      other.split = ThreadSplit(first: first, second: threads / first)
      let predicted = model.cost(of: self, other).seconds
      return predicted < seconds * Self.betterSplit ? (other, predicted) : nil
    }
    return [(usual, seconds)] + others
  }

  /// What a schedule settles, in full, for one number of threads.
  fileprivate func settled(_ schedule: Schedule, threads: Int) -> ScheduleChoice {
    let shares = schedule.shares[threads - 1].filter { !$0.isEmpty }
    let split = ThreadSplit(
      first: Set(shares.map(\.firstBegin)).count, second: Set(shares.map(\.secondBegin)).count)
    return ScheduleChoice(
      tile: schedule.tiling?.shape,
      blocks: mostBlocks == nil ? nil : schedule.winogradBlocks?.blocks.parts,
      split: threads > 1 && split.threads == threads && schedule.tiling != nil ? split : nil)
  }
}

/// A step of a plan as a measurement of it is written down.
public struct MeasurableStep: Equatable, Sendable {
  /// The step's index in the plan.
  public var step: Int
  /// `Graph.layerKey`.
  public var layer: String
  public var configuration: LayerConfiguration
}

/// How a plan computes its layers on one of its variants with so many threads; conversions, which
/// belong to no node, are left out.
public func measurableSteps(
  _ graph: Graph, _ plan: KernelPlan, _ report: LayoutReport, variant: Variant, threads: Int
) -> [MeasurableStep] {
  plan.steps.indices.compactMap { index in
    let step = plan.steps[index]
    guard let node = step.node else { return nil }
    let row = report.rows[node.index]
    return MeasurableStep(
      step: index, layer: graph.layerKey(of: node),
      configuration: LayerConfiguration(
        candidate: row.candidates[row.choice].name,
        schedule: step.kernel.settled(variant.schedules[index], threads: threads)))
  }
}
