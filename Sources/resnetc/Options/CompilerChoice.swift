import ArgumentParser
import GraphIR
import ModuleBuilding
import ResNetCompiler
import Toolchain

/// The C compiler.
struct CompilerChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The C compiler; without it, $CC and the usual ones are tried.", valueName: "path"),
    completion: .file())
  var cc: String?

  /// The arguments that say the same.
  var arguments: [String] { cc.map { ["--cc", $0] } ?? [] }

  /// - Throws: `ToolchainError`.
  func find() throws -> CCompiler {
    try CompilerSearch.run(named: cc).compiler
  }

  /// Compiles a model to a library for this machine and so many threads, and loads it.
  func load(
    _ model: Model, weights: Weights, plan: PlanOptions, threads: Int,
    progress: Progress = Progress()
  ) throws -> NativeModule {
    var options = try plan.hostOptions(threads: threads)
    progress.show("finding a C compiler …")
    defer { progress.clear() }
    let compiler = try find()
    try plan.tuning.apply(to: &options, compiler: compiler, isNative: plan.isNative)
      .warnOfMisfit()
    options.openMPLibrary = compiler.openMPLinkLibrary
    progress.show("planning \(model.graph.name) …")
    let network = try compile(model, options: options)
    progress.show("packing the weights …")
    return try ModuleBuilder(compiler: compiler).load(network, parameters: weights) {
      progress.show("compiling C \($0)/\($1) …")
    }
  }
}
