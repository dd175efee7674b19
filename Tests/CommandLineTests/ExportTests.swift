import Foundation
import TestSupport
import Testing

@Suite struct `resnetc export` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func `writes a model that other commands take`() throws {
    let path = folder.path + "/resnet8_cifar10.onnx"
    let outcome = try resnetc("export", resnet8, "--set", "batch=2", "--onnx", path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    for line in [
      "network  resnet8_cifar10", "input    input [2, 3, 32, 32]", "output   fc [2, 10]",
    ] {
      #expect(outcome.output.contains(line))
    }
    #expect(outcome.output.contains("passes   fold-batch-norm 7, "))
    #expect(try folder.contents() == ["resnet8_cifar10.onnx"])

    let again = folder.path + "/again.onnx"
    #expect(try resnetc("export", path, "--onnx", again).code == 0)
    #expect(rename(again, path) == 0)
    #expect(try resnetc("export", path, "-o", again).code == 0)
    #expect(
      FileManager.default.contentsEqual(atPath: path, andPath: again),
      "what is exported, imported and exported again stays the same")
  }

  @Test func `writes the network as the spec has it without passes`() throws {
    let path = folder.path + "/a.onnx"
    let outcome = try resnetc("export", resnet8, "--disable-pass", "all", "-o", path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("passes   none"))
    func graph(of spec: String) throws -> [Substring] {
      // The first line has the network's name.
      try resnetc("inspect", spec, "--graph").output.split(separator: "\n").dropFirst().map { $0 }
    }
    #expect(try graph(of: path) == graph(of: resnet8))
  }

  @Test func `tells how pictures are prepared, and what classes are called`() throws {
    let path = folder.path + "/a.onnx"
    #expect(try resnetc("export", resnet8, "-o", path).code == 0)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for text in [
      "preprocessing", "\"center_crop\": [32, 32]", "\"channel_order\": \"rgb\"", "\"mean\": [",
      "\"std\": [", "labels", "[\"airplane\", \"automobile\"",
    ] {
      #expect(bytes.range(of: Data(text.utf8)) != nil, "\(text)")
    }
  }

  @Test func `tells that pictures have their channels last`() throws {
    let spec = try folder.file(
      "last.spec",
      """
      model last(batch = 1) {
        preprocess(resize: 48)
        return input[batch, 32, 48, 3] |> transpose((0, 3, 1, 2)) |> conv1: conv(4, 3) |> globalavgpool
      }
      """)
    let path = folder.path + "/last.onnx"
    #expect(try resnetc("export", spec, "--weights", "seeded", "-o", path).code == 0)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for text in ["\"center_crop\": [32, 48]", "\"layout\": \"nhwc\""] {
      #expect(bytes.range(of: Data(text.utf8)) != nil, "\(text)")
    }
  }

  @Test func `writes weights to a file beside the model`() throws {
    let path = folder.path + "/a.onnx"
    #expect(try resnetc("export", resnet8, "-o", folder.path + "/one.onnx").code == 0)
    for _ in 0..<2 {
      let outcome = try resnetc("export", resnet8, "--external-data", "-o", path)
      #expect(outcome.code == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("data     \(path).data, "))
      #expect(try folder.contents() == ["a.onnx", "a.onnx.data", "one.onnx"])
    }
    let (one, two) = (
      try resnetc("run", folder.path + "/one.onnx", "--input", "seeded"),
      try resnetc("run", path, "--input", "seeded")
    )
    #expect(two.code == 0, "\(two.errors)")
    #expect(one.output.replacing("one", with: "a") == two.output.replacing("one", with: "a"))

    // The model that it reads keeps its weights.
    try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/b.onnx")
    let refused = try resnetc("export", folder.path + "/b.onnx", "--external-data", "-o", path)
    #expect(refused.code == 1)
    #expect(
      refused.errors.contains("a.onnx.data: the network is read from this file; name another"))
  }

  @Test func `never replaces what it reads`() throws {
    let path = folder.path + "/a.onnx"
    #expect(try resnetc("export", resnet8, "-o", path).code == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link.onnx", withDestinationPath: "a.onnx")
    for target in ["a.onnx", "link.onnx"] {
      let refused = try resnetc("export", path, "-o", folder.path + "/" + target)
      #expect(refused.code == 1)
      #expect(
        refused.errors.contains("\(target): the network is read from this file; name another"))
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)

    // What it reads may have the name that a file of weights would have, if it writes none.
    let other = path + ".data"
    try FileManager.default.moveItem(atPath: path, toPath: other)
    #expect(try resnetc("export", other, "--external-data", "-o", path).code == 1)
    let outcome = try resnetc("export", other, "-o", path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: other)) == before)
  }

  @Test func `calls outputs as they were asked for`() throws {
    let path = folder.path + "/features.onnx"
    let outcome = try resnetc(
      "export", resnet8, "--output", "layer3", "--output", "output", "--onnx", path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("outputs  layer3 [1, 64, 8, 8], output [1, 10]"))
    let inspected = try resnetc("inspect", path)
    #expect(inspected.code == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("layer3"))
  }

  @Test func `leaves what is there when it cannot write`() throws {
    let missing = try resnetc("export", resnet8, "--onnx", folder.path + "/none/a.onnx")
    #expect(missing.code == 1)
    #expect(missing.errors.contains("none/a.onnx: cannot be written: No such file or directory"))
    let directory = try resnetc("export", resnet8, "--onnx", folder.path)
    #expect(directory.code == 1)
    #expect(directory.errors.contains("this is a directory; name a file to write"))
    let device = try resnetc("export", resnet8, "--onnx", "/dev/full")
    #expect(device.code == 1)
    #expect(device.errors.contains("/dev/full: this is no file that could be replaced"))
    #expect(try resnetc("export", resnet8).code == 64)
    #expect(try resnetc("export", resnet8, "-o", "a.onnx", "--disable-pass", "al").code == 64)
    #expect(try folder.contents() == [])
  }
}

