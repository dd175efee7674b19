import Foundation
import ModelFiles
import TestSupport
import Testing

/// What a trained network says of a picture, by another implementation.
private struct Expectation: Decodable {
  var predicted: String
  var logits: [Double]
}

private func expectations() throws -> [(picture: String, expectation: Expectation)] {
  struct File: Decodable { var images: [String: Expectation] }
  let data = try Data(contentsOf: URL(fileURLWithPath: pictureFolder + "/expected.json"))
  return try JSONDecoder().decode(File.self, from: data).images.sorted { $0.key < $1.key }
    .map { ($0.key, $0.value) }
}

/// The rows of `outputs`.
private func outputs(_ json: [String: Any]) throws -> [[Double]] {
  try #require(json["outputs"] as? [[Double]])
}

/// The greatest difference between two tables of numbers; infinite if their forms differ.
private func difference(_ a: [[Double]], _ b: [[Double]]) -> Double {
  guard a.map(\.count) == b.map(\.count) else { return .infinity }
  return zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? 0
}

@Suite struct `resnetc run` {
  /// Logits are up to 16, and float32 has 24 bits: 1e-4 leaves some 50 roundings.
  static let tolerance = 1e-4

  @Test(arguments: ["1", "8"])
  func `names all twenty pictures as the trained network does, at any batch`(batch: String) throws {
    let expected = try expectations()
    #expect(expected.count == 20)
    let process = try RunningProgram(
      resnetcPath,
      ["run", resnet8, "--set", "batch=\(batch)", "--threads", "2", "--json", "--image"]
        + expected.map { pictureFolder + "/" + $0.picture })
    let outcome = try process.wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(
      difference(try outputs(json), expected.map(\.expectation.logits)) < Self.tolerance)
    let top = try #require(json["top"] as? [[[String: Any]]])
    #expect(
      top.map { $0.first?["label"] as? String } == expected.map(\.expectation.predicted))
    #expect(
      json["inputs"] as? [String] == expected.map { pictureFolder + "/" + $0.picture })
    #expect(json["model"] as? String == "resnet8_cifar10")
    #expect((json["labels"] as? [String])?.count == 10)
    #expect(json["threads"] as? Int == 2)
    #expect(json["batch"] as? Int == Int(batch))
    #expect(json["isa"] is String)
    #expect(json["weights"] as? String == resnet8Weights)
  }

  @Test func `shows a person the best labels with their probabilities`() throws {
    let outcome = try resnetc(
      "run", resnet8, "--image", pictureFolder + "/00-cat.png", "--top", "2")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(lines.first == pictureFolder + "/00-cat.png")
    #expect(lines.last?.contains("frog") == true)
    #expect(lines[1].contains("cat") && lines[1].contains("98.6 %") && lines[1].contains("2.9910"))
    #expect(outcome.errors == "")
  }

  @Test func `shows a line for each picture if only the best is asked for`() throws {
    let pictures = ["00-cat.png", "01-ship.png"].map { pictureFolder + "/" + $0 }
    let outcome = try resnetc("run", resnet8, "--top", "1", "--image", pictures[0], pictures[1])
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      lines == [
        ["picture", "class", "probability"], [pictures[0][...], "cat", "98.6", "%"],
        [pictures[1][...], "ship", "100.0", "%"],
      ])
  }

  @Test func `interprets to the same numbers, pictures of another size included`() throws {
    let pictures = [pictureFolder + "/10-airplane.png", project("Tests/Data/pictures/flower.jpg")]
    let arguments = ["run", resnet8, "--json", "--image"] + pictures
    let compiled = try RunningProgram(resnetcPath, arguments).wait().json()
    let interpreted = try RunningProgram(resnetcPath, arguments + ["--interpret"]).wait().json()
    #expect(interpreted["isa"] as? String == "interpreter")
    #expect(difference(try outputs(compiled), try outputs(interpreted)) < Self.tolerance)
  }

  @Test func `takes tensors from a NumPy file, any number of them`() throws {
    let folder = try TemporaryFolder()
    let image = seededInput([1, 3, 32, 32])
    let rows = folder.path + "/rows.npy"
    try NumpyArray(
      shape: [3, 3, 32, 32], values: image + [Float](repeating: 0, count: image.count) + image
    ).write(to: rows)
    let json = try resnetc("run", resnet8, "--input", rows, "--set", "batch=2", "--json").json()
    let found = try outputs(json)
    #expect(found.count == 3)
    #expect(json["inputs"] as? [String] == [0, 1, 2].map { "\(rows)[\($0)]" })
    #expect(found[0] == found[2])
    #expect(found[0] != found[1])
    let seeded = try resnetc("run", resnet8, "--input", "seeded", "--json").json()
    #expect(difference(try outputs(seeded), [found[0]]) < Self.tolerance)
  }

  @Test func `takes pictures where the input has its channels last, too`() throws {
    func spec(_ input: String) -> String {
      """
      model tiny(batch = 1) {
        preprocess(resize: (9, 9), mean: (0.5, 0.4, 0.3))
        return \(input) |> conv1: conv(4, 3, pad: 1) |> globalavgpool |> flatten
      }
      """
    }
    let picture = pictureFolder + "/" + (try #require(try expectations().first?.picture))
    func scores(_ input: String, _ options: String...) throws -> [[Double]] {
      let arguments = ["run", "-", "--weights", "seeded", "--json", "--image", picture] + options
      return try outputs(
        try RunningProgram(resnetcPath, arguments, input: spec(input)).wait().json())
    }
    let expected = try scores("input[batch, 3, 8, 7]")
    let last = "input[batch, 8, 7, 3] |> transpose((0, 3, 1, 2))"
    #expect(try scores(last) == expected)
    #expect(difference(try scores(last, "--interpret"), expected) < 1e-5)
    // The picture is what goes in, whatever the network makes of it first.
    let reshaped = "input[batch, 3, 8, 7] |> reshape((batch, 3, 4, 14))"
    #expect(difference(try scores(reshaped), try scores(reshaped, "--interpret")) < 1e-5)
  }

  @Test func `reads a spec on standard input and says when its weights are made up`() throws {
    let spec = """
      model tiny(batch = 1) {
        return input[batch, 3, 4, 4] |> conv1: conv(4, 3, bias: true) |> globalavgpool |> flatten
          |> softmax
      }
      """
    let outcome = try resnetc("run", "-", "--input", "seeded", "--json", input: spec)
    #expect(outcome.code == 0)
    #expect(outcome.errors.contains("warning: there are no weights beside the spec"))
    #expect(outcome.errors.contains("--weights FILE"))
    let row = try #require(try outputs(try outcome.json()).first)
    #expect(abs(row.reduce(0, +) - 1) < 1e-6)
    let quiet = try resnetc("run", "-", "--input", "seeded", "--weights", "seeded", input: spec)
    #expect(quiet.errors == "")
    // The graph ends in a softmax: its numbers are the probabilities.
    let best = try #require(row.max())
    #expect(quiet.output.contains(String(format: "%.1f %%", best * 100)))
  }
}
