import ArgumentParser
import GraphIR
import KernelPlanning
import ModuleBuilding
import ResNetCompiler

/// `resnetc bench`: times whole inferences.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a network runs.",
    discussion: """
      Example:
        resnetc bench Specs/resnet50.spec --weights seeded --threads 2 --set batch=8
        resnetc bench Specs/resnet50.spec --weights seeded --plans
      """)

  @OptionGroup var spec: SpecOptions
  @OptionGroup var weights: WeightsOptions

  @Option(help: "How many threads to use.")
  var threads = 1

  @Option(help: "How many inferences to time.")
  var runs: Int?

  @Option(help: "How many seconds to time inferences for.")
  var seconds: Double?

  @Option(
    help: ArgumentHelp(
      "A NumPy file with a float array [N, channels, height, width], or 'seeded' for made-up numbers.",
      valueName: "file.npy|seeded"),
    completion: .file(extensions: ["npy"]))
  var input = "seeded"

  @Flag(
    help: """
      Time several plans in turns: the one that follows the tuning log, the cost model's own, what \
      --force says, and each algorithm wherever it can be used. --runs counts inferences of each plan.
      """)
  var plans = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  @OptionGroup var plan: PlanOptions
  @OptionGroup var compiler: CompilerChoice

  func validate() throws {
    try validateThreads(threads)
    guard runs == nil || seconds == nil else {
      throw ValidationError("give either --runs or --seconds")
    }
    if let runs, runs < 1 { throw ValidationError("'--runs \(runs)' should be at least 1") }
    if let seconds, !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("'--seconds \(seconds)' should be above 0 and at most 3600")
    }
  }

  func run() throws {
    let loaded = try spec.load()
    let model = loaded.model
    let tensors = try NetworkInput(input, for: model.inputShape)
    let source = try weights.load(for: loaded, spec: spec)
    if plans { return try comparePlans(model, source, tensors) }
    let module = try compiler.load(model, weights: source, plan: plan, threads: threads)
    let context = try module.makeContext(threads: threads)
    let batch = tensors.batches(of: model.inputShape.batch)[0]
    let (peak, times) = try FMAPeak.around(try module.variant.instructionSet) {
      RunTimes(try time(context, batch))
    }
    let plan = module.network.plan
    let report = BenchReport(
      model: plan.modelName, isa: module.instructionSetName,
      batch: model.inputShape.batch, threads: threads,
      flops: plan.steps.map(\.cost.flops).reduce(0, +),
      usesWinograd: plan.steps.contains { if case .winograd = $0.kernel { true } else { false } },
      times: times, peak: peak)
    print(json ? report.json.text + "\n" : report.text, terminator: "")
  }

  private func comparePlans(_ model: Model, _ source: Weights, _ tensors: NetworkInput) throws {
    let contest = try PlanContest(
      model, weights: source, plan: plan, compiler: compiler, threads: threads)
    let contexts = contest.entries.map(\.context)
    let times = try timeInTurns(
      contexts, input: tensors.batches(of: model.inputShape.batch)[0], least: runs ?? 5,
      seconds: runs == nil ? (seconds ?? 3) * Double(contexts.count) : 0)
    let report = PlanContestReport(
      model: model.graph.name, isa: contexts[0].module.instructionSetName,
      batch: model.inputShape.batch, threads: threads,
      plans: Array(zip(contest.entries.map(\.name), times)))
    print(json ? report.json.text + "\n" : report.text, terminator: "")
  }

  /// The seconds of each inference, after some that are not counted: they bring weights and code into
  /// memory, threads into being, and the clock to its height.
  private func time(_ context: NativeContext, _ input: [Float]) throws -> [Double] {
    let steps = 0..<context.module.network.plan.steps.count
    let clock = ContinuousClock()
    func repeated(atLeast count: Int, seconds: Double) throws -> [Double] {
      var times: [Double] = []
      let start = clock.now
      while times.count < count || (clock.now - start).seconds < seconds {
        times.append(try elapsed { try context.run(input, steps: steps) })
      }
      return times
    }
    _ = try repeated(atLeast: 3, seconds: 0.3)
    if let runs { return try repeated(atLeast: runs, seconds: 0) }
    return try repeated(atLeast: 5, seconds: seconds ?? 3)
  }
}
