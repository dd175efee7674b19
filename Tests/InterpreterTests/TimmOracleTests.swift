import Foundation
import GraphIR
import GraphPasses
import Interpreter
import ModelFiles
import Testing

/// What timm has and computes: `Tests/Data/timm`.
private struct Expectation: Decodable {
  /// How many tensors the state dict has, without counters of batches.
  var tensors: Int
  /// The elements of all of them.
  var elements: Int
  /// Of all names and shapes.
  var digest: String
  var input: [Int]?
  /// Of all logits, the greatest magnitude.
  var largest: Double?
  /// Every 25th.
  var logits: [Double]?

  static let all = Result {
    try JSONDecoder().decode(
      [String: Expectation].self,
      from: try Data(
        contentsOf: repository.appendingPathComponent("Tests/Data/timm/expected.json")))
  }
}

@Suite("Specs with the names of timm's networks", .serialized)
struct TimmOracleTests {
  static let names: [String] = (try? Expectation.all.get().keys.sorted()) ?? []

  /// Those whose logits are known.
  static let runnable: [String] = names.filter { (try? Expectation.all.get()[$0]?.logits) != nil }

  // As for torchvision's networks: each node rounds to float32 once.
  static let tolerance = 1e-5

  @Test("are all there")
  func count() {
    #expect(Self.names.count >= 65)
  }

  /// `Tests/Data/timm/make.py --names NETWORK` prints timm's own.
  @Test("have the tensors of timm's state dicts, name by name and shape by shape", arguments: names)
  func tensors(name: String) throws {
    let expected = try #require(try Expectation.all.get()[name])
    let parameters = try specGraph(name).parameters().sorted { $0.name < $1.name }
    #expect(parameters.count == expected.tensors)
    #expect(parameters.map(\.shape.elementCount).reduce(0, +) == expected.elements)
    #expect(digest(parameters) == expected.digest)
  }

  @Test("compute timm's logits", arguments: runnable)
  func logits(name: String) throws {
    try check(name) { $0 }
  }

  // Basic blocks, bottlenecks and pre-activation, with pooled shortcuts, groups, deep stems,
  // squeeze-and-excitation and SiLU.
  @Test(
    "compute timm's logits after all passes",
    arguments: [
      "resnet10t", "resnet26d", "resnext50d_32x4d", "resnetv2_18d", "resnetv2_50",
      "seresnet18", "resnetrs50", "seresnext26ts",
    ])
  func afterPasses(name: String) throws {
    try check(name) { try PassManager().run($0).graph }
  }

  private func check(_ name: String, _ transform: (Graph) throws -> Graph) throws {
    let expected = try #require(try Expectation.all.get()[name])
    let shape = Shape(try #require(expected.input))
    let largest = try #require(expected.largest)
    let reference = try #require(expected.logits)
    let graph = try transform(specGraph(name, overrides: ["size": "\(shape.height)"]))
    let logits = try GraphInterpreter(graph, parameters: SeededWeights())
      .run([Tensor(shape, seededInput(shape))])[0]
    let some = stride(from: 0, to: logits.elements.count, by: 25).map { logits.elements[$0] }
    try #require(some.count == reference.count)
    let error = zip(some, reference).map { abs(Double($0) - $1) }.max() ?? .infinity
    #expect(error <= Self.tolerance * largest)
  }

  /// FNV-1a, 64 bits, of a line for each tensor: its name, then its dimensions.
  private func digest(_ parameters: [ParameterSpec]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for parameter in parameters {
      let words = [parameter.name] + parameter.shape.dimensions.map(String.init)
      for byte in (words.joined(separator: " ") + "\n").utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
