import Foundation
import GraphIR
import GraphPasses
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import SpecLanguage
import let TestSupport.projectFolder
import Testing
import Toolchain

/// The model of a spec in `Specs/`.
func model(_ name: String, _ overrides: [String: String] = [:]) throws -> Model {
  let path = projectFolder.appendingPathComponent("Specs/\(name).spec").path
  let compilation = compileSpec(path: path, overrides: overrides) {
    try String(contentsOfFile: $0, encoding: .utf8)
  }
  return try #require(compilation.model, "\(compilation.renderedDiagnostics())")
}

/// The model of a spec given as text.
func model(text: String) throws -> Model {
  let compilation = compileSpec(path: "test.spec") { _ in text }
  return try #require(compilation.model, "\(compilation.renderedDiagnostics())")
}

/// Generated code and interpreter beside each other, on seeded weights and input.
struct Comparison {
  /// The largest difference of each step's buffer, relative to the largest magnitude in it.
  var stepErrors: [(name: String, error: Double)] = []
  var outputError = 0.0
  var worst: Double { max(stepErrors.map(\.error).max() ?? 0, outputError) }

  init(
    _ model: Model, options: CompilerOptions = .forThisMachine,
    parameters: some ParameterSource = SeededWeights(), threads: Int = 1,
    emulation: Emulation? = nil
  ) throws {
    let network = try compile(model, options: options)
    let module = try loadModule(network, parameters: parameters, emulation: emulation)
    let context = try module.makeContext(threads: threads)
    let shape = network.runtime.inputShape
    let input = seededInput(shape)
    var expected: [NodeID: Tensor] = [:]
    let outputs = try GraphInterpreter(network.graph, parameters: parameters).run(
      [Tensor(shape, input)]
    ) { id, tensor, _ in expected[id] = tensor }
    for (index, step) in network.plan.steps.enumerated() {
      try context.run(input, steps: index..<index + 1)
      guard let node = step.node, case .buffer(let buffer) = step.output,
        let tensor = expected[node]
      else { continue }
      let found = context.contents(of: network.plan.buffers[buffer])
      stepErrors.append((step.name, relativeError(found.elements, tensor.elements)))
    }
    for (found, tensor) in zip(try context.run(input), outputs) {
      outputError = max(outputError, relativeError(found.elements, tensor.elements))
    }
  }
}

/// max |a − b| / max |b|; infinite where a value is not a number.
func relativeError(_ found: [Float], _ expected: [Float]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var difference = 0.0
  var magnitude = 1e-30
  for (a, b) in zip(found, expected) {
    let error = abs(Double(a) - Double(b))
    if !(error <= difference) { difference = error.isNaN ? .infinity : error }
    magnitude = max(magnitude, abs(Double(b)))
  }
  return difference / magnitude
}

let standardPassNames = GraphPasses.standardPipeline.passNames

extension CompilerOptions {
  /// The kernels for this processor alone, which compile three times as fast as all.
  static var forThisMachine: CompilerOptions {
    let machine = Machine.probe()
    return CompilerOptions(machine: machine, instructionSets: [machine.instructionSet])
  }
}

let hostCompiler = Result { try CompilerSearch.run().compiler }

/// Builds and loads a library, for the processor or for an emulation of another.
func loadModule(
  _ network: CompiledNetwork, parameters: some ParameterSource, emulation: Emulation? = nil
) throws -> NativeModule {
  var compiler = try hostCompiler.get()
  if let emulation { compiler.command = emulation.command(compiler) }
  return try ModuleBuilder(compiler: compiler).load(network, parameters: parameters)
}
