import MachineModel
import ResNetCompiler
import Testing

@Suite struct NetworkTests {
  @Test(arguments: ["resnet8-cifar10", "cifar_resnet20", "resnet18"])
  func generatedCodeComputesWhatTheInterpreterDoes(name: String) throws {
    let comparison = try Comparison(model(name))
    for (name, error) in comparison.stepErrors where error > 1e-5 {
      Issue.record("\(name): \(error)")
    }
    #expect(comparison.outputError < 1e-5)
  }
}
