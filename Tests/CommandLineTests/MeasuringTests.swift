import Foundation
import Testing

@Suite struct `resnetc bench` {
  @Test func `prints JSON with exactly the documented keys`() throws {
    let outcome = try resnetc(
      "bench", resnet8, "--threads", "2", "--runs", "5", "--set", "batch=3", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(
      Set(json.keys) == [
        "min_ms", "median_ms", "p95_ms", "images_per_second", "gflops", "peak_fraction", "threads",
        "batch", "model",
      ])
    func number(_ key: String) throws -> Double { try #require(json[key] as? Double) }
    #expect(try number("min_ms") > 0)
    #expect(try number("min_ms") <= number("median_ms"))
    #expect(try number("median_ms") <= number("p95_ms"))
    #expect(
      abs(try number("images_per_second") * number("median_ms") / 3000 - 1) < 1e-9)
    #expect(try number("gflops") > 0)
    #expect(try number("peak_fraction") > 0)
    #expect(json["threads"] as? Int == 2)
    #expect(json["batch"] as? Int == 3)
    #expect(json["model"] as? String == "resnet8_cifar10")
  }

  @Test func `tells a person`() throws {
    let outcome = try resnetc("bench", resnet8, "--seconds", "0.05")
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["median", "p95", "images/s", "GFLOP/s", "of peak"] {
      #expect(outcome.output.contains(word))
    }
  }
}

@Suite struct `resnetc compare` {
  @Test func `has a row a layer, then the whole network`() throws {
    let outcome = try resnetc("compare", resnet8, "--runs", "2")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    for name in ["stem.conv", "layer1.0.conv1", "layer3.0.downsample", "fc", "whole network"] {
      #expect(lines.count { $0.hasPrefix(name + " ") } == 1, "\(name)")
    }
    #expect(lines.last?.hasPrefix("within tolerance") == true)
    #expect(lines.allSatisfy { $0.count <= 140 })
  }

  @Test func `fails past the tolerance and says so`() throws {
    let outcome = try resnetc("compare", resnet8, "--runs", "1", "--tolerance", "1e-30")
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("PAST tolerance"))
  }

  @Test func `gives the same table as JSON`() throws {
    let json = try resnetc(
      "compare", resnet8, "--runs", "1", "--json", "--layout", "nchw", "--no-winograd"
    ).json()
    #expect(json["passes"] as? Bool == true)
    let layers = try #require(json["layers"] as? [[String: Any]])
    let stem = try #require(layers.first { $0["name"] as? String == "stem.conv" })
    #expect(stem["shape"] as? String == "1×16×32×32")
    #expect(stem["layout"] as? String == "nchw")
    #expect((stem["algorithm"] as? String)?.hasPrefix("direct 3×3") == true)
    for key in ["max_absolute_error", "max_relative_error", "interpreted_ms", "generated_ms"] {
      #expect(stem[key] is Double, "\(key)")
    }
    #expect((stem["gflops"] as? Double ?? 0) > 0)
    #expect((stem["peak_fraction"] as? Double ?? 0) > 0)
  }
}
