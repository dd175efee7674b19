import Foundation
import MachineModel
import ModuleBuilding
import ResNetCompiler
import Testing
import Toolchain

@Suite("The same input gives the same module")
struct ReproducibilityTests {
  @Test("in whatever folder, with all bytes of its library and weights")
  func folders() throws {
    let builder = ModuleBuilder(compiler: try compilerWithOpenMP())
    let first = try TemporaryFolder()
    let second = try TemporaryFolder()
    let places = [
      first.url.appendingPathComponent("Module"),
      second.url.appendingPathComponent("deeper/and with blanks/Module"),
    ]
    let modules = try places.map { place in
      // The text is compiled anew each time, too: its order must not depend on hashing.
      let network = try compile(
        model("resnet8-cifar10"),
        options: CompilerOptions(machine: .probe(), openMPLibrary: "omp5"))
      try builder.writeModule(network, parameters: try trainedWeights(), to: place.path)
      return try files(below: place)
    }
    #expect(modules[0].keys.contains { $0.hasSuffix(".a") })
    #expect(modules[0].keys.contains { $0.hasSuffix(".weights") })
    #expect(modules[0].keys.sorted() == modules[1].keys.sorted())
    for (path, contents) in modules[0] {
      #expect(contents == modules[1][path], "\(path) differs")
    }
  }
}
