import GraphIR
import KernelPlanning
import MachineModel
import ModuleBuilding
import Pictures
import ResNetCompiler
import Testing

/// What the trained network says about real pictures at each accuracy.
@Suite struct AccuracyTests {
  // Only relaxed plans may be forced to store float16.
  @Test(
    arguments: Accuracy.allCases.map { ($0, nil) } + [
      (.relaxed, "*=direct-float16"), (.relaxed, "*.conv2=winograd4-float16"),
    ])
  func allPicturesGetTheirClasses(accuracy: Accuracy, force: String?) throws {
    let machine = Machine.probe()
    var options = CompilerOptions(
      machine: machine, instructionSets: [machine.instructionSet], accuracy: accuracy)
    if let force { options.forced = [try #require(ForcedConfiguration(force))] }
    let network = try compile(model("resnet8-cifar10"), options: options)
    let context = try ModuleBuilder(compiler: compilerWithOpenMP())
      .load(network, parameters: trainedWeights()).makeContext(threads: 1)
    let expected = try ExpectedClasses.read().images
    #expect(expected.count == 20)
    for (name, image) in expected {
      let picture = try Picture(path: ExpectedClasses.folder.appendingPathComponent(name).path)
      let logits = try picture.pixels.withUnsafeBufferPointer { pixels in
        try context.run([
          PixelView(rgb: pixels.baseAddress, width: picture.width, height: picture.height)
        ])[0].elements
      }
      let best = logits.indices.max { logits[$0] < logits[$1] }
      #expect(best.map { network.runtime.labels[$0] } == image.predicted, "\(name)")
      let scale = image.logits.map(abs).max() ?? 1
      let error = zip(logits, image.logits).map { abs($0 - $1) }.max() ?? .infinity
      #expect(Double(error / scale) <= accuracy.tolerance, "\(name)")
    }
  }
}
