import Foundation
import TestSupport
import Testing

/// Files that ask for far more than they are: each gets one error and little memory, whatever it says.
///
/// The bounds on time are far above what a slow machine needs in a debug build, so that nothing fails
/// but what grows without end.
@Suite struct `A hostile file` {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs a command on a file, which it has to refuse with one error that names it.
  ///
  /// - Parameter lines: of the error; more than one where it lists something.
  private func expectRefusal(
    _ name: String, _ bytes: [UInt8], _ words: String, command: (String) -> [String],
    lines: Int = 1, at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.file(name, bytes)
    let bounds = ProgramBounds(megabytes: 200 + 3 * (bytes.count >> 20))
    let outcome = try resnetc(command(path), within: bounds)
    #expect(outcome.code == 1, "\(outcome)", sourceLocation: location)
    #expect(outcome.output == "", sourceLocation: location)
    #expect(outcome.errors.contains(words), "\(outcome.errors)", sourceLocation: location)
    #expect(outcome.errors.contains(name), "\(outcome.errors)", sourceLocation: location)
    #expect(
      outcome.errors.split(separator: "\n").count <= lines, "\(outcome.errors)",
      sourceLocation: location)
  }

  private func expectRefusal(
    ofModel bytes: [UInt8], _ words: String, lines: Int = 1,
    at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    try expectRefusal(
      "model.onnx", bytes, words, command: { ["inspect", $0] }, lines: lines, at: location)
  }

  private func expectRefusal(
    ofWeights name: String, _ bytes: [UInt8], _ words: String,
    at location: Testing.SourceLocation = #_sourceLocation
  ) throws {
    try expectRefusal(
      name, bytes, words,
      command: { ["run", resnet8, "--input", "seeded", "--interpret", "--weights", $0] },
      at: location)
  }

  // MARK: ONNX

  @Test(arguments: [1, 5, 7, 11] as [UInt64])
  func `of numbers of one byte, which take eight, is refused before they are read`(field: UInt64)
    throws
  {
    let tensor = protobufField(field, [UInt8](repeating: 1, count: 24 << 20))
    try expectRefusal(
      ofModel: OnnxBytes(fields: protobufField(5, tensor)).bytes,
      "its lists of whole numbers would take more than")
  }

  @Test func `of empty parts is refused before they are read`() throws {
    let nodes = repeated([0x0A, 0], 8 << 20)
    try expectRefusal(ofModel: OnnxBytes(fields: nodes).bytes, "more than 250000 parts")
    // As many as are read, of the kind that takes most.
    let attributes = repeated([0x2A, 0], 249_000)
    try expectRefusal(
      ofModel: OnnxBytes(fields: protobufField(1, attributes)).bytes, "node 0 () has no operation")
  }

  @Test func `of inputs without end is refused by its operator`() throws {
    let inputs = repeated(protobufField(1, Array("x".utf8)), 1_000_000)
    let node = protobufField(4, Array("Add".utf8)) + inputs
    try expectRefusal(
      ofModel: OnnxBytes(
        fields: protobufField(1, node + protobufField(2, Array("y".utf8)))
      ).bytes, "it has 1000000 inputs, and at most 2 are understood")
  }

  @Test func `of operations that nobody knows names some of them`() throws {
    var model = OnnxBytes()
    for index in 0..<20_000 { model.node("Unknown\(index)", ["x"], ["v\(index)"]) }
    model.node("Concat", (0..<10_000).map { "v\($0)" }, ["y"])
    try expectRefusal(ofModel: model.bytes, "and 9970 more operations", lines: 33)
  }

  @Test func `of more operations than any network is refused`() throws {
    var model = OnnxBytes()
    model.chain(of: 25_000) { model, x, y in model.node("Add", [x, x], [y]) }
    try expectRefusal(ofModel: model.bytes, "the network has more than 20000 operations")
  }

  @Test func `of more results than any network is refused`() throws {
    var model = OnnxBytes(outputs: (0..<5000).map { "v\($0)" })
    for index in 0..<5000 { model.node("Relu", ["x"], ["v\(index)"]) }
    try expectRefusal(ofModel: model.bytes, "the graph has 5000 outputs")
  }

  @Test func `that rearranges a large constant again and again is refused`() throws {
    var model = OnnxBytes()
    model.constant("c0", [1024, 1024])
    for step in 0..<500 { model.node("Transpose", ["c\(step)"], ["c\(step + 1)"]) }
    model.node("Add", ["x", "c500"], ["y"])
    try expectRefusal(
      ofModel: model.bytes, "(Transpose), opset 17: the constants that it rearranges")
  }

  @Test(arguments: ["ConstantOfShape", "Expand", "Tile"])
  func `that makes much of a small constant is refused`(operation: String) throws {
    var model = OnnxBytes()
    model.integers("shape", [1 << 15, 1 << 15])
    model.constant("one", [1, 1])
    model.node(operation, operation == "ConstantOfShape" ? ["shape"] : ["one", "shape"], ["c"])
    model.node("Add", ["x", "c"], ["y"])
    try expectRefusal(ofModel: model.bytes, "(\(operation))", lines: 3)
  }

  @Test(arguments: [
    ["compile", "-o", "Out"], ["run", "--input", "seeded"], ["inspect"], ["import", "-o", "Out"],
    ["export", "--onnx", "out.onnx"], ["bench"], ["compare"], ["tune", "--budget", "1s"],
  ])
  func `is refused by every command`(command: [String]) throws {
    var model = OnnxBytes()
    model.node("Add", ["x", "b"], ["a"])
    model.node("Relu", ["a"], ["b"])
    model.node("Relu", ["b"], ["y"])
    let path = folder.path
    try expectRefusal(
      "model.onnx", model.bytes, "form a cycle",
      command: {
        [command[0], $0]
          + command.dropFirst().map { $0.lowercased().hasPrefix("out") ? path + "/" + $0 : $0 }
      })
    #expect(try folder.contents() == ["model.onnx"])
  }

  @Test(arguments: [[], ["--interpret"]])
  func `of images beyond all number has no input made up`(options: [String]) throws {
    var model = OnnxBytes(input: [1, 3, 100, 100])
    model.node("Relu", ["x"], ["y"])
    let path = try folder.file("model.onnx", model.bytes)
    let outcome = try resnetc(
      ["run", path, "--set", "batch=1000000", "--input", "seeded"] + options,
      within: ProgramBounds(megabytes: 300))
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("30000000000 elements, and a tensor may have 2147483647"))
  }

  /// What is not refused is planned in a time that does not grow with the square of it.
  @Test(arguments: ["Add", "Relu", "Sigmoid"])
  func `of thousands of layers is a network like any other`(operation: String) throws {
    var model = OnnxBytes()
    model.chain(of: 5000) { model, x, y in
      model.node(operation, operation == "Add" ? [x, x] : [x], [y])
    }
    let path = try folder.file("model.onnx", model.bytes)
    let outcome = try resnetc(
      ["inspect", path], within: ProgramBounds(megabytes: 300, seconds: 15))
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("network     model\n"))
  }

  /// The search for the best layouts ends as well where residuals go criss-cross.
  @Test func `of entangled sums is planned all the same`() throws {
    var model = OnnxBytes()
    var random = SeededGenerator(state: 1)
    model.constant("w", [3, 3, 1, 1])
    model.chain(of: 1000) { model, x, y in
      let index = Int(x.dropFirst()) ?? 0
      let other = max(1, index - Int.random(in: 1...8, using: &random))
      if index > 1, Bool.random(using: &random) {
        model.node("Add", [x, "v\(other)"], [y])
      } else {
        model.node(index % 2 == 0 ? "Conv" : "Sigmoid", index % 2 == 0 ? [x, "w"] : [x], [y])
      }
    }
    let path = try folder.file("model.onnx", model.bytes)
    let outcome = try resnetc(
      ["inspect", path], within: ProgramBounds(megabytes: 400, seconds: 60))
    #expect(outcome.code == 0, "\(outcome)")
  }

  // MARK: Weights that are not finite

  @Test(
    arguments: [
      (1, [0, 0, 0xC0, 0x7F], "nan"), (1, [0, 0, 0x80, 0xFF], "-inf"), (10, [0, 0x7C], "inf"),
      (10, [0, 0x7E], "nan"), (16, [0x80, 0x7F], "inf"), (16, [0xC0, 0x7F], "nan"),
      (11, [0, 0, 0, 0, 0, 0, 0xF0, 0x7F], "inf"),
      // 10³⁰⁰, which float32 cannot hold.
      (11, [0x9C, 0x75, 0, 0x88, 0x3C, 0xE4, 0x37, 0x7E], "inf"),
    ] as [(UInt8, [UInt8], String)])
  func `of weights in ONNX that are not finite is told which`(
    type: UInt8, element: [UInt8], value: String
  ) throws {
    var model = OnnxBytes()
    let zeros = [UInt8](repeating: 0, count: 5 * element.count)
    let rest = [UInt8](repeating: 0, count: 3 * element.count)
    model.tensor("w", [3, 3, 1, 1], type: type, raw: zeros + element + rest)
    model.node("Cast", ["w"], ["wide"], attributes: [OnnxBytes.integer("to", 1)])
    model.node("Conv", ["x", "wide"], ["y"])
    try expectRefusal(
      "model.onnx", model.bytes,
      "tensor \"w\" holds \(value) at [1, 2, 0, 0]; weights must be finite in float32",
      command: { ["run", $0, "--input", "seeded", "--interpret"] })
  }

  @Test(
    arguments: [
      ("F32", [0, 0, 0xC0, 0x7F], "nan"), ("F16", [0, 0xFC], "-inf"),
      ("BF16", [0x80, 0x7F], "inf"),
      ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0x7F], "nan"),
    ] as [(String, [UInt8], String)])
  func `of weights in safetensors that are not finite is told which`(
    type: String, element: [UInt8], value: String
  ) throws {
    let spec = try folder.file(
      "net.spec", "model net() { return input[1, 3, 8, 8] |> conv: conv(3, 1) }\n")
    let data = [UInt8](repeating: 0, count: 8 * element.count) + element
    try expectRefusal(
      "w.safetensors",
      safetensors(
        #"{"conv.weight": {"dtype": "\#(type)", "shape": [3, 3, 1, 1], "#
          + #""data_offsets": [0, \#(data.count)]}}"#, data: data),
      "tensor \"conv.weight\" holds \(value) at [2, 2, 0, 0]",
      command: { ["run", spec, "--input", "seeded", "--interpret", "--weights", $0] })
  }

  /// A variance below zero is no fault of the compiler either.
  @Test func `of weights that cannot be folded is the user's`() throws {
    var model = OnnxBytes()
    for (name, value) in [("s", Float(1)), ("b", 0), ("m", 0), ("v", -3)] {
      model.tensor(name, [3], type: 1, raw: bytes(of: [1, value, 1]))
    }
    model.node("BatchNormalization", ["x", "s", "b", "m", "v"], ["n"])
    model.node("Relu", ["n"], ["y"])
    let path = try folder.file("model.onnx", model.bytes)
    let outcome = try resnetc("run", path, "--input", "seeded", "--interpret")
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("\"v\"[1] is -3.0"), "\(outcome.errors)")
  }

  // MARK: Checkpoints

  private struct HostilePickle {
    var bytes: [UInt8]
    var words: String
  }

  private static let pickles: [HostilePickle] = [
    // Each tuple holds the one before it twice.
    .init(
      bytes: [0x29] + repeated([0x71, 0, 0x68, 0, 0x86], 200_000),
      words: "there is no dictionary of tensors"),
    // A dictionary that holds itself.
    .init(
      bytes: Array("}q\0X\u{1}\0\0\0ah\0s".utf8), words: "there is no dictionary of tensors"),
    // Dictionaries in dictionaries.
    .init(
      bytes: [0x7D] + repeated(Array("X\u{1}\0\0\0a}".utf8), 200_000) + repeated([0x73], 200_000),
      words: "there is no dictionary of tensors"),
    .init(bytes: repeated([0x4E], 8 << 20), words: "more than 1000000 values"),
    .init(bytes: repeated([0x28], 900_000), words: "it takes a value from an empty stack"),
  ]

  @Test(arguments: pickles.indices)
  func `that is a checkpoint makes nothing of what it says`(index: Int) throws {
    let pickle = Self.pickles[index]
    let file = zip([("net/data.pkl", [0x80, 2] + pickle.bytes + [0x2E])])
    try expectRefusal(ofWeights: "w.pth", file, pickle.words)
  }

  @Test func `that is a zip archive is not unpacked`() throws {
    var file = zip([("net/data.pkl", [UInt8](repeating: 0, count: 1000))])
    // The method of compression in both headers, and a size of 4 GB in the directory's.
    let directory = try #require(file.firstRange(of: [0x50, 0x4B, 1, 2])?.lowerBound)
    file[8] = 8
    file[directory + 10] = 8
    file.replaceSubrange(directory + 24..<directory + 28, with: [0xFE, 0xFF, 0xFF, 0xFF])
    try expectRefusal(ofWeights: "w.pth", file, "is compressed (zip method 8)")
  }

  // MARK: Other files

  @Test func `of the safetensors format has a header of a certain size`() throws {
    let words = "more than any such file"
    for length in [1 << 60, 64 << 20] as [UInt64] {
      try expectRefusal(
        ofWeights: "w.safetensors", littleEndian(length) + repeated([0x7B], 1 << 20), words)
    }
    let zeros = #"{"w": ["# + String(repeating: "0,", count: 4_500_000) + "0]}"
    try expectRefusal(ofWeights: "w.safetensors", safetensors(zeros), "more than 1000000 values")
  }

  @Test func `that is a tuning log is small`() throws {
    let inspect = { ["inspect", resnet8, "--tune-log", $0] }
    try expectRefusal(
      "log.json", repeated([0x5B], 17 << 20), "it has more than 16 MB", command: inspect)
    try expectRefusal("log.json", repeated([0x5B], 1 << 20), "it is not JSON", command: inspect)
  }

  @Test func `that is a spec is small, and a pipe has an end`() throws {
    try expectRefusal(
      "net.spec", repeated([0x23], 5 << 20), "it has more than 4 MB", command: { ["inspect", $0] })
    let endless = try RunningProgram(
      "/bin/sh", ["-c", "yes | '\(resnetcPath)' inspect -"]
    ).wait()
    #expect(endless.code == 1)
    #expect(endless.errors.contains("it has more than 4 MB"), "\(endless.errors)")
  }
}
