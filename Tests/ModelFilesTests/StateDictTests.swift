import GraphIR
import ModelFiles
import TestSupport
import Testing

@Suite struct `A state dict` {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = try folder.file(
      "net.safetensors",
      safetensors(
        """
        {"fc.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
         "fc.bais": {"dtype": "F32", "shape": [2], "data_offsets": [16, 24]},
         "bn.num_batches_tracked": {"dtype": "I64", "shape": [], "data_offsets": [24, 32]},
         "ids": {"dtype": "I32", "shape": [1], "data_offsets": [32, 36]},
         "module.conv.weight": {"dtype": "F32", "shape": [1], "data_offsets": [36, 40]}}
        """,
        data: bytes(of: [1, 2, .nan, 4, 5, 6]) + littleEndian(Int64(9)) + littleEndian(Int32(3))
          + bytes(of: [7])))
  }

  @Test func `reports everything that does not fit in one error`() throws {
    let dict = try StateDict(path: path)
    let parameters = [
      ParameterSpec(name: "conv.weight", shape: [1]),
      .init(name: "fc.weight", shape: [2, 2, 1, 1]),
      .init(name: "fc.bias", shape: [2]), .init(name: "elsewhere", shape: [4]),
    ]
    #expect(
      message { _ = try dict.fitted(to: parameters) } == """
        \(path): the weights do not fit the network
          "fc.weight" has shape [2, 2] in the file and [2, 2, 1, 1] in the network
          "conv.weight" [1] is missing in the file; did you mean "module.conv.weight" of block module?
          "fc.bias" [2] is missing in the file; did you mean "fc.bais"?
          "elsewhere" [4] is missing in the file
          "fc.bais" [2] is in the file and not in the network
          "ids" [1] is in the file and not in the network
          "module.conv.weight" [1] is in the file and not in the network
          --rename 'pattern=replacement' changes names of the file: --rename '^module\\.='
        """)
  }

  @Test func `says how to leave out what the network has no use for`() throws {
    let dict = try StateDict(path: path)
    let parameters = [
      ParameterSpec(name: "fc.weight", shape: [2, 2]),
      .init(name: "module.conv.weight", shape: [1]),
    ]
    #expect(
      message { _ = try dict.fitted(to: parameters) } == """
        \(path): the weights do not fit the network
          "fc.bais" [2] is in the file and not in the network
          "ids" [1] is in the file and not in the network
          --rename 'pattern=' leaves out what the network has no use for: --rename '^fc\\.bais$='
        """)
    let rest = try dict.renamed(by: [RenameRule(#"^fc\.bais$="#), RenameRule("^ids$=")])
    _ = try rest.fitted(to: parameters)
  }

  @Test func `accepts a file that fits, with its counters of batches`() throws {
    let dict = try StateDict(path: path)
    var parameters = [
      ParameterSpec(name: "fc.weight", shape: [2, 2]), .init(name: "fc.bais", shape: [2]),
      .init(name: "module.conv.weight", shape: [1]), .init(name: "ids", shape: [1]),
    ]
    #expect(message { _ = try dict.fitted(to: parameters) }.contains("\"ids\" is stored as I32"))
    parameters.removeLast()
    #expect(message { _ = try dict.fitted(to: parameters) }.contains("\"ids\" [1] is in the file"))
  }

  /// A file of tensors, each of one dimension.
  private func dict(_ tensors: [(name: String, count: Int)]) throws -> StateDict {
    var offset = 0
    let entries = tensors.map { tensor in
      defer { offset += 4 * tensor.count }
      return "\"\(tensor.name)\": {\"dtype\": \"F32\", \"shape\": [\(tensor.count)], "
        + "\"data_offsets\": [\(offset), \(offset + 4 * tensor.count)]}"
    }
    let data = bytes(of: [Float](repeating: 0, count: tensors.map(\.count).reduce(0, +)))
    return try StateDict(
      path: try folder.file(
        "other.safetensors",
        safetensors("{" + entries.joined(separator: ", ") + "}", data: data)))
  }

  @Test func `passes over a prefix of all names if they fit without it`() throws {
    let dict = try dict([
      ("module.conv.weight", 8), ("module.bn.weight", 2), ("module.bn.num_batches_tracked", 1),
      ("module.fc.weight", 4),
    ])
    var parameters = [
      ParameterSpec(name: "conv.weight", shape: [8]), .init(name: "bn.weight", shape: [2]),
      .init(name: "fc.weight", shape: [4]),
    ]
    let fitted = try dict.fitted(to: parameters)
    #expect(fitted.prefix == "module.")
    #expect(try fitted.weights.values(of: parameters[2]) == [0, 0, 0, 0])

    parameters[2].name = "fcc.weight"
    #expect(
      message { _ = try dict.fitted(to: parameters) } == """
        \(dict.path): the weights do not fit the network
          the "module." that the names in the file begin with is passed over; what else differs:
          "fcc.weight" [4] is missing in the file; did you mean "module.fc.weight" of block module?
          "module.fc.weight" [4] is in the file and not in the network
          --rename 'pattern=replacement' changes names of the file: --rename '\\.fc\\.=.fcc.'
        """)
    let renamed = try dict.renamed(by: [RenameRule(#"\.fc\.=.fcc."#)])
    #expect(try renamed.fitted(to: parameters).prefix == "module.")
  }

  @Test(arguments: [
    ("module-prefix.pth", "module."),
    ("model-prefix.pth", "model."), ("plain.pth", nil),
  ])
  func `of a checkpoint may have a wrapper's prefix`(name: String, prefix: String?) throws {
    let fitted = try StateDict(path: checkpoint(name)).fitted(to: [
      .init(name: "conv.weight", shape: [4, 3, 1, 1]), .init(name: "bn.weight", shape: [4]),
      .init(name: "bn.bias", shape: [4]), .init(name: "bn.running_mean", shape: [4]),
      .init(name: "bn.running_var", shape: [4]), .init(name: "fc.weight", shape: [2, 4]),
      .init(name: "fc.bias", shape: [2]),
    ])
    #expect(fitted.prefix == prefix)
    #expect(try fitted.weights.values(of: .init(name: "fc.bias", shape: [2])) == [8, 8.125])
  }

  @Test func `shows the nearest names with their blocks, and the rule that mends the first`() throws
  {
    let dict = try dict([
      ("stages.0.blocks.0.conv1.weight", 8), ("stages.0.blocks.0.conv2.weight", 8),
      ("stages.0.blocks.0.norm1.weight", 2), ("stem.conv.weight", 3),
    ])
    let parameters = [
      ParameterSpec(name: "conv1.weight", shape: [3]),
      .init(name: "layer1.0.conv1.weight", shape: [8]),
      .init(name: "layer1.0.bn1.weight", shape: [2]),
      .init(name: "layer1.0.conv2.weight", shape: [8]),
    ]
    let text = message { _ = try dict.fitted(to: parameters) }
    let start = #"""
      \#(dict.path): the weights do not fit the network
        "conv1.weight" [3] is missing in the file; did you mean "stem.conv.weight" of block stem?
        "layer1.0.conv1.weight" [8] of block layer1.0 is missing in the file; did you mean \#
      "stages.0.blocks.0.conv1.weight" of block stages.0.blocks.0?
        "layer1.0.bn1.weight" [2] of block layer1.0 is missing in the file; did you mean \#
      "stages.0.blocks.0.norm1.weight" of block stages.0.blocks.0?
        "layer1.0.conv2.weight" [8] of block layer1.0 is missing in the file; did you mean \#
      "stages.0.blocks.0.conv2.weight" of block stages.0.blocks.0?

      """#
    #expect(text.hasPrefix(start), "\(text)")
    #expect(text.hasSuffix(#"--rename '^stem\.conv\.=conv1.'"#), "\(text)")
    let rules = [#"^stem\.conv\.=conv1."#, #"^stages\.(\d)\.blocks\.=layer1."#, "norm1=bn1"]
    #expect(
      message { _ = try dict.renamed(by: rules.map(RenameRule.init)).fitted(to: parameters) } == "")
  }

  @Test func `offers no tensor of another kind or shape for a missing one`() throws {
    let dict = try dict([
      ("bn1.weight", 4), ("conv2.bias", 8), ("layer1.conv2.bias", 8), ("conv3.weight", 8),
    ])
    func hint(_ name: String) -> String {
      message { _ = try dict.fitted(to: [ParameterSpec(name: name, shape: [8])]) }
        .split(separator: "\n").first { $0.contains("missing") }.map(String.init) ?? ""
    }
    #expect(hint("conv1.weight").hasSuffix("did you mean \"conv3.weight\"?"))
    #expect(hint("conv1.bias").hasSuffix("did you mean \"conv2.bias\"?"))
    #expect(hint("bn2.weight").hasSuffix("is missing in the file"))
    #expect(hint("layer1.bn2.bias").hasSuffix("is missing in the file"))
    #expect(hint("conv1.running_mean").hasSuffix("is missing in the file"))
  }

  @Test func `shortens a very long list of differences`() throws {
    let dict = try StateDict(path: path)
    let parameters = (0..<300).map { ParameterSpec(name: "layer\($0)", shape: [1]) }
    let text = message { _ = try dict.fitted(to: parameters) }
    #expect(text.contains("\"layer9\""))
    #expect(!text.contains("\"layer10\""))
    #expect(text.contains("… and 290 more"))
    do {
      _ = try dict.fitted(to: parameters)
    } catch let mismatch as StateDictMismatch {
      #expect(mismatch.missing.count == 300)
    }
  }

  @Test func `gives values, and refuses those that are not finite`() throws {
    let dict = try StateDict(path: path)
    #expect(try dict.values(of: ParameterSpec(name: "fc.bais", shape: [2])) == [5, 6])
    #expect(
      message { _ = try dict.values(of: ParameterSpec(name: "fc.weight", shape: [2, 2])) }
        == "\(path): tensor \"fc.weight\" holds nan at [1, 0]; weights must be finite in float32")
    #expect(
      message { _ = try dict.values(of: ParameterSpec(name: "fc.bais", shape: [1, 2])) }
        .contains("shape [2] in the file and [1, 2] in the network"))
    #expect(
      message { _ = try dict.values(of: ParameterSpec(name: "fc.bias", shape: [2])) }
        .contains("\"fc.bias\" [2] is missing"))
  }

  @Test func `is found beside a spec of the same base name`() throws {
    #expect(findWeights(besideSpec: folder.path + "/net.spec") == path)
    #expect(findWeights(besideSpec: folder.path + "/other.spec") == nil)
    #expect(findWeights(besideSpec: "nowhere.spec") == nil)
    #expect(findWeights(besideSpec: "") == nil)
  }
}
