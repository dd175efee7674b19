import Foundation
import TestSupport
import Testing

/// Commands that take a spec take an ONNX file.
@Suite struct OnnxTests {
  private let exports = project("Tests/Data/onnx-exports")
  private var basic: String { exports + "/basic-dynamo-18-dynamic-unoptimized.onnx" }

  @Test func inspectShowsTheNetwork() throws {
    let outcome = try resnetc("inspect", basic, "--set", "batch=2")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("input       [2, 3, 33, 29]"))
    #expect(outcome.output.contains("network     basic-dynamo-18-dynamic-unoptimized"))
  }

  /// Weights come from the file, and nothing is said of made-up ones.
  @Test func runTakesTheFilesOwnWeights() throws {
    let own = try resnetc("run", basic, "--input", "seeded", "--interpret", "--json")
    #expect(own.code == 0)
    #expect(own.errors.isEmpty)
    #expect(try own.json()["weights"] as? String == basic)
    let others = try resnetc(
      "run", basic, "--input", "seeded", "--interpret", "--json", "--weights", "seeded")
    #expect(try others.json()["weights"] as? String == "seeded")
    #expect(own.output != others.output)
  }

  @Test func compileNamesTheModuleAfterTheFile() throws {
    let folder = try TemporaryFolder()
    let outcome = try resnetc(
      "compile", exports + "/bottleneck-torchscript-17.onnx", "-o", folder.path + "/Module",
      "--isa", "portable")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("module    BottleneckTorchscript17"))
  }

  @Test func aFileIsKnownByItsContents() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("model", Array(try Data(contentsOf: URL(fileURLWithPath: basic))))
    let outcome = try resnetc("inspect", file)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("network     model\n"))
  }

  @Test func optionsForAFileOfWeightsNeedOne() throws {
    let outcome = try resnetc("run", basic, "--input", "seeded", "--rename", "a=b")
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("the weights are those of the ONNX file"))
  }

  @Test func whatIsWrongWithAFileIsTheInputsFault() throws {
    let folder = try TemporaryFolder()
    for (arguments, words) in [
      ([basic, "--set", "batsh=2"], "did you mean \"batch\"?"),
      ([try folder.file("text.onnx", "model x() {}")], "text.onnx"),
      ([folder.path + "/missing.onnx"], "missing.onnx"),
    ] {
      let outcome = try RunningProgram(resnetcPath, ["inspect"] + arguments).wait()
      #expect(outcome.code == 1)
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
  }
}
