import CodeGen
import Foundation
import Testing

@Suite("An ordinary Swift package builds with a generated one and runs it", .serialized)
struct GeneratedPackageTests {
  private static let manifest = """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "App",
      dependencies: [.package(path: "../Module")],
      targets: [
        .executableTarget(
          name: "App", dependencies: [.product(name: "SumResNet8", package: "Module")],
          swiftSettings: [.treatAllWarnings(as: .error)])
      ]
    )

    """

  /// Sums of 1, 2, … 12 times 1, 2, 4, −1, by every way of calling; then pictures, then errors.
  private static let program = """
    import SumResNet8

    let path = CommandLine.arguments[1]
    let model = try Model(weights: path)
    let input = (1...Model.inputCount).map { Float($0) }
    let context = try Context(model, threads: 2)
    print(model.instructionSet, try context.predict(input))

    var output = [Float](repeating: 0, count: Model.outputCount)
    try input.withUnsafeBufferPointer { input in
      try output.withUnsafeMutableBufferPointer { try context.predict(input, into: $0) }
    }
    print(output)
    @MainActor func predictSpan(_ input: [Float]) throws -> [Float] {
      var output = [Float](repeating: 0, count: Model.outputCount)
      var span = output.mutableSpan
      try context.predict(input.span, into: &span)
      return output
    }
    print(try predictSpan(input.reversed()))

    // Contexts on several tasks over one model.
    let sums = try await withThrowingTaskGroup(of: Float.self) { group in
      for task in 0..<8 {
        group.addTask {
          let context = try Context(model)
          return try context.predict([Float](repeating: Float(task), count: Model.inputCount))[0]
        }
      }
      var sum: Float = 0
      for try await part in group { sum += part }
      return sum
    }
    print(sums)

    for found in try context.classify(input, top: 2) {
      print(found.label, found.index, found.score, found.probability)
    }

    // 2 × 2 pixels, with 2 bytes between the rows.
    let bytes: [UInt8] = [1, 2, 3, 10, 20, 30, 99, 99, 4, 5, 6, 40, 50, 60]
    let picture = Picture(bytes: bytes, width: 2, height: 2, format: .rgb, rowStride: 8)
    print(try context.predict(picture))
    print(try context.classify(picture, top: 1))
    try bytes.withUnsafeBytes {
      print(try context.predict(pixels: $0, width: 2, height: 2, rowStride: 8))
      print(try context.predict(pixels: $0, width: 2, height: 2, rowStride: -8))
    }

    func expect(_ error: ModelError, _ body: () throws -> Void) {
      do {
        try body()
        print("no error, but there should be:", error)
      } catch {
        let found = error as? ModelError
        print(found == error as? ModelError ? "refused:" : "another error:", error)
      }
    }
    expect(.wrongCount(of: "input", expected: 12, found: 1)) { _ = try context.predict([1]) }
    expect(.invalidThreads) { _ = try Context(model, threads: 0) }
    expect(.cannotOpen(path: "missing")) { _ = try Model(weights: "missing") }
    expect(.invalidPicture) {
      _ = try context.predict(Picture(bytes: bytes, width: 2, height: 3, rowStride: 8))
    }
    expect(.invalidPicture) {
      _ = try context.predict(Picture(bytes: bytes, width: 2, height: 2, rowStride: -9))
    }
    expect(.invalidPicture) {
      _ = try context.predict(Picture(bytes: bytes, width: 2, height: 1, rowStride: .min))
    }
    expect(.invalidPicture) { _ = try context.predict(Picture(bytes: [], width: 0, height: 0)) }
    expect(.invalidPicture) {
      _ = try context.predict(Picture(bytes: bytes, width: .max, height: .max))
    }

    """

  private static let expected = """
    portable [78.0, 156.0, 312.0, -78.0]
    [78.0, 156.0, 312.0, -78.0]
    [78.0, 156.0, 312.0, -78.0]
    336.0
    cat 2 312.0 1.0
    "bee" 1 156.0 0.0
    [231.0, 462.0, 924.0, -231.0]
    [cat (100.0 %)]
    [231.0, 462.0, 924.0, -231.0]
    [231.0, 462.0, 924.0, -231.0]
    refused: input needs 12 elements, but has 1
    refused: the number of threads must be from 1 to 8
    refused: missing: the weights file cannot be opened; check that it exists and may be read

    """

