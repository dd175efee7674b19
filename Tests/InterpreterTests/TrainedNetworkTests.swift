import Foundation
import GraphIR
import Interpreter
import ModelFiles
import Pictures
import SpecLanguage
import Testing

@Suite("A trained network on real pictures")
struct TrainedNetworkTests {
  private struct Expectation: Decodable {
    struct Image: Decodable {
      var predicted: String
      var logits: [Double]
    }

    var images: [String: Image]
  }

  // The expected logits were computed in float64 from the float32 weights and printed with seven
  // decimals; nine layers of float32 results stay within 1e-5 of values up to 20.
  @Test("gives the classes and logits that it gives in float64")
  func resnet8() throws {
    let folder = repository.appendingPathComponent("Tests/Data/resnet8-cifar10")
    let expected = try JSONDecoder().decode(
      Expectation.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    let names = expected.images.keys.sorted()
    #expect(names.count == 20)

    let model = try specModel("resnet8-cifar10", overrides: ["batch": "\(names.count)"])
    let preprocessing = try #require(model.preprocessing)
    var input: [Float] = []
    for name in names {
      let picture = try Picture(path: folder.appendingPathComponent(name).path)
      #expect((picture.width, picture.height) == (32, 32))
      for channel in 0..<3 {
        for pixel in 0..<(32 * 32) {
          let value = Double(picture.pixels[3 * pixel + channel]) * preprocessing.scale
          input.append(
            Float(
              (value - preprocessing.mean[channel]) / preprocessing.standardDeviation[channel]))
        }
      }
    }
    let weights = try StateDict(
      path: repository.appendingPathComponent("Specs/resnet8-cifar10.safetensors").path)
    let logits = try GraphInterpreter(model.graph, parameters: weights)
      .run([Tensor([names.count, 3, 32, 32], input)])[0]
    for (index, name) in names.enumerated() {
      let image = try #require(expected.images[name])
      let row = Array(logits.row(index))
      let best = try #require(row.indices.max { row[$0] < row[$1] })
      #expect(model.labels[best] == image.predicted, "\(name)")
      let error = zip(row, image.logits).map { abs(Double($0) - $1) }.max() ?? .infinity
      #expect(error < 1e-5, "\(name)")
    }
  }
}