@Suite struct `resnetc compare --against onnxruntime` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func compare(_ arguments: String..., python: String) throws -> Outcome {
    try RunningProgram(
      resnetcPath,
      ["compare", resnet8, "--against", "onnxruntime", "--runs", "5"] + arguments,
      environment: ["RESNETC_PYTHON": python]
    ).wait()
  }

  @Test(.enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func `shows how far they are apart, and what both take`() throws {
    let python = try #require(TestPython.path)
    let outcome = try compare("--threads", "2", "--set", "batch=2", python: python)
    #expect(outcome.code == 0, "\(outcome.errors)")
    for word in ["apart", "ONNX Runtime", "median ms", "ratio", "within tolerance"] {
      #expect(outcome.output.contains(word), "\(word): \(outcome.output)")
    }
  }

  @Test(.enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func `prints JSON with exactly the documented keys`() throws {
    let json = try compare("--json", python: try #require(TestPython.path)).json()
    #expect(
      Set(json.keys) == [
        "model", "batch", "threads", "isa", "peer", "peer_version", "python", "tolerance",
        "passes", "outputs", "runs", "resnetc", "onnxruntime", "ratio_of_minima",
        "ratio_of_medians",
      ])
    #expect(json["passes"] as? Bool == true)
    #expect(json["runs"] as? Int == 5)
    let output = try #require((json["outputs"] as? [[String: Any]])?.first)
    #expect(try #require(output["max_relative_difference"] as? Double) < 1e-5)
    for side in ["resnetc", "onnxruntime"] {
      let times = try #require(json[side] as? [String: Double])
      #expect(try #require(times["min_ms"]) > 0)
      #expect(try #require(times["min_ms"]) <= #require(times["median_ms"]))
    }
  }

  @Test(.enabled(if: TestPython.isThere, "\(TestPython.reason)"))
  func `fails past the tolerance`() throws {
    let outcome = try compare("--tolerance", "1e-12", python: try #require(TestPython.path))
    #expect(outcome.code == 1)
    #expect(outcome.output.contains("PAST tolerance"))
  }

  @Test func `says what it lacks`() throws {
    let nothing = try compare(python: folder.path + "/none")
    #expect(nothing.code == 1)
    #expect(nothing.errors.contains("there is no Python '\(folder.path)/none'; install Python 3"))

    let bare = try folder.script("bare", "echo '{\"missing\": \"onnxruntime\"}'")
    let lacking = try compare(python: bare)
    #expect(lacking.code == 1)
    #expect(lacking.errors.contains("\(bare) has no package onnxruntime; install what is needed"))

    let broken = try folder.script("broken", "echo 'what now' >&2; exit 3")
    let ended = try compare(python: broken)
    #expect(ended.code == 1)
    #expect(ended.errors.contains("'\(broken)' ended too soon: what now"))

    let refusing = try folder.script("refusing", "echo '{\"error\": \"no such operation\"}'")
    let refused = try compare(python: refusing)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("ONNX Runtime cannot run the model: no such operation"))

    let usage = try resnetc("compare", resnet8, "--python", "python3")
    #expect(usage.code == 64)
    #expect(usage.errors.contains("'--python' is for '--against onnxruntime'"))
  }
}