  /// A batch and two outputs of different shapes change the signatures; every one is called here.
  private static let batchProgram = """
    import SumResNet8

    let model = try Model(weights: CommandLine.arguments[1])
    let context = try Context(model, threads: Model.maximumThreads)
    let input = (0..<Model.inputCount).map { Float($0) }
    let both = try context.predict(input)
    print(both.scores, both.halfFeatures == both.scores, Model.halfFeaturesShape, Model.scoresShape)
    print(Model.classCount)
    print(try context.classify(input, top: 1).map { $0.map(\\.label) })

    @MainActor func predictSpan() throws -> [Float] {
      var (scores, features) = (both.scores, [Float](repeating: 0, count: Model.halfFeaturesCount))
      var scoresSpan = scores.mutableSpan
      var featuresSpan = features.mutableSpan
      try context.predict(input.span, halfFeatures: &featuresSpan, scores: &scoresSpan)
      return features
    }
    print(try predictSpan())

    let pictures = [UInt8(1), 2].map {
      Picture(bytes: [UInt8](repeating: $0, count: 16), width: 2, height: 2, format: .bgra)
    }
    print(try context.predict(pictures).scores)
    print(try context.classify(pictures, top: 1).map { $0.map(\\.index) })
    do {
      _ = try context.predict([pictures[0]])
    } catch {
      print(error)
    }

    """

  private static let batchExpected = """
    [66.0, 132.0, 264.0, -66.0, 210.0, 420.0, 840.0, -210.0] true [2, 1, 2, 2] [2, 4]
    4
    [["class 2"], ["class 2"]]
    [66.0, 132.0, 264.0, -66.0, 210.0, 420.0, 840.0, -210.0]
    [12.0, 24.0, 48.0, -12.0, 24.0, 48.0, 96.0, -24.0]
    [[2], [2]]
    pictures needs 2 elements, but has 1

    """

  /// Builds an app beside a module and returns what it prints.
  private func print(
    _ program: String, with description: RuntimeDescription, configuration: String
  ) throws -> String {
    let module = try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description))
    try module.write(Self.manifest, to: "App/Package.swift")
    try module.write(program, to: "App/Sources/App/main.swift")
    let built = try module.run(
      "/usr/bin/env", ["swift", "build", "-c", configuration], in: "../App")
    #expect(!built.contains(/\.swift:.*warning:/), "\(built)")
    return try module.run(
      "/usr/bin/env",
      ["swift", "run", "--skip-build", "-c", configuration, "App", "../Module/SumResNet8.weights"],
      in: "../App")
  }

  @Test("Debug and release", arguments: ["debug", "release"])
  func builds(configuration: String) throws {
    let printed = try print(
      Self.program, with: try SumModel.description(), configuration: configuration)
    #expect(printed.hasPrefix(Self.expected), "\(printed)")
    #expect(printed.components(separatedBy: "refused: the picture is invalid").count == 6)
  }

  /// Features have no classes, and nothing that ranks them.
  private static let featuresProgram = """
    import SumResNet8

    struct Classification {}

    let context = try Context(Model(weights: CommandLine.arguments[1]))
    print(try context.predict((1...12).map(Float.init)), Model.outputShape)
    let picture = Picture(bytes: [UInt8](repeating: 1, count: 12), width: 2, height: 2)
    print(try context.predict(picture), Classification())

    """

  @Test("Features alone")
  func features() throws {
    var description = try SumModel.description(outputs: ["layer4"], labels: [])
    description.outputs[0].shape = [1, 1, 2, 2]
    description.classOutput = nil
    #expect(
      try print(Self.featuresProgram, with: description, configuration: "debug") == """
        [78.0, 156.0, 312.0, -78.0] [1, 1, 2, 2]
        [12.0, 24.0, 48.0, -12.0] Classification()

        """)
  }

  @Test("A batch of two, with two outputs, an image first, and no labels")
  func batch() throws {
    var description = try SumModel.description(
      batch: 2, outputs: ["half.features", "scores"], labels: [])
    description.outputs[0].shape = [2, 1, 2, 2]
    description.classOutput = 1
    #expect(
      try print(Self.batchProgram, with: description, configuration: "debug") == Self.batchExpected)
  }
}
