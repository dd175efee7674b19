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

  public init(
    machine: Machine, instructionSets: [InstructionSet], accuracy: Accuracy = .standard,
    layout: Layout? = nil, addedWeightLimit: Int = 10_000_000, maxThreads: Int = 8,
    forced: [ForcedConfiguration] = []
  ) {
    self.machine = machine
    self.instructionSets = instructionSets
    self.accuracy = accuracy
    self.layout = layout
    self.addedWeightLimit = addedWeightLimit
    self.maxThreads = maxThreads
    self.forced = forced
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
  let model = CostModel(machine: options.machine)
  let forced = try graph.forcedConfigurations(options.forced)
  let (choice, report) = try LayoutSelection(
    graph: graph, model: model, accuracy: options.accuracy, layout: options.layout, forced: forced,
    addedWeightLimit: options.addedWeightLimit
  ).select()
  let lowering = try Lowering(
    graph, choice: choice, schedules: forced.map { $0?.schedule ?? .free }, model: model)
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
    var schedules: [ScheduledKernel: Schedule] = [:]
    return Variant(
      instructionSet: instructionSet,
      schedules: lowering.steps.map { step in
        let key = ScheduledKernel(kernel: step.kernel, choice: step.choice)
        if let known = schedules[key] { return known }
        let schedule = step.kernel.schedule(
          on: machine, maxThreads: options.maxThreads, choice: step.choice)
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
      inputs: graph.inputs.map { .dense(graph[$0].type.shape) },
      outputs: graph.outputs.map { .dense(graph[$0].type.shape) }, buffers: buffers,
      steps: lowering.steps, weights: lowering.weights, arenaBytes: memory.arenaBytes,
      unsharedBytes: memory.unsharedBytes, arenaLowerBound: memory.lowerBound,
      scratchBytes: roundUp(scratch, to: 64), maxThreads: options.maxThreads, variants: variants),
    report
  )
}
