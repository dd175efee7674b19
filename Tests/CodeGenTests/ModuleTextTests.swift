import CodeGen
import Foundation
import GraphIR
import Testing

@Suite("The text files of a module")
struct ModuleTextTests {
  private func emit(_ description: RuntimeDescription) throws -> [String: String] {
    let files = try emitModule(description, networkSources: SumModel.kernels(description))
    return Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.contents) })
  }

  @Test("One folder of Swift, one of C, one bundle; the same bytes each time")
  func files() throws {
    let description = try SumModel.description()
    let bundle = "CSumResNet8.artifactbundle"
    let variant = "\(bundle)/CSumResNet8-1.0.0/x86_64-unknown-linux-gnu"
    let files = try emitModule(description, networkSources: SumModel.kernels(description))
    #expect(
      files.map(\.path) == [
        "\(variant)/include/module.modulemap", "\(variant)/include/sum_resnet8.h",
        "\(bundle)/info.json", "Package.swift", "Sources/SumResNet8/Classification.swift",
        "Sources/SumResNet8/Context+Pictures.swift", "Sources/SumResNet8/Context.swift",
        "Sources/SumResNet8/Model.swift", "Sources/SumResNet8/ModelError.swift",
        "Sources/SumResNet8/Picture.swift", "csrc/Makefile", "csrc/internal.h", "csrc/model.c",
        "csrc/network_portable.c", "csrc/pixels.c", "csrc/sum_resnet8.h", "csrc/team.c",
        "csrc/team.h", "csrc/weights.c",
        "csrc/weights.h",
      ])
    #expect(try emitModule(description, networkSources: SumModel.kernels(description)) == files)
    let layout = ModuleLayout(description, networkSources: SumModel.kernels(description))
    #expect(layout.library == "\(variant)/libCSumResNet8.a")
    #expect(layout.weights == "SumResNet8.weights")
    let paths = files.map(\.path)
    #expect(layout.cUnits.allSatisfy { paths.contains($0.path) })
  }

  @Test("The C around the kernels keeps to 100 columns")
  func lineLengths() throws {
    let files = try emit(try SumModel.description(sets: [.avx512, .avx2, .portable]))
    for (path, text) in files where path.hasPrefix("csrc/") {
      if path.hasSuffix("Makefile") || path.hasPrefix("csrc/network_") { continue }
      for line in text.split(separator: "\n") {
        #expect(line.count <= 100, "\(path): \(line)")
      }
    }
  }

  @Test("So do lists of many outputs with long names, and in Swift what has places to break")
  func longLists() throws {
    let names = (1...7).map { "stages.\($0).blocks.11.downsample.norm" }
    let files = try emit(try SumModel.description(outputs: names))
    for (path, text) in files where path.hasPrefix("csrc/") || path.hasSuffix("/Model.swift") {
      if path.hasSuffix("Makefile") || path.hasPrefix("csrc/network_") { continue }
      for line in text.split(separator: "\n") {
        #expect(line.count <= 100, "\(path): \(line)")
      }
    }
    let header = files["csrc/sum_resnet8.h"] ?? ""
    #expect(
      header.contains(
        """
        sum_resnet8_status sum_resnet8_run(
            const sum_resnet8_model *model, void *workspace, const float *input,
            float *output_stages_1_blocks_11_downsample_norm,
            float *output_stages_2_blocks_11_downsample_norm,
        """), "\(header)")
  }

  @Test("Each instruction set's kernels are compiled with its flags, the rest with none")
  func flags() throws {
    let description = try SumModel.description(sets: [.avx512, .avx2, .portable])
    let layout = ModuleLayout(description, networkSources: SumModel.kernels(description))
    let flags = Dictionary(uniqueKeysWithValues: layout.cUnits.map { ($0.path, $0.flags) })
    #expect(flags["csrc/network_avx2.c"]?.contains("-mavx2") == true)
    #expect(flags["csrc/network_avx2.c"]?.contains("-mavx512f") == false)
    #expect(flags["csrc/network_avx512.c"]?.contains("-mavx512f") == true)
    for path in ["csrc/network_portable.c", "csrc/model.c", "csrc/weights.c", "csrc/pixels.c"] {
      #expect(flags[path]?.isEmpty == true)
    }
    let makefile = try emit(description)["csrc/Makefile"] ?? ""
    #expect(
      makefile.contains(
        "$(CC) $(CFLAGS) -mavx2 -mfma -mf16c \\\n\t  -c -o $@ network_avx2.c"))
  }

  @Test("Without preprocessing there is nothing that takes pictures")
  func noPictures() throws {
    let files = try emit(try SumModel.description(pictures: false))
    #expect(!files.keys.contains { $0.contains("ixels") || $0.contains("Picture") })
    for (path, text) in files {
      #expect(!text.contains("_picture") && !text.contains("Picture"), "\(path)")
    }
  }

  @Test("Names and labels from a spec cannot break out of comments and literals")
  func hostileNames() throws {
    var description = try SumModel.description(
      labels: ["a\"b", "\\(c)", "line\nbreak", "\u{2028}*/"])
    description.names = try ModuleNames(model: "x */ int y;\n#error", module: "Hostile")
    description.banner = ["*/ #error\nboth"]
    let files = try emit(description)
    let model = try #require(files["Sources/Hostile/Model.swift"])
    for literal in [#""a\"b""#, #""\\(c)""#, #""line\u{a}break""#, #""\u{2028}*/""#] {
      #expect(model.contains("    \(literal),\n"))
    }
    #expect(model.hasPrefix("// * / #error both\n"))
    #expect(files["csrc/model.c"]?.hasPrefix("/* * / #error both */\n") == true)
    #expect(files["csrc/x_int_y_error.h"]?.contains(" * x * / int y; #error: one network") == true)
  }

  @Test("Descriptions that contradict themselves are refused")
  func invalidDescriptions() throws {
    let valid = try SumModel.description()
    let changes: [(inout RuntimeDescription) -> Void] = [
      { $0.inputShape = [1, 3, 0, 2] }, { $0.outputs = [] },
      { $0.outputs[0].shape = [2, 4] }, { $0.instructionSets = [] }, { $0.maxThreads = 0 },
      { $0.fingerprint = "12" }, { $0.labels = ["one"] },
    ]
    for change in changes {
      var description = valid
      change(&description)
      #expect(throws: ModuleError.self) { try emit(description) }
    }
    #expect(throws: ModuleError.ambiguousOutputs("a_b")) {
      try emit(try SumModel.description(outputs: ["a.b", "a-b"]))
    }
    #expect(throws: PixelsViewError.self) {
      var description = valid
      description.imageShape = [1, 1, 2, 2]
      _ = try emit(description)
    }
  }

  @Test("The header is C++ too, and make builds the library as the compiler does")
  func headerAndMakefile() throws {
    let description = try SumModel.description()
    let module = try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description))
    try module.compile(
      [
        "-x", "c++", "-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
        "csrc/sum_resnet8.h",
      ])
    let library = module.folder.appending(path: module.layout.library)
    #expect(try Data(contentsOf: library).count > 0)
    try FileManager.default.removeItem(at: library)
    try module.make()
    #expect(try Data(contentsOf: library).count > 0)
  }
}
