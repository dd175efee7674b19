import GraphIR
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Toolchain
import Tuning

/// Measures the candidates of a network's layers, round by round, into a log.
///
/// The model's own plan is measured in every round as well, in turns with the others. A machine is
/// slower at some times than at others; what the own plan takes says how much, and all times are scaled
/// to those at which it took what the log says.
struct NetworkTuning {
  /// What one round did.
  struct Round {
    var number: Int
    /// Variants of the network that were measured so far.
    var variants: Int
    /// Candidates that are still worth a measurement.
    var remaining: Int
    /// Seconds since the start.
    var elapsed: Double
    /// What the layers take by the fastest measurements so far.
    var best: Double
  }

  /// How the plan that follows the log compares with the model's own.
  struct Comparison {
    var modelAlone: RunTimes
    var tuned: RunTimes
  }

  private let model: Model
  private let options: CompilerOptions
  private let builder: ModuleBuilder
  private let budget: Double
  private let start = ContinuousClock().now
  private var log: SharedTuneLog
  private(set) var session: TuningSession
  private(set) var variants = 0
  private var rounds = 0
  private var longestRound = 0.0
  /// The model's own plan, loaded, and the seconds that its steps took at first.
  private var anchor: (context: NativeContext, seconds: Double?)
  /// The plans that were measured as they are.
  private var settled: [(steps: [MeasurableStep], context: NativeContext)] = []

  var threads: Int { options.threads }
  /// What the user forces, which is not tuned.
  var forced: [ForcedConfiguration] { options.forced }
  /// What is known of this machine.
  var record: TuneLog.Record { log.record }
  var elapsed: Double { (ContinuousClock().now - start).seconds }

  /// The part of the budget that is kept for settling and for the comparison of plans.
  private static let reserve = 0.25
  private static let mostSettlingRounds = 4
  /// Seconds that each variant is measured for, in at least so many inferences.
  private static let secondsPerVariant = 0.6
  private static let leastRuns = 6
  /// Seconds that each plan is timed for as a whole in the end.
  private static let secondsToConclude = 1.2

  /// Opens or starts the log, and measures the machine's rates.
  ///
  /// - Throws: `TuneLogError`, `InputError` if there is nothing to tune, or what planning throws.
  init(
    _ model: Model, options: CompilerOptions, compiler: CCompiler, path: String, budget: Double
  ) throws {
    self.model = model
    self.options = options
    self.budget = budget
    builder = ModuleBuilder(compiler: compiler)
    let layers = try tunableLayers(model, options: options)
    guard !layers.isEmpty else {
      throw InputError(
        options.forced.isEmpty
          ? "this network has no layer that can be computed in several ways"
          : "there is nothing to tune, since --force decides every layer; leave some to be measured"
      )
    }
    session = TuningSession(layers: layers, threads: options.threads)
    log = try SharedTuneLog(
      path: path, machine: MeasuredMachine(options.machine), compiler: MeasuredCompiler(compiler),
      rates: try MeasuredRates(measuring: options.machine))
    let own = try compile(model, options: options)
    anchor = (
      try builder.load(own, parameters: SeededWeights()).makeContext(threads: options.threads), nil
    )
    let known = own.measurableSteps(threads: options.threads).map {
      record.seconds($0.layer, $0.configuration, threads: options.threads)
    }
    if !known.contains(nil) { anchor.seconds = known.compactMap(\.self).reduce(0, +) }
  }

  /// Compiles and measures as many variants as there are processors to compile them, and writes the
  /// log. Nil when nothing is left to measure, or no time to do so.
  mutating func measureRound() throws -> Round? {
    guard rounds == 0 || elapsed + longestRound < budget * (1 - Self.reserve) else { return nil }
    let started = elapsed
    var networks: [CompiledNetwork] = []
    for _ in 0..<max(options.machine.cores, 1) {
      guard let forced = session.nextVariant(record) else { break }
      var options = options
      // What the user forces stays as it is: the session's layers are the others.
      options.forced += forced
      networks.append(try compile(model, options: options))
    }
    guard !networks.isEmpty else { return nil }
    let seconds = try measure(load(networks))
    for (network, seconds) in zip(networks, seconds) {
      note(network.measurableSteps(threads: threads), seconds)
    }
    variants += networks.count
    rounds += 1
    try log.save()
    longestRound = max(longestRound, elapsed - started)
    return Round(
      number: rounds, variants: variants, remaining: session.remaining(record), elapsed: elapsed,
      best: bestSeconds)
  }

  /// Measures the plan that follows the log, first with the plan that proved the fastest in an earlier
  /// run, then by what single layers take, beside the model's own, and writes down what its layers
  /// take in it, whatever they took in other company: a layer measured among neighbours that are not
  /// its own in the end, or that was fastest of many by chance, may have promised too much.
  ///
  /// - Returns: false once the plan is one that was measured so, or if no time is left.
  mutating func settle() throws -> Bool {
    let left = budget - elapsed - Self.secondsToConclude * Double(settled.count + 2)
    guard settled.count < Self.mostSettlingRounds, longestRound < left else { return false }
    let network = try compile(model, options: optionsWithLog(plans: settled.isEmpty))
    let steps = network.measurableSteps(threads: threads)
    guard !settled.contains(where: { $0.steps == steps }) else { return false }
    let context = try load([network])[0]
    settled.append((steps, context))
    note(steps, try measure([context], replacing: true)[0], replacing: true)
    try log.save()
    return true
  }

