import Foundation
import TestSupport
import Testing

@Suite struct `resnetc tune` {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private var log: String { folder.path + "/cache/resnetc/tune.json" }

  private func run(_ arguments: String...) throws -> Outcome {
    try RunningProgram(
      resnetcPath, arguments, environment: ["XDG_CACHE_HOME": folder.path + "/cache"]
    ).wait()
  }

  /// The entries of the log's only record, by layer.
  private func entries(_ path: String? = nil) throws -> [String: [String: [String: Int]]] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path ?? log))
    let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let records = try #require(json["records"] as? [[String: Any]])
    #expect(records.count == 1)
    return try #require(records.first?["layers"] as? [String: [String: [String: Int]]])
  }

  @Test func `writes a log that later compilations follow, and goes on where it stopped`() throws {
    let first = try run("tune", resnet8, "--budget", "0.1s")
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.errors.contains("tuning resnet8_cifar10: "))
    #expect(first.output.contains(log))
    let before = try entries()
    #expect(before.values.allSatisfy { $0.keys.elementsEqual(["1"]) })
    let second = try run("tune", resnet8, "--budget", "0.1s")
    #expect(second.code == 0, "\(second.errors)")
    let after = try entries()
    let count = { (log: [String: [String: [String: Int]]]) in
      log.values.flatMap(\.values).map(\.count).reduce(0, +)
    }
    #expect(count(after) > count(before))
    for (layer, byThreads) in before {
      for configuration in byThreads["1"]?.keys ?? [:].keys {
        #expect(after[layer]?["1"]?[configuration] != nil)
      }
    }

    let summary = try run("inspect", resnet8)
    #expect(summary.output.contains("layers as measured with 1 thread(s): \(log)"))
    let plan = try run("inspect", resnet8, "--plan", "--layouts")
    #expect(plan.output.contains("Its costs are measured for "))
    let unmeasured = try run("inspect", resnet8, "--no-tune-log")
    #expect(unmeasured.output.contains("chosen by the cost model"))
    // A plan for no machine in particular does not depend on what this one measured.
    let generic = try run("inspect", resnet8, "--isa", "avx2")
    #expect(generic.output.contains("chosen by the cost model"))
    let elsewhere = try run("inspect", resnet8, "--isa", "portable", "--tune-log", log)
    #expect(elsewhere.errors.contains("\(log) has no measurements for this machine"))
  }

  @Test func `leaves forced layers as they are told, and says so`() throws {
    let layer = "conv 3x3 pad 1 relu [1, 16, 32, 32] in 1 -> [1, 16, 32, 32] in 1"
    for (force, way) in [
      ("layer1.0.conv1=winograd2:2x1x16:1", "winograd2 2x1x16 blocks=1"),
      ("layer1.0.conv1=direct:1x1x16", "direct 1x1x16"),
    ] {
      let log = folder.path + "/\(force.count).json"
      let outcome = try run(
        "tune", resnet8, "--budget", "0.1s", "--force", force, "--tune-log", log)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains(" of 0.1s\n"))
      #expect(outcome.output.contains("forced    \(force), not tuned\n"))
      let measured = try #require(try entries(log)[layer]?["1"]).keys.map { String($0) }
      #expect(measured.count == 1 && measured[0].hasSuffix(way), "\(measured)")
    }
    let all = try run("tune", resnet8, "--force", "*=direct")
    #expect(all.code == 1)
    #expect(all.errors.contains("there is nothing to tune, since --force decides every layer"))
  }

  @Test func `writes the same bytes from the same log`() throws {
    #expect(try run("tune", resnet8, "--budget", "0.1s").code == 0)
    let folders = ["a", "b"].map { folder.path + "/" + $0 }
    for output in folders {
      let outcome = try run("compile", resnet8, "--threads", "1", "-o", output)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("layers as measured with 1 thread(s): \(log)"))
    }
    for file in try folder.files(below: "a") {
      let bytes = try folders.map { try Data(contentsOf: URL(fileURLWithPath: $0 + "/" + file)) }
      #expect(bytes[0] == bytes[1], "\(file)")
    }
  }

  @Test func `does not follow what other kernels took, and says so once`() throws {
    let path = folder.path + "/log.json"
    #expect(try run("tune", resnet8, "--budget", "0.1s", "--tune-log", path).code == 0)
    let text = try folder.text(of: "log.json").replacing(
      #/"kernels" : \d+/#, with: "\"kernels\" : 0")
    _ = try folder.file("log.json", text)
    let outcome = try run("inspect", resnet8, "--tune-log", path)
    #expect(outcome.output.contains("chosen by the cost model"))
    #expect(outcome.errors.contains("was measured with the kernels of another version of resnetc"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func `is what compile recommends where nothing was measured`() throws {
    // No log knows a machine with other caches, and an empty one knows none.
    let empty = try folder.file(
      "empty.json", #"{"format": "resnetc tuning log", "version": 1, "records": []}"#)
    let output = folder.path + "/out"
    let outcome = try run(
      "compile", resnet8, "--set", "batch=3", "--tune-log", empty, "--threads", "2", "-o", output)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("\(empty) has no measurements for this machine"))
    #expect(
      outcome.errors.hasSuffix(
        ": resnetc tune \(resnet8) --set batch=3 --threads 2 --tune-log \(empty)\n"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.output.contains("chosen by the cost model"))
    let quiet = try run("compile", resnet8, "--no-tune-log", "-o", output)
    #expect(quiet.errors == "")
  }

  @Test func `is recommended with all that decides the plan, as a shell reads it`() throws {
    let output = folder.path + "/out"
    let log = try folder.file(
      "it's mine.json", #"{"format": "resnetc tuning log", "version": 1, "records": []}"#)
    let plan = [
      "--threads", "1", "--accuracy", "relaxed", "--layout", "nhwc", "--isa", "portable",
      "--no-winograd", "--max-memory", "3", "--force", "layer1.*.conv?=direct:1x1x16", "--tune-log",
      log, "--disable-pass", "fuse-relu",
    ]
    let outcome = try RunningProgram(
      resnetcPath, ["compile", resnet8, "-o", output, "--set", "batch=2"] + plan
    ).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    let start = try #require(outcome.errors.range(of: ": resnetc tune "))
    let shell = try RunningProgram(
      "/bin/sh", ["-c", "printf '%s\\n' " + outcome.errors[start.upperBound...]]
    ).wait()
    #expect(
      shell.output.split(separator: "\n").map { String($0) } == [resnet8, "--set", "batch=2"] + plan
    )
  }

  @Test func `measures generic plans only for a log that is named`() throws {
    let refused = try run("tune", resnet8, "--isa", "portable")
    #expect(refused.code == 64)
    #expect(refused.errors.contains("name a log for such plans with --tune-log"))
    let named = folder.path + "/generic.json"
    let outcome = try run(
      "tune", resnet8, "--isa", "portable", "--budget", "0.1s", "--tune-log", named)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let generic = try run("inspect", resnet8, "--isa", "portable", "--tune-log", named)
    #expect(generic.output.contains("layers as measured with 1 thread(s): \(named)"))
    // It says nothing of the machine that it was measured on.
    let native = try run("inspect", resnet8, "--tune-log", named)
    #expect(native.errors.contains("\(named) has no measurements for this machine"))
  }

  @Test func `finds out that it cannot write its log before it measures anything`() throws {
    let file = try folder.file("file", "")
    let outcome = try run("tune", resnet8, "--cc", "/nowhere", "--tune-log", file + "/log.json")
    #expect(outcome.code == 1)
    #expect(outcome.errors.hasPrefix("resnetc: error: \(file)/log.json: cannot be written: "))
    #expect(outcome.errors.hasSuffix("; name another file with --tune-log\n"))
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(try folder.contents() == ["file"])
  }

  @Test func `keeps what other runs write to its log meanwhile`() throws {
    let arguments = ["tune", resnet8, "--budget", "0.1s", "--tune-log", folder.path + "/log.json"]
    let runs = try ["1", "2"].map {
      try RunningProgram(resnetcPath, arguments + ["--threads", $0])
    }
    for run in runs {
      let outcome = try run.wait()
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    for (layer, byThreads) in try entries(folder.path + "/log.json") {
      #expect(byThreads.keys.sorted() == ["1", "2"], "\(layer)")
    }
    #expect(try folder.contents() == ["log.json"])
  }

  @Test func `and its log are refused in one line if something is wrong with them`() throws {
    let damaged = try folder.file("damaged.json", #"{"format": "resnetc tuning log""#)
    for command in ["inspect", "tune"] {
      let outcome = try run(command, resnet8, "--tune-log", damaged)
      #expect(outcome.code == 1)
      #expect(outcome.errors.contains("damaged.json: this is not a tuning log (it is not JSON)"))
      #expect(outcome.errors.split(separator: "\n").count == 1)
    }
    #expect(try folder.text(of: "damaged.json") == #"{"format": "resnetc tuning log""#)
    // Nobody named the user's own log, so it stops nothing but what would write to it.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/cache/resnetc", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: damaged, toPath: log)
    let own = try run("inspect", resnet8)
    #expect(own.code == 0)
    #expect(own.errors.contains("warning: \(log): this is not a tuning log (it is not JSON), so "))
    #expect(own.errors.contains("remove it, or leave all logs out with --no-tune-log"))
    #expect(own.errors.split(separator: "\n").count == 1)
    #expect(try run("tune", resnet8).code == 1)
    #expect(try run("inspect", resnet8, "--no-tune-log").errors == "")
    let missing = try run("inspect", resnet8, "--tune-log", "nowhere.json")
    #expect(missing.code == 1)
    #expect(missing.errors.contains("nowhere.json: there is no such file"))
    for arguments in [
      ["--budget", "soon"], ["--budget", "0s"], ["--no-tune-log"], ["--threads", "0"],
    ] {
      let outcome = try RunningProgram(resnetcPath, ["tune", resnet8] + arguments).wait()
      #expect(outcome.code == 64, "\(arguments)")
    }
  }
}

@Suite struct `The option --force` {
  @Test func `decides what a layer is computed with, in every command that plans`() throws {
    let plan = try resnetc(
      "inspect", resnet8, "--plan", "--isa", "avx2", "--force", "layer*.0.conv2=direct:2x1x16")
    let line = try #require(
      plan.output.split(separator: "\n").first { $0.contains(" layer3.0.conv2 ") })
    #expect(line.contains(" direct 3×3 "))
    #expect(line.contains(" 2×1×16 "))
    let bench = try resnetc(
      "bench", resnet8, "--runs", "1", "--force", "layer1.0.conv1=winograd4")
    #expect(bench.code == 0, "\(bench.errors)")
  }

  @Test func `has examples that every instruction set can follow`() throws {
    let refused = try resnetc("inspect", resnet8, "--force", "conv").errors
    let example = try #require(refused.firstMatch(of: #/such as (\S+)/#)).1
    #expect(try resnetc("inspect", "--help").output.contains("'\(example)'"))
    let root = URL(fileURLWithPath: resnet8).appendingPathComponent("../..").standardized
    let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    let shown = try #require(readme.firstMatch(of: #/--force '(\S+)'/#)).1
    #if arch(arm64)
      let names = ["portable", "neon"]
    #else
      let names = ["portable", "avx2", "avx512"]
    #endif
    let resnet50 = root.appendingPathComponent("Specs/resnet50.spec").path
    for force in [example, shown] {
      for isa in names {
        let outcome = try resnetc("inspect", resnet50, "--isa", isa, "--force", String(force))
        #expect(outcome.code == 0, "\(outcome.errors)")
      }
    }
  }

  @Test func `is refused with what the layer allows`() throws {
    let outcome = try resnetc("compile", resnet8, "--force", "*.downsample=winograd4")
    #expect(outcome.code == 1)
    #expect(
      outcome.errors.contains(
        "'layer2.0.downsample' cannot be computed as winograd4; it allows direct"))
    #expect(try resnetc("inspect", resnet8, "--force", "conv").code == 64)
  }
}
