import Foundation
import GraphIR
import ModelFiles
import TestSupport
import Testing

private struct NoSuchWeight: Error {}

/// Weights of which each tells its tensor's name and place.
private struct CountedWeights: ParameterSource {
  func values(of parameter: ParameterSpec) throws -> [Float] {
    if parameter.name == "missing" { throw NoSuchWeight() }
    return (0..<parameter.shape.elementCount).map {
      Float($0) * 0.1 + Float(parameter.name.utf8.count)
    }
  }
}

@Suite struct `A safetensors file that is written` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private let tensors = [
    ParameterSpec(name: "conv1.weight", shape: [2, 3, 1, 1]),
    ParameterSpec(name: "a \"quoted\\\" té\u{1}st 😀", shape: [5]),
    ParameterSpec(name: "scalar", shape: []), ParameterSpec(name: "none", shape: [0, 3]),
  ]

  @Test func `reads back with its names, shapes, values and metadata`() throws {
    let path = folder.path + "/w.safetensors"
    try writeSafetensors(
      tensors, from: CountedWeights(), metadata: ["format": "pt", "a": "b"], to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt", "a": "b"])
    #expect(file.tensors.count == 4)
    for tensor in tensors {
      let stored = try #require(file[tensor.name])
      #expect(stored.type == .float32 && stored.shape == tensor.shape)
      #expect(stored.bytes.count == 4 * tensor.shape.elementCount)
      #expect(try file.values(of: stored) == CountedWeights().values(of: tensor))
    }
  }

  @Test func `has its values at a multiple of eight bytes`() throws {
    for length in 1...9 {
      let path = folder.path + "/w.safetensors"
      let name = String(repeating: "n", count: length)
      try writeSafetensors(
        [ParameterSpec(name: name, shape: [1])], from: CountedWeights(), to: path)
      let stored = try #require(try SafetensorsFile(path: path)[name])
      #expect(stored.bytes.lowerBound % 8 == 0)
    }
  }

  @Test func `does not appear if a tensor cannot be had`() throws {
    let path = folder.path + "/w.safetensors"
    #expect(throws: NoSuchWeight.self) {
      try writeSafetensors(
        tensors + [ParameterSpec(name: "missing", shape: [1])], from: CountedWeights(), to: path)
    }
    #expect(try folder.contents() == [])
  }
}
