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
    let model = try spec.loadModel()
    let tensors = try NetworkInput(input, for: model.inputShape)
    let source = try weights.load(for: model, spec: spec)
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
