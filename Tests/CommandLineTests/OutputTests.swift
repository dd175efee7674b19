import Foundation
import TestSupport
import Testing

@Suite struct `--output` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The numbers of `run --json` for a seeded input.
  private func numbers(_ arguments: String...) throws -> [String: Any] {
    let outcome = try RunningProgram(
      resnetcPath, ["run", resnet8, "--input", "seeded", "--json"] + arguments
    ).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  @Test func `names what a run prints, with shapes, in the order asked for`() throws {
    let json = try numbers("--output", "layer3", "--output", "output", "--output", "flatten")
    let outputs = try #require(json["named_outputs"] as? [String: [[Double]]])
    #expect(
      outputs.mapValues { $0.map(\.count) } == ["layer3": [4096], "output": [10], "flatten": [64]])
    #expect(json["outputs"] as? [[Double]] == outputs["layer3"])
    #expect(
      json["output_shapes"] as? [String: [Int]]
        == ["layer3": [64, 8, 8], "output": [10], "flatten": [64]])
    // The classes are the model's own result, wherever it stands.
    #expect((json["labels"] as? [String])?.count == 10)
    #expect((json["top"] as? [[Any]])?.first?.count == 5)
    // The embedding is the mean of each of the channels of the features.
    let features = try #require(outputs["layer3"]?.first)
    let means = stride(from: 0, to: 4096, by: 64).map {
      features[$0..<$0 + 64].reduce(0, +) / 64
    }
    for (mean, value) in zip(means, try #require(outputs["flatten"]?.first)) {
      #expect(abs(mean - value) < 1e-5)
    }
  }

  @Test func `gives what the interpreter has`() throws {
    let names = ["--output", "layer1.0.conv1", "--output", "layer2"]
    let generated = try numbers(names[0], names[1], names[2], names[3])
    let interpreted = try numbers(names[0], names[1], names[2], names[3], "--interpret")
    let (a, b) = (
      try #require(generated["named_outputs"] as? [String: [[Double]]]),
      try #require(interpreted["named_outputs"] as? [String: [[Double]]])
    )
    #expect(Set(a.keys) == ["layer1.0.conv1", "layer2"])
    for (name, rows) in a {
      let reference = try #require(b[name]).joined()
      let largest = reference.map(abs).max() ?? 0
      #expect(
        zip(rows.joined(), reference).allSatisfy { abs($0 - $1) <= 1e-5 * largest }, "\(name)")
    }
  }

  @Test func `leaves out what is behind, though the file of weights has it`() throws {
    let outcome = try resnetc(
      "run", resnet8, "--input", "seeded", "--output", "layer1", "--weights", resnet8Weights)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == 2)
    #expect(lines.first == ["input", "output", "shape", "least", "mean", "most"])
    #expect(lines.last?.prefix(3) == ["seeded", "layer1", "16×32×32"])
    let summary = try resnetc("inspect", resnet8, "--output", "layer1").output
    #expect(summary.contains("[1, 16, 32, 32]"))
    #expect(!summary.contains("[1, 10]"))
  }

  @Test func `is refused for a name that there is not, with the near one`() throws {
    let outcome = try resnetc("compile", resnet8, "--output", "lyaer3", "-o", folder.path + "/out")
    #expect(outcome.code == 1)
    #expect(
      outcome.errors
        == "resnetc: error: 'resnet8_cifar10' has no value called 'lyaer3'; did you mean 'layer3'?\n"
    )
    #expect(try folder.contents() == [])
  }

  @Test func `is compared for each`() throws {
    let outcome = try resnetc(
      "compare", resnet8, "--runs", "1", "--output", "layer2", "--output", "fc")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("→ layer2"))
    #expect(outcome.output.contains("→ fc"))
  }
}
