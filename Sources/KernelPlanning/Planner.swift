import GraphIR
import MachineModel

/// What a plan may and must do.
public struct PlanningOptions: Equatable, Sendable {
  /// The machine that layouts and algorithms are chosen for.
  public var machine: Machine
  /// The variants in the library, best first.
  public var instructionSets: [InstructionSet]
  public var accuracy: Accuracy
  /// The only layout allowed for images; nil to choose.
  public var layout: Layout?
  /// Bytes that the larger weights of Winograd's algorithm may add; 0 rules the algorithm out.
  public var addedWeightLimit: Int
  /// The largest number of threads that shares are made for.
  public var maxThreads: Int
  /// Decisions that are not left to the compiler; the last that matches a layer counts.
  public var forced: [ForcedConfiguration]
  /// How many threads the plan is to be fastest with.
  public var threads: Int
  /// What was measured with so many threads on this machine, by the instruction set's name.
  public var measurements: [String: LayerMeasurements]

  public init(
    machine: Machine, instructionSets: [InstructionSet], accuracy: Accuracy = .standard,
    layout: Layout? = nil, addedWeightLimit: Int = .max, maxThreads: Int = 8,
    forced: [ForcedConfiguration] = [], threads: Int = 1,
    measurements: [String: LayerMeasurements] = [:]
  ) {
    self.machine = machine
    self.instructionSets = instructionSets
    self.accuracy = accuracy
    self.layout = layout
    self.addedWeightLimit = addedWeightLimit
    self.maxThreads = maxThreads
    self.forced = forced
    self.threads = threads
    self.measurements = measurements
  }
}

/// What decides a schedule on one machine.
private struct ScheduledKernel: Hashable {
  var kernel: Kernel
  var choice: ScheduleChoice
}

/// Plans a graph: layouts, kernels, memory, weights, tiles and threads.
///
/// - Returns: the plan, and what layout selection weighed.
/// - Throws: `PlanningError` if a node has no kernel.
public func plan(_ graph: Graph, options: PlanningOptions) throws -> (KernelPlan, LayoutReport) {
  guard graph.inputs.count == 1 else { throw PlanningError.inputCount(graph.inputs.count) }
  let model = CostModel(machine: options.machine, threads: options.threads, graph: graph)
  let candidates = try NodeCandidates(graph, model: model, options: options)
  let (selected, report) = try LayoutSelection(
    candidates: candidates, addedWeightLimit: options.addedWeightLimit
  ).select()
  let forced = candidates.forced.map { $0?.schedule ?? .free }
  let choices = zip(selected, forced).map { $0.measured?.configuration.schedule ?? $1 }
  let lowering = try Lowering(
    graph, choice: selected.map(\.candidate), schedules: choices,
    measured: selected.map { $0.measured?.seconds }, model: model)
  var buffers = lowering.buffers
  if let large = buffers.first(where: { $0.format.elementCount > Int(Int32.max) }) {
    throw PlanningError.tooLarge(node: large.name, elements: large.format.elementCount)
  }
  let memory = try MemoryPlan.place(
    buffers: buffers.map {
      MemoryRequest(
        bytes: $0.format.byteCount, firstStep: $0.firstStep, lastStep: $0.lastStep,
        inPlaceOf: $0.inPlaceOf)
    })
  for index in buffers.indices { buffers[index].offset = memory.offsets[index] }

  let variants = options.instructionSets.map { instructionSet in
    // Kernels of another variant get the caches of this machine and the rates of their own.
    var machine = options.machine
    machine.instructionSet = instructionSet
    let measurements = options.measurements[instructionSet.name]
    let proven = measurements?.proven(graph.name, options.accuracy) ?? [:]
    var schedules: [ScheduledKernel: Schedule] = [:]
    return Variant(
      instructionSet: instructionSet,
      schedules: lowering.steps.map { step in
        var choice = ScheduleChoice.free
        if let node = step.node {
          // What was measured on one instruction set says nothing of another.
          let layer = candidates.keys[node.index]
          let entry =
            instructionSet == options.machine.instructionSet
            ? selected[node.index].measured
            : measurements?.best(
              layer, selected[node.index].candidate, proven: proven[layer] ?? []
            ) {
              $0.completes(forced[node.index]) && step.kernel.allows($0, on: machine)
            }
          choice = entry?.configuration.schedule ?? forced[node.index]
        }
        let key = ScheduledKernel(kernel: step.kernel, choice: choice)
        if let known = schedules[key] { return known }
        let schedule = step.kernel.schedule(
          on: machine, maxThreads: options.maxThreads, choice: choice)
        schedules[key] = schedule
        return schedule
      })
  }
  let scratch =
    variants.flatMap { variant in
      zip(lowering.steps, variant.schedules).map { $0.kernel.scratchBytes($1) }
    }.max() ?? 0
  return (
    KernelPlan(
      modelName: graph.name, accuracy: options.accuracy,
      inputs: graph.inputs.map { graph.callerFormat(read: graph.imageOfCaller($0)) },
      outputs: graph.outputs.map { graph.callerFormat(written: $0).format }, buffers: buffers,
      steps: lowering.steps, weights: lowering.weights, arenaBytes: memory.arenaBytes,
      unsharedBytes: memory.unsharedBytes, arenaLowerBound: memory.lowerBound,
      scratchBytes: roundUp(scratch, to: 64), maxThreads: options.maxThreads,
      threads: options.threads, variants: variants),
    report
  )
}
