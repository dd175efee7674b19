import GraphIR
import KernelPlanning
import ModuleBuilding
import ResNetCompiler
import Toolchain

/// Several plans of one network, compiled and loaded, to be timed beside each other: the one that a
/// compilation would take, the cost model's own, and some that are forced by hand.
struct PlanContest {
  struct Entry {
    var name: String
    var context: NativeContext
  }

  /// The plan that a compilation would take comes first.
  private(set) var entries: [Entry] = []

  /// Plans, compiles and loads.
  ///
  /// - Parameter plan: what `--force` says makes a plan of its own; all else holds for every plan.
  /// - Throws: what finding the compiler, planning, compiling or loading throws.
  init(
    _ model: Model, weights: Weights, plan: PlanOptions, compiler: CompilerChoice, threads: Int
  ) throws {
    let progress = Progress()
    defer { progress.clear() }
    progress.show("finding a C compiler …")
    let cc = try compiler.find()
    var untuned = try plan.hostOptions(threads: threads)
    untuned.openMPLibrary = cc.openMPLinkLibrary
    let byHand = untuned.forced
    untuned.forced = []
    var options = untuned
    let use = try plan.tuning.apply(to: &options, compiler: cc, isNative: plan.isNative)
    use.warnOfMisfit()

    let builder = ModuleBuilder(compiler: cc)
    func add(_ name: String, _ network: CompiledNetwork) throws {
      progress.show("compiling \(name) …")
      let module = try builder.load(network, parameters: weights)
      entries.append(Entry(name: name, context: try module.makeContext(threads: threads)))
    }
    let network = try compile(model, options: options)
    if network.layoutReport.measuredLayers.measured > 0 { try add("tuned", network) }
    try add("cost model alone", try compile(model, options: untuned))
    if !byHand.isEmpty {
      options.forced = byHand
      let name = plan.force.map { "--force \($0)" }.joined(separator: " ")
      try add(name, try compile(model, options: options))
    }
    for (method, forced) in network.layoutReport.uniformChoices {
      options.forced = forced
      try add("\(method) wherever possible", try compile(model, options: options))
    }
  }
}

extension LayoutReport {
  /// For each method, in the order of their names, what forces it upon all layers that allow it.
  fileprivate var uniformChoices: [(method: String, forced: [ForcedConfiguration])] {
    let layers = rows.filter(\.isTunable)
    return Set(layers.flatMap(\.candidates).map(\.method)).sorted().map { method in
      let able = layers.filter { $0.candidates.map(\.method).contains(method) }
      return (method, able.map { ForcedConfiguration(pattern: $0.name, method: method) })
    }
  }
}

/// Times whole inferences of several networks in turns, so that a machine which is slow for a while is
/// so for all of them.
///
/// - Parameters:
///   - least: so many inferences of each at least,
///   - seconds: and for so long, all together,
///   - most: but no more than so many of each.
/// - Returns: the seconds of each inference, by network.
/// - Throws: `NativeModuleError`.
func timeInTurns(
  _ contexts: [NativeContext], input: [Float], least: Int, seconds: Double, most: Int = .max
) throws -> [RunTimes] {
  func run(_ context: NativeContext) throws {
    try context.run(input, steps: 0..<context.module.network.plan.steps.count)
  }
  for _ in 0..<3 { for context in contexts { try run(context) } }
  var times = contexts.map { _ in [Double]() }
  let clock = ContinuousClock()
  let start = clock.now
  var round = 0
  while round < least || round < most && (clock.now - start).seconds < seconds {
    // Each is the first in its turn, so that none has to follow the pause for bookkeeping always.
    for place in contexts.indices {
      let index = (round + place) % contexts.count
      times[index].append(try elapsed { try run(contexts[index]) })
    }
    round += 1
  }
  return times.map(RunTimes.init)
}
