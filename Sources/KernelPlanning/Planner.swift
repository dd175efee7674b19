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

  public init(
    machine: Machine, instructionSets: [InstructionSet], accuracy: Accuracy = .standard,
    layout: Layout? = nil,
    addedWeightLimit: Int = 10_000_000, maxThreads: Int = 8
  ) {
    self.machine = machine
    self.instructionSets = instructionSets
    self.accuracy = accuracy
    self.layout = layout
    self.addedWeightLimit = addedWeightLimit
    self.maxThreads = maxThreads
  }
}

/// Plans a graph: layouts, kernels, memory, weights, tiles and threads.
///
/// - Returns: the plan, and what layout selection weighed.
/// - Throws: `PlanningError` if a node has no kernel.
public func plan(_ graph: Graph, options: PlanningOptions) throws -> (KernelPlan, LayoutReport) {
  guard graph.inputs.count == 1 else { throw PlanningError.inputCount(graph.inputs.count) }
  let model = CostModel(machine: options.machine)
  let (choice, report) = try LayoutSelection(
    graph: graph, model: model, accuracy: options.accuracy, forced: options.layout,
    addedWeightLimit: options.addedWeightLimit
  ).select()
  let lowering = try Lowering(graph, choice: choice, model: model)
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
    var schedules: [Kernel: Schedule] = [:]
    return Variant(
      instructionSet: instructionSet,
      schedules: lowering.steps.map { step in
        if let known = schedules[step.kernel] { return known }
        let schedule = step.kernel.schedule(on: machine, maxThreads: options.maxThreads)
        schedules[step.kernel] = schedule
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
