import Foundation
import MachineModel
import TestSupport
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

@Suite struct `resnetc bench --plans` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func bench(_ arguments: String...) throws -> Outcome {
    try RunningProgram(
      resnetcPath, ["bench", resnet8, "--plans"] + arguments,
      environment: ["XDG_CACHE_HOME": folder.path]
    ).wait()
  }

  @Test func `times what was tuned beside the model's plan and forced ones`() throws {
    let log = folder.path + "/log.json"
    #expect(try resnetc("tune", resnet8, "--budget", "0.1s", "--tune-log", log).code == 0)
    let force = "layer1.0.conv1=direct:1x1x16"
    let outcome = try bench("--tune-log", log, "--runs", "4", "--json", "--force", force)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["runs"] as? Int == 4)
    let plans = try #require(json["plans"] as? [[String: Any]])
    let algorithms = ["direct", "winograd2", "winograd4"]
    // Kernels are transformed in registers where there are enough of them.
    let lean = Machine.probe().instructionSet.vectorRegisters >= 32 ? ["winograd4-lean"] : []
    #expect(
      plans.map { $0["plan"] as? String } == ["tuned", "cost model alone", "--force \(force)"]
        + (algorithms + lean).map { "\($0) wherever possible" })
    func number(_ plan: [String: Any], _ key: String) throws -> Double {
      try #require(plan[key] as? Double)
    }
    for plan in plans {
      #expect(try number(plan, "min_ms") <= number(plan, "median_ms"))
      let ratio = try number(plan, "min_ms") / number(plans[0], "min_ms")
      #expect(try abs(number(plan, "ratio") / ratio - 1) < 1e-9)
    }
  }

  @Test func `compares with the model's plan where nothing was measured`() throws {
    let outcome = try bench("--no-tune-log", "--no-winograd", "--runs", "1")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[0].contains("1 runs of each plan, in turns"))
    #expect(lines[1].contains("min ÷ cost model alone"))
    #expect(lines[3].hasPrefix("cost model alone ") && lines[3].hasSuffix(" 1.000"))
    #expect(lines[4].hasPrefix("direct wherever possible "))
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

  @Test func `says what each choice took and what it cost`() throws {
    let outcome = try resnetc(
      "compare", resnet8, "--runs", "1", "--accuracy", "relaxed", "--force",
      "layer1.0.conv2=winograd4-float16", "--force", "layer2.0.conv2=direct-float16", "--json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let json = try outcome.json()
    #expect(json["tolerance"] as? Double == 1e-3)
    let layers = try #require(json["layers"] as? [[String: Any]])
    for name in ["layer1.0.conv2", "layer2.0.conv2"] {
      let layer = try #require(layers.first { $0["name"] as? String == name })
      #expect(layer["weights"] as? String == "float16")
      let own = try #require(layer["own_relative_error"] as? Double)
      let direct = try #require(layer["direct_relative_error"] as? Double)
      #expect(own < 2e-3)
      #expect(own > 10 * direct, "\(name)")
      #expect(direct < 1e-6)
    }
    let choices = try #require(json["choices"] as? [[String: Any]])
    for name in ["winograd F(4×4), float16 weights", "direct, float16 weights"] {
      let choice = try #require(choices.first { $0["choice"] as? String == name })
      #expect(choice["layers"] as? Int ?? 0 >= 1)
      #expect(choice["generated_ms"] as? Double ?? 0 > 0)
      #expect(choice["worst_own_relative_error"] is Double)
      #expect(choice["worst_direct_relative_error"] is Double)
    }
  }

  @Test func `holds Winograd layers alone to what standard accuracy promises`() throws {
    let outcome = try resnetc(
      "compare", resnet8, "--runs", "1", "--force", "layer1.0.conv?=winograd4")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let last = try #require(outcome.output.split(separator: "\n").last)
    #expect(last.contains("Winograd alone ") && last.contains(" of 3.0e-06"))
    let relaxed = try resnetc(
      "compare", resnet8, "--runs", "1", "--accuracy", "relaxed", "--force",
      "layer1.0.conv?=winograd4-float16", "--json")
    #expect(relaxed.code == 0, "\(relaxed.errors)")
    #expect(try relaxed.json()["winograd_tolerance"] is NSNull)
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
    for key in [
      "max_absolute_error", "max_relative_error", "own_relative_error", "interpreted_ms",
      "generated_ms",
    ] {
      #expect(stem[key] is Double, "\(key)")
    }
    #expect(stem["weights"] as? String == "float32")
    #expect(stem["direct_relative_error"] is NSNull)
    #expect((stem["gflops"] as? Double ?? 0) > 0)
    #expect((stem["peak_fraction"] as? Double ?? 0) > 0)
  }
}
