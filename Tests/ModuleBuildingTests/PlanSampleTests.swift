import GraphIR
import MachineModel
import ResNetCompiler
import TestSupport
import Testing

@testable import KernelPlanning

/// Whatever tuning or a person may choose computes the same: plans drawn at random from all that are
/// possible, against the interpreter.
@Suite(.serialized) struct PlanSampleTests {
  static let networks = [
    KernelSweepTests.convolutions, KernelSweepTests.narrowGroups, KernelSweepTests.winograd,
    KernelSweepTests.shortRows, KernelSweepTests.phases, KernelSweepTests.fewChannels,
    KernelSweepTests.scaledConvolutions, PointwiseSweepTests.pointwise,
    PointwiseSweepTests.concatenations, PointwiseSweepTests.shapes,
    PointwiseSweepTests.dilatedPools,
  ]

  @Test(arguments: networks, InstructionSet.all.filter(\.isSupportedHere))
  func plansDrawnAtRandomAgree(text: String, instructionSet: InstructionSet) throws {
    try Self.expectAgreementOfDrawnPlan(
      text, on: .generic(instructionSet), .standard, threads: 2, tolerance: 1e-5)
  }

  // Sums of few products average over few roundings of their weights.
  @Test(arguments: [
    KernelSweepTests.convolutions, KernelSweepTests.narrowGroups, KernelSweepTests.winograd,
  ])
  func plansThatMayStoreFloat16Agree(text: String) throws {
    try Self.expectAgreementOfDrawnPlan(
      text, on: .generic(Machine.probe().instructionSet), .relaxed, threads: 3, tolerance: 4e-3)
  }

  private static func expectAgreementOfDrawnPlan(
    _ text: String, on machine: Machine, _ accuracy: Accuracy, threads: Int, tolerance: Double
  ) throws {
    let model = try model(text: text)
    var random = SeededGenerator(state: UInt64(text.utf8.count))
    var options = CompilerOptions(
      machine: machine, instructionSets: [machine.instructionSet], accuracy: accuracy)
    options.threads = threads
    options.forced = try draw(try compile(model, options: options).graph, options, &random)
    let plan = options.forced.map(\.description).joined(separator: ", ")
    let comparison = try Comparison(model, options: options, threads: threads)
    #expect(comparison.worst <= tolerance, "\(plan)")
  }

  /// One configuration for each layer: layouts, algorithm and weight format, blocks, tile, split.
  private static func draw(
    _ graph: Graph, _ options: CompilerOptions, _ random: inout SeededGenerator
  ) throws -> [ForcedConfiguration] {
    let planning = PlanningOptions(
      machine: options.machine, instructionSets: options.instructionSets,
      accuracy: options.accuracy, threads: options.threads)
    let model = CostModel(machine: options.machine, threads: options.threads, graph: graph)
    let candidates = try NodeCandidates(graph, model: model, options: planning)
    var forced: [ForcedConfiguration] = []
    for id in graph.nodeIDs where graph[id].op.hasAlgorithms {
      // Every method is as likely, however many layouts it allows.
      let all = try candidates.costs(of: id).candidates
      let methods = Set(all.map(\.method)).sorted()
      let method = try #require(methods.randomElement(using: &random))
      let candidate = try #require(
        all.filter { $0.method == method }.randomElement(using: &random))
      let kernel = candidates.kernel(of: id, candidate)
      let blocks = kernel.mostBlocks.map { Int.random(in: 1...$0, using: &random) }
      let tilings = kernel.tilings(on: options.machine, blocks: blocks)
      let first = Int.random(in: 1...options.threads, using: &random)
      let schedule = ScheduleChoice(
        tile: tilings.randomElement(using: &random)?.0.shape, blocks: blocks,
        split: ThreadSplit(first: first, second: options.threads / first))
      forced.append(
        ForcedConfiguration(
          pattern: graph[id].name, method: method, schedule: schedule, candidate: candidate.name))
    }
    return forced
  }
}
