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
  private var settled: [[MeasurableStep]] = []

  var threads: Int { options.threads }
  /// How many plans that follow the log were measured as they are.
  var settlingRounds: Int { settled.count }
  /// What the user forces, which is not tuned.
  var forced: [ForcedConfiguration] { options.forced }
  /// What is known of this machine.
  var record: TuneLog.Record { log.record }
  var elapsed: Double { (ContinuousClock().now - start).seconds }

  /// The part of the budget that is kept for settling and for the comparison with the model's plan.
  private static let reserve = 0.25
  private static let mostSettlingRounds = 4
  /// Seconds that each variant is measured for, in at least so many inferences.
  private static let secondsPerVariant = 0.6
  private static let leastRuns = 6

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
    let seconds = try measure(networks)
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

  /// Measures the plan that follows the log, beside the model's own, and writes down what its layers
  /// take in it, whatever they took in other company: a layer measured among neighbours that are not
  /// its own in the end, or that was fastest of many by chance, may have promised too much.
  ///
  /// - Returns: false once the plan is one that was measured so, or if no time is left.
  mutating func settle() throws -> Bool {
    guard settled.count < Self.mostSettlingRounds, elapsed + longestRound < budget else {
      return false
    }
    let network = try compile(model, options: optionsWithLog)
    let steps = network.measurableSteps(threads: threads)
    guard !settled.contains(steps) else { return false }
    settled.append(steps)
    note(steps, try measure([network], replacing: true)[0], replacing: true)
    try log.save()
    return true
  }

  /// What a compilation that follows the log is told.
  private var optionsWithLog: CompilerOptions {
    var tuned = options
    tuned.machine.rates = record.rates.processorRates
    tuned.measurements[options.machine.instructionSet.name] = record.measurements(threads: threads)
    return tuned
  }

  /// Times the model's own plan and the one that follows the log, in turns.
  ///
  /// - Returns: nil if there is no time left.
  func compareWithModel() throws -> Comparison? {
    guard elapsed + longestRound < budget else { return nil }
    let tuned = try builder.load(
      compile(model, options: optionsWithLog), parameters: SeededWeights())
    let times = try timeInTurns(
      [anchor.context, try tuned.makeContext(threads: threads)],
      input: seededInput(model.inputShape), least: Self.leastRuns,
      seconds: 2 * Self.secondsPerVariant, most: 2000)
    return Comparison(modelAlone: times[0], tuned: times[1])
  }

  /// The seconds of each step of some networks; notes those of the model's own plan.
  private mutating func measure(_ networks: [CompiledNetwork], replacing: Bool = false) throws
    -> [[Double]]
  {
    let others = try builder.load(networks, parameters: SeededWeights()).map {
      try $0.makeContext(threads: threads)
    }
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
