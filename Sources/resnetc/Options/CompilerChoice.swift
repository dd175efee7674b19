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

  /// - Throws: `ToolchainError`.
  func find() throws -> CCompiler {
    try CompilerSearch.run(named: cc).compiler
  }

  /// Compiles a model to a library and loads it.
  func load(
    _ model: Model, weights: Weights, options: CompilerOptions, progress: Progress = Progress()
  ) throws -> NativeModule {
    progress.show("finding a C compiler …")
    defer { progress.clear() }
    let compiler = try find()
    var options = options
    options.openMPLibrary = compiler.openMPLinkLibrary
    progress.show("planning \(model.graph.name) …")
    let network = try compile(model, options: options)
    progress.show("packing the weights …")
    return try ModuleBuilder(compiler: compiler).load(network, parameters: weights) {
      progress.show("compiling C \($0)/\($1) …")
    }
  }
}
