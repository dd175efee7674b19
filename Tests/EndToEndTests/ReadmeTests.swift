import Foundation
import MachineModel
import ModelFiles
import ModuleBuilding
import Pictures
import ResNetCompiler
import let TestSupport.projectFolder
import Testing
import Toolchain

/// The README's tutorial, done as it says: its code blocks are the programs tested here.
@Suite("The README's tutorial", .serialized)
struct ReadmeTests {
  private let readme: String

  init() throws {
    readme = try String(
      contentsOf: projectFolder.appendingPathComponent("README.md"), encoding: .utf8)
  }

  /// The block of code that follows a line with this text.
  private func block(after heading: String) throws -> String {
    let start = try #require(
      readme.range(of: heading + "\n"), "README.md does not say '\(heading)'")
    let fence = try #require(readme[start.upperBound...].firstRange(of: /```[a-z]+\n/))
    let end = try #require(readme[fence.upperBound...].range(of: "```\n"))
    return String(readme[fence.upperBound..<end.lowerBound])
  }

  private func write(_ text: String, to path: String, in folder: URL) throws {
    let url = folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  @Test("shows the spec as it is")
  func spec() throws {
    let spec = try String(
      contentsOf: projectFolder.appendingPathComponent("Specs/resnet8-cifar10.spec"),
      encoding: .utf8)
    #expect(try block(after: "`Specs/resnet8-cifar10.spec`:") == spec)
  }

  @Test("leads to a Swift app and a C program that name what is on a picture")
  func programs() throws {
    // The folder in which the project stands, as the tutorial has it.
    let place = try TemporaryFolder()
    let project = place.url.appendingPathComponent("resnetc")
    try FileManager.default.createSymbolicLink(at: project, withDestinationURL: projectFolder)
    let compiler = try compilerWithOpenMP()
    let network = try compile(
      model("resnet8-cifar10"),
      options: CompilerOptions(
        machine: .probe(), openMPLibrary: compiler.openMPLinkLibrary))
    try ModuleBuilder(compiler: compiler).writeModule(
      network, parameters: try trainedWeights(),
      to: place.url.appendingPathComponent("ResNet8Cifar10").path)
    let cat = try Picture(
      path: projectFolder.appendingPathComponent("Specs/pictures/00-cat.png").path)
    try (Data("P6\n\(cat.width) \(cat.height)\n255\n".utf8) + cat.pixels)
      .write(to: place.url.appendingPathComponent("cat.ppm"))

    try write(block(after: "`App/Package.swift`:"), to: "App/Package.swift", in: place.url)
    try write(
      block(after: "`App/Sources/App/main.swift`:"), to: "App/Sources/App/main.swift",
      in: place.url)
    let app = place.url.appendingPathComponent("App")
    for configuration in ["debug", "release"] {
      try run(["swift", "build", "--configuration", configuration], in: app)
      let printed = try run(
        [
          "swift", "run", "--skip-build", "--configuration", configuration, "App",
          "../ResNet8Cifar10/ResNet8Cifar10.weights", "../cat.ppm",
        ], in: app)
      #expect(printed == (try block(after: "The app prints:")))
    }

    try write(block(after: "`classify.c`:"), to: "classify.c", in: place.url)
    let printed = try run(
      ["bash", "-euc", try block(after: "Compile it, link the library, and run it:")],
      in: place.url, environment: ["CC": compiler.path])
    #expect(printed == (try block(after: "It prints:")))
  }

  @Test("has an app see features beside classes")
  func features() throws {
    let place = try TemporaryFolder()
    let compiler = try compilerWithOpenMP()
    var model = try model("resnet8-cifar10")
    let command = try block(after: "is `output`; several make a module with several results:")
    let words = command.split { $0 == " " || $0 == "\n" || $0 == "\\" }.map(String.init)
    try model.selectOutputs(
      words.indices.filter { words[$0] == "--output" }.map { words[$0 + 1] })
    let network = try compile(
      model,
      options: CompilerOptions(
        machine: .probe(), moduleName: "ResNet8Features",
        openMPLibrary: compiler.openMPLinkLibrary))
    try ModuleBuilder(compiler: compiler).writeModule(
      network, parameters: try trainedWeights(),
      to: place.url.appendingPathComponent("ResNet8Features").path)
    let cat = try Picture(
      path: projectFolder.appendingPathComponent("Specs/pictures/00-cat.png").path)
    let program = """
      import ResNet8Features

      let bytes: [UInt8] = \(cat.pixels.map { $0 })
      let picture = Picture(
        bytes: bytes, width: \(cat.width), height: \(cat.height), format: .rgb)

      """
    try write(
      block(after: "`App/Package.swift`:").replacing("ResNet8Cifar10", with: "ResNet8Features"),
      to: "App/Package.swift", in: place.url)
    try write(
      program + block(after: "  --output layer3 --output flatten --output output\n```"),
      to: "App/Sources/App/main.swift", in: place.url)
    let printed = try run(["swift", "run", "App"], in: place.url.appendingPathComponent("App"))
    #expect(printed == (try block(after: "It prints, for the picture of the cat:")))
  }
}
