import GraphIR
import Interpreter
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing

/// What each Winograd layer of real networks loses by itself, beside the interpreter.
@Suite(.serialized) struct WinogradErrorTests {
  @Test(arguments: ["cifar_resnet20", "resnet18", "resnet50", "wide_resnet50_2"])
  func everyLayerStaysWithinThreeMillionths(name: String) throws {
    var options = CompilerOptions.forThisMachine
    options.addedWeightLimit = 1_000_000_000
    let network = try compile(model(name), options: options)
    let context = try loadModule(network, parameters: SeededWeights()).makeContext(threads: 2)
    let input = Tensor(
      network.runtime.inputShape, seededInput(network.runtime.inputShape))
    var tensors: [NodeID: Tensor] = [network.graph.inputs[0]: input]
    _ = try GraphInterpreter(network.graph, parameters: SeededWeights()).run([input]) {
      id, tensor, _ in
      tensors[id] = tensor
    }
    var layers = 0
    for (index, step) in network.plan.steps.enumerated() {
      guard case .winograd = step.kernel, let node = step.node else { continue }
      let found = try #require(try context.result(ofStep: index, on: { tensors[$0] }))
      let expected = try #require(tensors[node])
      #expect(relativeError(found.elements, expected.elements) < 3e-6, "\(step.name)")
      layers += 1
    }
    #expect(layers >= 10)
  }
}
