import CodeGen
import GraphIR
import GraphPasses
import KernelPlanning

/// A network compiled to source text, all stages at hand. Nothing here touches the disk.
public struct CompiledNetwork: Sendable {
  /// The model as the spec has it.
  public let model: Model
  /// The graph after the passes: what was planned.
  public let graph: Graph
  public let passReports: [PassReport]
  public let plan: KernelPlan
  public let layoutReport: LayoutReport
  public let runtime: RuntimeDescription
  /// The C of the kernels.
  public let networkSources: [GeneratedFile]
  /// Every text file of the module, in the order of their paths.
  public let files: [GeneratedFile]

  public var layout: ModuleLayout {
    ModuleLayout(runtime, networkSources: networkSources)
  }

  /// Packs the weights into the order of the kernels and hands the file on in pieces.
  ///
  /// - Parameters:
  ///   - source: the state dict.
  ///   - sink: takes the next bytes, which are valid during the call only.
  /// - Throws: what the source throws for a tensor that it lacks or refuses, `FoldingError`,
  ///   `WeightPackingError`, or what `sink` throws.
  public func writeWeights(
    from source: some ParameterSource, to sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var packing = WeightPacking(graph: graph, plan: plan, source: source)
    try withoutActuallyEscaping(
      { (tensor: PackedTensor) in try packing.elements(of: tensor) }
    ) { elements in
      let regions = plan.weights.map { tensor in
        WeightsFile.Region(offset: tensor.offset, byteCount: tensor.byteCount) {
          try elements(tensor)
        }
      }
      try WeightsFile(runtime).write(regions, to: sink)
    }
  }
}

/// Compiles a model to the text of its module.
///
/// - Parameter observe: called with each pass's report as soon as it has run.
/// - Throws: `PassError`, `PlanningError`, `ModuleNameError` or `ModuleError`.
public func compile(
  _ model: Model, options: CompilerOptions, observe: (PassReport) -> Void = { _ in }
) throws -> CompiledNetwork {
  let (graph, reports) = try PassManager().run(
    model.graph, options: options.passes, observe: observe)
  let (plan, layoutReport) = try plan(graph, options: options.planning)
  let runtime = try RuntimeDescription(model: model, graph: graph, plan: plan, options: options)
  let sources = try emitNetworkSources(plan, runtime: runtime)
  return CompiledNetwork(
    model: model, graph: graph, passReports: reports, plan: plan, layoutReport: layoutReport,
    runtime: runtime, networkSources: sources,
    files: try emitModule(runtime, networkSources: sources))
}

/// The layers of a model that can be computed in several ways, and those that are worth a
/// measurement.
///
/// - Throws: `PassError` or `PlanningError`.
public func tunableLayers(_ model: Model, options: CompilerOptions) throws -> [TunableLayer] {
  let (graph, _) = try PassManager().run(model.graph, options: options.passes) { _ in }
  return try tunableLayers(graph, options: options.planning)
}

extension CompiledNetwork {
  /// How the plan computes its layers with so many threads, by the instruction set of the machine
  /// that it was made for.
  public func measurableSteps(threads: Int) -> [MeasurableStep] {
    guard let variant = plan.variants.first else { return [] }
    return KernelPlanning.measurableSteps(
      graph, plan, layoutReport, variant: variant, threads: threads)
  }
}

extension RuntimeDescription {
  /// What the generated runtime has to know of a plan.
  init(model: Model, graph: Graph, plan: KernelPlan, options: CompilerOptions) throws {
    let names = try ModuleNames(model: graph.name, module: options.moduleName)
    let fingerprint = Fingerprint(graph: graph, plan: plan).hexadecimal
    let input = plan.buffers[0]
    let format = input.format
    self.init(
      names: names, inputShape: graph[graph.inputs[0]].type.shape,
      imageShape: graph[graph.imageOfCaller(graph.inputs[0])].type.shape,
      outputs: graph.outputs.enumerated().map { index, id in
        RuntimeDescription.Output(
          name: graph.outputs.count == 1 ? "output" : model.outputNames[index],
          shape: graph[id].type.shape, isProbability: graph[id].op == .softmax)
      }, classOutput: model.classOutput, labels: model.labels,
      instructionSets: options.instructionSets,
      stepCount: plan.steps.count, arenaBytes: roundUp(plan.arenaBytes),
      scratchBytesPerThread: plan.scratchBytes, maxThreads: plan.maxThreads,
      fingerprint: fingerprint, weightsPayloadBytes: plan.weightBytes,
      inputBuffer: RuntimeDescription.InputBuffer(
        offset: input.offset / 4, byteCount: format.byteCount,
        originOffset: input.offset / 4 + format.origin, imageStride: format.imageStride,
        channelStride: format.channelStride, rowStride: format.rowStride,
        pixelStride: format.pixelStride),
      preprocessing: model.preprocessing,
      banner: [
        "Written by resnetc \(compilerVersion) for the network \(graph.name).",
        "Network \(fingerprint.prefix(16)). Do not edit: compile the spec again instead.",
      ], openMPLibrary: options.openMPLibrary, targetTriple: options.targetTriple)
  }
}

/// The version of the compiler, which generated files name.
public let compilerVersion = "0.1.0"

private func roundUp(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
