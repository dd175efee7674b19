import Foundation
import GraphIR
import MachineModel

/// The candidates that a compilation allows for each node, and what each costs.
struct NodeCandidates {
  let graph: Graph
  let model: CostModel
  private let accuracy: Accuracy
  /// Only this layout is allowed for images.
  private let layout: Layout?
  private let winograd: Bool
  /// How each node has to be computed, if that is not left to the compiler.
  let forced: [ForcedConfiguration?]
  /// For the model's machine and number of threads.
  private let measurements: LayerMeasurements
  /// How the network's proven plan computes its layers, by their keys.
  private let proven: [String: Set<String>]
  /// The zeros that are expected around each value.
  private let halos: [Padding]
  /// What a tuning log calls each node.
  let keys: [String]

  /// - Throws: `PlanningError.noSuchLayer`.
  init(_ graph: Graph, model: CostModel, options: PlanningOptions) throws {
    self.graph = graph
    self.model = model
    accuracy = options.accuracy
    layout = options.layout
    winograd = options.addedWeightLimit > 0
    forced = try graph.forcedConfigurations(options.forced)
    measurements =
      options.measurements[options.machine.instructionSet.name] ?? LayerMeasurements()
    proven = measurements.proven(graph.name, options.accuracy)
    halos = graph.expectedHalos()
    keys = graph.layerKeys()
  }

  /// The candidates of one node with what the model and the measurements say of each.
  struct Costs {
    var candidates: [Candidate]
    var predicted: [StepCost]
    /// Bytes of the weights as the network has them: for a direct algorithm, in float32.
    var ownWeightBytes: Double
    /// How each was fastest.
    var measured: [LayerMeasurements.Entry?]
    /// What that counts as: its seconds, but no less than the proven ways of the layer take.
    var measuredSeconds: [Double?]
    /// The mean of measured over predicted seconds; nil if nothing was measured.
    var ratio: Double?
  }

  /// Seconds by which a proven way is preferred to one that was measured as faster: those that
  /// measurements are rounded to.
  private static let leastDifference = 1e-9

  /// - Throws: `PlanningError` if there is no candidate.
  func costs(of id: NodeID) throws -> Costs {
    let all = try allowed(of: id)
    guard !all.isEmpty else {
      throw PlanningError.noLayout(node: graph[id].name, layout: layout ?? .nhwc)
    }
    let key = keys[id.index]
    let free = forced[id.index]?.schedule ?? .free
    let kernels = all.map { kernel(of: id, $0) }
    let proven = proven[key] ?? []
    let measured = zip(all, kernels).map { candidate, kernel in
      measurements.best(key, candidate, proven: proven) { choice in
        choice.completes(free) && kernel.allows(choice, on: model.machine)
      }
    }
    let isProven = measured.map {
      $0.map { proven.contains($0.configuration.description) } ?? false
    }
    let slowestProven = zip(measured, isProven).compactMap { $1 ? $0?.seconds : nil }.max()
    let ratios = zip(kernels, measured).compactMap { kernel, entry in
      entry.map { $0.seconds / model.cost(of: kernel, $0.configuration.schedule).seconds }
    }
    let predicted = kernels.map {
      graph.isHeldByCaller(id) ? .zero : model.cost(of: $0, free)
    }
    return Costs(
      candidates: all, predicted: predicted,
      ownWeightBytes: ownWeightBytes(of: id, zip(all, predicted)), measured: measured,
      measuredSeconds: zip(measured, isProven).map { entry, isProven in
        guard let entry, let slowestProven, !isProven else { return entry?.seconds }
        return max(entry.seconds, slowestProven + Self.leastDifference)
      },
      ratio: geometricMean(ratios))
  }

  private func ownWeightBytes(
    of id: NodeID, _ costs: some Sequence<(Candidate, StepCost)>
  ) -> Double {
    let own = costs.filter { $0.0.algorithm == .direct && $0.0.weightFormat == .float32 }
      .map(\.1.weightBytes).min()
    // Where another way is forced, what it adds counts from there all the same.
    return own
      ?? graph.candidates(of: id, winograd: false, accuracy: .exact)
      .map { model.cost(of: kernel(of: id, $0)).weightBytes }.min() ?? 0
  }

  private func allowed(of id: NodeID) throws -> [Candidate] {
    let forced = forced[id.index]
    var all = graph.candidates(
      of: id, winograd: winograd || forced != nil, accuracy: accuracy)
    if let layout {
      // Only buffers have a layout that can be asked for.
      let read = graph.isReadFromCaller(id) ? nil : graph[id].inputs.first
      let reads = read.map { graph[$0].type.shape.layouts } ?? []
      let writes = graph.isHeldByCaller(id) ? [] : graph[id].type.shape.layouts
      let suitable = all.filter {
        (!reads.contains(layout) || $0.input == layout)
          && (!writes.contains(layout) || $0.output == layout)
      }
      // A pool to or from one pixel, which has its own layout, may have no choice.
      if !suitable.isEmpty || (reads.contains(layout) && writes.contains(layout)) {
        all = suitable
      }
    }
    guard let forced else { return all.filter { $0.suits(model.machine.instructionSet) } }
    let possible = all.filter { candidate in
      candidate.method == forced.method && candidate.name == forced.candidate ?? candidate.name
        && kernel(of: id, candidate).allows(forced.schedule, on: model.machine)
    }
    guard !possible.isEmpty || all.isEmpty else {
      throw PlanningError.cannotForce(
        layer: graph[id].name, configuration: forced.configuration,
        allowed: allowed(all, of: id, asked: forced))
    }
    return possible
  }

  /// What a layer allows, for a person: its algorithms, or what the algorithm that was asked for can
  /// be told besides.
  private func allowed(_ all: [Candidate], of id: NodeID, asked: ForcedConfiguration) -> String {
    guard let candidate = all.first(where: { $0.method == asked.method }) else {
      var names: [String] = []
      for candidate in all where !names.contains(candidate.method) {
        names.append(candidate.method)
      }
      return names.joined(separator: ", ")
    }
    // The layout that the tiles are most often in.
    let nhwc = all.first { $0.method == candidate.method && $0.output == .nhwc }
    return kernel(of: id, nhwc ?? candidate).allowedSchedules(asked.schedule, on: model.machine)
  }

  /// The kernel of one candidate, with the formats that it and the neighbours want.
  func kernel(of id: NodeID, _ candidate: Candidate) -> Kernel {
    let node = graph[id]
    var inputs = node.inputs.enumerated().map { slot, producer in
      var format = graph.format(
        of: producer, layout: graph.layout(ofInput: slot, of: id, candidate),
        halo: halos[producer.index])
      if slot == 0, case .convolution(let conv) = node.op {
        format.halo = format.halo.union(conv.halo(for: candidate.algorithm, input: format))
      }
      return format
    }
    if inputs.isEmpty || graph.isReadFromCaller(id) { inputs = [graph.callerFormat(read: id)] }
    let output = graph.format(of: id, layout: candidate.output, halo: halos[id.index])
    var kernel = KernelSelection(graph: graph).kernel(
      for: id, algorithm: candidate.algorithm, inputs: inputs, output: output)
    kernel.weightFormat = candidate.weightFormat
    return kernel
  }
}

/// Nil for no values at all.
func geometricMean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : exp(values.map { log($0) }.reduce(0, +) / Double(values.count))
}
