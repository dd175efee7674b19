import ArgumentParser
import GraphIR
import MachineModel
import ModuleBuilding
import ResNetCompiler

/// `resnetc compare`: generated code beside the interpreter, layer by layer.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare generated code with the interpreter, layer by layer, and time both.",
    discussion: """
      Errors are relative to the largest magnitude of a layer's result: "rel err" after all layers
      before it, "alone" on the interpreter's own inputs, and "direct" what the direct algorithm on
      float32 weights makes of these where another choice was made. Of a mean that is taken from the
      sums of a convolution's tiles, "alone" is empty: the interpreter has no such sums. The exit code
      is 1 if an error is larger than allowed: an output's, a layer's, or, with --accuracy standard,
      that of a Winograd layer alone, which may be 3e-6.

      With --against onnxruntime, whole inferences are compared with those of ONNX Runtime, which is
      given the network as the spec has it (as `resnetc export --disable-pass all` writes it), the same
      weights and the same input, and both are timed in turns. The exit code is 1 if an output differs
      from ONNX Runtime's by more than is allowed.

      Example:
        resnetc compare Specs/resnet50.spec --weights seeded --threads 1
        resnetc compare Specs/resnet50.spec --weights seeded --against onnxruntime
      """)

  @OptionGroup var spec: SpecOptions
  @OptionGroup var weights: WeightsOptions

  @Option(help: "How many threads the generated code uses.")
  var threads = 1

  @Option(help: "How many inferences to time.")
  var runs = 20

  @Option(
    help: """
      The largest error allowed in an output, relative to its largest magnitude. A layer is allowed \
      half of that, with --accuracy relaxed twice. Without it, what the accuracy stands for: 2e-4, and \
      1e-3 for relaxed.
      """)
  var tolerance: Double?

  @Option(
    help: ArgumentHelp(
      "A NumPy file with a float array [N, channels, height, width], or 'seeded' for made-up numbers.",
      valueName: "file.npy|seeded"),
    completion: .file(extensions: ["npy"]))
  var input = "seeded"

  @OptionGroup var peer: PeerOptions

  @Flag(help: "Print the result as JSON.")
  var json = false

  @OptionGroup var plan: PlanOptions
  @OptionGroup var compiler: CompilerChoice

  func validate() throws {
    try validateThreads(threads)
    guard runs > 0 else { throw ValidationError("'--runs \(runs)' should be at least 1") }
    if let tolerance, !(tolerance > 0) {
      throw ValidationError("'--tolerance \(tolerance)' should be above 0")
    }
  }

  func run() throws {
    let loaded = try spec.load()
    let model = loaded.model
    let tensors = try NetworkInput(input, for: model.inputShape)
    let source = try weights.load(for: loaded, spec: spec)
    let batch = tensors.batches(of: model.inputShape.batch)[0]
    if let other = peer.against {
      switch other {
      case .onnxruntime:
        return try compareWithOnnxRuntime(model, weights: source, input: batch)
      }
    }
    let progress = Progress()
    let module = try compiler.load(
      model, weights: source, plan: plan, threads: threads, progress: progress)
    let context = try module.makeContext(threads: threads)
    var direct: NativeContext?
    if module.network.plan.steps.contains(where: { $0.kernel.trade != nil }) {
      var plain = plan
      plain.accuracy = .exact
      plain.force = []
      direct = try compiler.load(
        model, weights: source, plan: plain, threads: threads, progress: progress
      )
      .makeContext(threads: threads)
    }

    progress.show("interpreting …")
    defer { progress.clear() }
    let errors = try LayerErrors(context, direct: direct, weights: source, input: batch)
    progress.show("timing …")
    let (peak, times) = try FMAPeak.around(try module.variant.instructionSet) {
      try LayerTimes(context, input: batch, runs: runs)
    }
    progress.clear()
    let report = ComparisonReport(
      network: module.network, variant: try module.variant, threads: threads, errors: errors,
      times: times, peak: peak, tolerance: tolerance ?? plan.accuracy.tolerance,
      layerFactor: plan.accuracy.layerFactor, winogradTolerance: plan.accuracy.winogradTolerance)
    print(json ? report.json.text + "\n" : report.text, terminator: "")
    if !report.passes { throw ExitCode(ExitStatus.input) }
  }
}
