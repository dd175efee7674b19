import ArgumentParser
import CodeGen
import Foundation
import GraphPasses
import KernelPlanning
import ModuleBuilding
import ResNetCompiler
import Toolchain

/// `resnetc compile`: writes a Swift package.
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Compile a spec and its weights to a Swift package with a native library.",
    discussion: """
      Example:
        resnetc compile Specs/resnet50.spec --weights resnet50.safetensors -o Generated/ResNet50
      """)

  @OptionGroup var spec: SpecOptions
  @OptionGroup var weights: WeightsOptions
  @OptionGroup var plan: PlanOptions
  @OptionGroup var compiler: CompilerChoice

  @Option(
    name: [.customShort("o"), .customLong("folder")],
    help: ArgumentHelp(
      "The folder to write; without it, Generated/ and the module's name.", valueName: "dir"),
    completion: .directory)
  var folder: String?

  @Option(help: ArgumentHelp("The Swift module's name.", valueName: "name"))
  var moduleName: String?

  @Option(
    help: """
      The most threads that an inference will be able to use, which the plan is to be fastest with. \
      Without it 8, and the plan is for as many as this machine has processors.
      """)
  var threads: Int?

  @Option(help: ArgumentHelp("Print the graph after a pass. Repeatable.", valueName: "pass"))
  var printAfter: [String] = []

  @Flag(help: "Print to standard error how long each pass took.")
  var timePasses = false

  func validate() throws {
    if let threads { try validateThreads(threads) }
    if let folder, folder.isEmpty {
      throw ValidationError("'--folder' should name the folder to write, and the name is empty")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let progress = Progress()
    defer { progress.clear() }
    let loaded = try spec.load()
    let model = loaded.model
    let source = try weights.load(for: loaded, spec: spec)
    progress.show("finding a C compiler …")
    let cc = try compiler.find()
    progress.clear()
    var options = try plan.compilerOptions(maxThreads: threads ?? CompilerOptions.usualThreads)
    options.threads =
      threads ?? (plan.isNative ? min(options.machine.cores, options.maxThreads) : 1)
    let use = try plan.tuning.apply(to: &options, compiler: cc, isNative: plan.isNative)
    options.passes.printAfter = Set(printAfter)
    options.moduleName = moduleName
    options.openMPLibrary = cc.openMPLinkLibrary
    let network = try compile(model, options: options) { report in
      if let text = report.text { print("after \(report.name):\n\(text)") }
    }
    sayWhoChose(network, use)
    if timePasses { Terminal.writeError(PassTimes.text(network.passReports)) }

    let folder = folder ?? "Generated/" + network.runtime.names.module
    TemporaryFiles.setOutput(folder)
    progress.show("packing the weights …")
    try ModuleBuilder(compiler: cc).writeModule(network, parameters: source, to: folder) {
      progress.show("compiling C \($0)/\($1) …")
    }
    TemporaryFiles.setOutput()
    progress.clear()
    print(
      summary(network, cc, use, folder, source, seconds: (clock.now - start).seconds),
      terminator: "")
  }

  /// Says, once, that layers were left to the cost model which a measurement would know better.
  private func sayWhoChose(_ network: CompiledNetwork, _ use: TuneLogUse) {
    let canBeMeasured =
      plan.isNative
      || plan.tuning.tuneLog != nil && network.plan.variants[0].instructionSet.isSupportedHere
    guard canBeMeasured, !plan.tuning.noTuneLog else { return use.warnOfMisfit() }
    let (measured, all) = network.layoutReport.measuredLayers
    guard measured < all else { return }
    let threads = use.sources.isEmpty ? network.plan.threads : use.threads
    let command = ShellCommand(
      ["resnetc", "tune"] + spec.arguments + ["--threads", "\(threads)"] + plan.arguments
        + compiler.arguments)
    let cause =
      use.misfit
      ?? (use.sources.isEmpty
        ? "no tuning log fits this machine" : "the tuning log has no measurement of them")
    Terminal.note(
      "the cost model chose \(measured == 0 ? "the" : "\(all - measured) of \(all)") kernels, since "
        + "\(cause); this measures which are the fastest: \(command)")
  }

  private func summary(
    _ network: CompiledNetwork, _ cc: CCompiler, _ use: TuneLogUse, _ folder: String,
    _ weights: Weights, seconds: Double
  ) -> String {
    var table = TextTable([.left, .left])
    table.append(["package", folder])
    table.append(["module", network.runtime.names.module])
    table.append([
      "network", "\(network.plan.modelName), input \(network.runtime.inputShape)",
    ])
    table.append(["steps", "\(network.plan.steps.count)"])
    table.append(["weights", "\(Show.megabytes(network.plan.weightBytes)), \(weights.described)"])
    table.append(["arena", Show.megabytes(network.plan.arenaBytes)])
    table.append([
      "resident",
      ResidentMemory(
        plan: network.plan, addedWeightBytes: network.layoutReport.addedWeightBytes
      ).text,
    ])
    table.append(["threads", "1 to \(network.plan.maxThreads)"])
    table.append(["ISA", network.runtime.instructionSets.map(\.name).joined(separator: ", ")])
    table.append(["kernels", use.summary(network)])
    table.append(["compiler", "\(cc.path) (\(cc.version))"])
    table.append(["time", "\(Show.fixed(seconds, 1)) s"])
    return table.text()
  }
}
