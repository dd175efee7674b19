import GraphIR
import Interpreter
import KernelPlanning
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// What each Winograd layer of real networks loses by itself, beside the interpreter.
@Suite(.serialized) struct WinogradErrorTests {
  static let names = ["cifar_resnet20", "resnet18", "resnet50", "wide_resnet50_2"]

  @Test(arguments: names)
  func everyLayerStaysWithinTheLimit(name: String) throws {
    let network = try compile(model(name), options: .forThisMachine)
    let errors = try Self.errors(of: network)
    for (layer, error) in errors { #expect(error < 3e-6, "\(layer)") }
    #expect(errors.count >= 10)
  }

  // Strided convolutions and the stem, which are computed by phases, included.
  @Test(arguments: names, ["winograd2", "winograd4", "winograd4-lean"])
  func everyLayerThatCanBeForcedStaysWithinTheLimit(name: String, method: String) throws {
    var options = CompilerOptions.forThisMachine
    let able = try compile(model(name), options: options).layoutReport.rows.filter {
      $0.candidates.contains { $0.method == method }
    }
    options.forced = able.map { ForcedConfiguration(pattern: $0.name, method: method) }
    let network = try compile(model(name), options: options)
    let errors = try Self.errors(of: network)
    for (layer, error) in errors {
      #expect(error < 3e-6, "\(layer)")
    }
    #expect(Set(errors.map(\.layer)).isSuperset(of: able.map(\.name)))
    guard method != "winograd4-lean" else { return }
    let strided = network.plan.steps.count {
      if case .winograd(let conv) = $0.kernel { conv.rows.stride > 1 } else { false }
    }
    #expect(strided >= (name == "cifar_resnet20" ? 2 : 3))
  }

  /// Of each Winograd layer on the interpreter's operands, relative to the largest of its result.
  private static func errors(
    of network: CompiledNetwork
  ) throws -> [(layer: String, error: Double)] {
    let context = try loadModule(network, parameters: SeededWeights()).makeContext(threads: 2)
    let input = Tensor(
      network.runtime.inputShape, seededInput(network.runtime.inputShape))
    var tensors: [NodeID: Tensor] = [network.graph.inputs[0]: input]
    _ = try GraphInterpreter(network.graph, parameters: SeededWeights()).run([input]) {
      id, tensor, _ in
      tensors[id] = tensor
    }
    var errors: [(layer: String, error: Double)] = []
    for (index, step) in network.plan.steps.enumerated() {
      guard case .winograd = step.kernel, let node = step.node else { continue }
      let found = try #require(try context.result(ofStep: index, on: { tensors[$0] }))
      let expected = try #require(tensors[node])
      errors.append((step.name, relativeError(found.elements, expected.elements)))
    }
    return errors
  }
}