  /// What a compilation that follows the log is told.
  ///
  /// - Parameter plans: whether it is told of plans that proved the fastest, as it is outside of tuning.
  private func optionsWithLog(plans: Bool) -> CompilerOptions {
    var tuned = options
    tuned.machine.rates = record.rates.processorRates
    var measurements = record.measurements(threads: threads)
    if !plans { measurements.plans = [] }
    tuned.measurements[options.machine.instructionSet.name] = measurements
    return tuned
  }

  /// Times the model's own plan and those that were settled as wholes, in turns, and notes which is the
  /// fastest, so that compilations take it. Not where options allow fewer plans than there are: one
  /// that is the fastest of those says nothing of others.
  ///
  /// - Returns: nil if there was no time to settle a plan.
  mutating func conclude() throws -> Comparison? {
    guard !settled.isEmpty else { return nil }
    let own = anchor.context.module.network.measurableSteps(threads: threads)
    let plans = [(steps: own, context: anchor.context)] + settled
    let times = try time(plans.map(\.context))
    let fastest = times.indices.min { times[$0].minimum < times[$1].minimum } ?? 0
    if options.forced.isEmpty, options.layout == nil, options.addedWeightLimit == .max {
      log.note(
        ProvenPlan(
          network: anchor.context.module.network.graph.name, accuracy: options.accuracy,
          threads: threads, steps: plans[fastest].steps))
      try log.save()
    }
    let final = try compile(model, options: optionsWithLog(plans: true))
    if final.measurableSteps(threads: threads) == plans[fastest].steps {
      return Comparison(modelAlone: times[0], tuned: times[fastest])
    }
    // Layouts around a layer can still make another plan the cheapest.
    let again = try time([anchor.context] + load([final]))
    return Comparison(modelAlone: again[0], tuned: again[1])
  }

  private func time(_ contexts: [NativeContext]) throws -> [RunTimes] {
    try timeInTurns(
      contexts, input: seededInput(model.inputShape), least: Self.leastRuns,
      seconds: Self.secondsToConclude * Double(contexts.count), most: 2000)
  }

  private func load(_ networks: [CompiledNetwork]) throws -> [NativeContext] {
    try builder.load(networks, parameters: SeededWeights()).map {
      try $0.makeContext(threads: threads)
    }
  }

  /// The seconds of each step of some networks; notes those of the model's own plan.
  private mutating func measure(_ others: [NativeContext], replacing: Bool = false) throws
    -> [[Double]]
  {
    let contexts = [anchor.context] + others
    let input = seededInput(model.inputShape)
    var timer = try StepTimer(contexts, inputs: contexts.map { _ in input })
    var spent = 0.0
    var runs = 0
    while runs < Self.leastRuns || spent < Self.secondsPerVariant * Double(contexts.count) {
      spent += try timer.measureOnce()
      runs += 1
    }
    let seconds = contexts.indices.map { timer.seconds(ofNetwork: $0) }
    let own = anchor.context.module.network.measurableSteps(threads: threads)
    let ownSeconds = own.map { seconds[0][$0.step] }.reduce(0, +)
    let scale = (anchor.seconds ?? ownSeconds) / ownSeconds
    if anchor.seconds == nil { anchor.seconds = ownSeconds }
    let scaled = seconds.map { $0.map { $0 * scale } }
    note(own, scaled[0], replacing: replacing)
    return Array(scaled.dropFirst())
  }

  /// Notes the mean of the seconds that a layer took at the places where it stands.
  private mutating func note(
    _ steps: [MeasurableStep], _ seconds: [Double], replacing: Bool = false
  ) {
    var sums: [(step: MeasurableStep, seconds: [Double])] = []
    for step in steps {
      let known = sums.firstIndex {
        $0.step.layer == step.layer && $0.step.configuration == step.configuration
      }
      if let known {
        sums[known].seconds.append(seconds[step.step])
      } else {
        sums.append((step, [seconds[step.step]]))
      }
    }
    for (step, seconds) in sums {
      log.note(
        SharedTuneLog.Measurement(
          layer: step.layer, configuration: step.configuration, threads: threads,
          seconds: seconds.reduce(0, +) / Double(seconds.count), isFinal: replacing))
    }
  }

  /// What the tunable layers take together by the best measurements.
  private var bestSeconds: Double {
    let measurements = record.measurements(threads: threads)
    return session.layers.reduce(0) { sum, layer in
      let best = measurements.layers[layer.key]?.map(\.seconds).min() ?? 0
      return sum + best * Double(layer.nodes.count)
    }
  }
}
