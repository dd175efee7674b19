import Foundation
import GraphIR
import ModelFiles
import TestSupport
import Testing

/// What PyTorch reads from the files: by file, key and tensor.
private struct Expected: Decodable {
  var shape: [Int]
  var values: [Float]
}

@Suite struct `A PyTorch checkpoint` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let expected: [String: [String: [String: Expected]]] =
    (try? JSONDecoder().decode(
      [String: [String: [String: Expected]]].self,
      from: Data(readBytes(checkpoint("expected.json")))
    )) ?? [:]

  @Test(arguments: [
    "plain.pth", "protocol4.pth", "protocol5.pth", "training.pth", "model.pth",
    "module-prefix.pth", "model-prefix.pth", "state-dict-ema.pth", "model-ema.pth",
    "parameters.pth", "views.pth", "shared.pth", "types.pth", "rezipped.pth",
  ])
  func `is read as PyTorch reads it`(name: String) throws {
    let dictionaries = try #require(Self.expected[name])
    for (key, tensors) in dictionaries {
      let file = try TorchCheckpoint(
        path: checkpoint(name), key: dictionaries.count > 1 ? key : nil)
      #expect(file.contents.map(\.name).sorted() == tensors.keys.sorted())
      for (index, info) in file.contents.enumerated() {
        let wanted = try #require(tensors[info.name])
        #expect(info.shape == Shape(wanted.shape), "\(info.name)")
        guard info.type.elementType != nil else {
          #expect(info.type == .int64)
          continue
        }
        #expect(try file.values(at: index) == wanted.values, "\(info.name)")
      }
    }
  }

  @Test func `knows the types of its tensors`() throws {
    let file = try TorchCheckpoint(path: checkpoint("types.pth"))
    #expect(
      file.contents.map(\.type) == [.float32, .float16, .bfloat16, .float64, .int64])
    #expect(
      message { _ = try file.values(at: 4) }.hasSuffix(
        #"tensor "int64" is stored as I64; weights must be F32, F16, BF16 or F64"#))
  }

  @Test(arguments: [
    ("state-dict-ema.pth", "state_dict", "state_dict_ema"), ("model-ema.pth", "model", "model_ema"),
  ])
  func `with a copy beside the weights needs a choice`(
    name: String, first: String, second: String
  ) throws {
    let path = checkpoint(name)
    let list = "\n  \(first) (8 tensors)\n  \(second) (8 tensors)"
    #expect(
      message { _ = try TorchCheckpoint(path: path) }
        == "\(path): it holds 2 state dicts; choose one with --weights-key:" + list)
    #expect(
      message { _ = try TorchCheckpoint(path: path, key: "ema") }
        == "\(path): it holds no state dict under the key \"ema\"; it has:" + list)
    #expect(try TorchCheckpoint(path: path, key: second).values(at: 0)[0] == 1.5)
  }

  @Test(arguments: [
    ("refused-module.pth", "names the Python object \"__main__.Network\""),
    ("refused-module.pth", "torch.save(model.state_dict(), \"weights.pth\")"),
    ("refused-hostile.pth", "names the Python object \"posix.system\""),
    ("refused-legacy.pth", "before its version 1.6; save it again"),
    ("refused-big-endian.pth", "its numbers are big-endian"),
    ("refused-compressed.pth", "is compressed (zip method 8)"),
    ("refused-torchscript.pth", "torch.jit.load"),
    ("refused-empty.pth", "no dictionary of tensors in it; its keys are \"epoch\""),
  ])
  func `is refused with what to do`(name: String, words: String) {
    let text = message { _ = try openTensors(path: checkpoint(name)) }
    #expect(text.hasPrefix(checkpoint(name) + ": "))
    #expect(text.contains(words), "\(text)")
  }

  @Test func `is refused whenever it is cut short`() throws {
    let whole = try readBytes(checkpoint("plain.pth"))
    for count in stride(from: 1, to: whole.count, by: 7) {
      let path = try folder.file("cut.pth", Array(whole.prefix(count)))
      #expect(message { _ = try openTensors(path: path) } != "", "\(count) bytes")
    }
  }

  private func refusal(_ pickle: Pickle, storages: [[UInt8]] = [bytes(of: [1, 2, 3, 4])]) throws
    -> String
  {
    let path = try folder.file("x.pth", torchFile(pickle: pickle, storages: storages))
    return message { _ = try TorchCheckpoint(path: path) }
  }

  private let four = Pickle.storage("FloatStorage", "0", count: 4)

  @Test func `is read from a pickle made by hand`() throws {
    let pickle = Pickle.dictionary([("w", .tensor(four, offset: 1, [3], [1]))])
    let path = try folder.file(
      "x.pth", torchFile(pickle: pickle, storages: [bytes(of: [1, 2, 3, 4])]))
    #expect(try TorchCheckpoint(path: path).values(at: 0) == [2, 3, 4])
  }

  @Test func `cannot have tensors outside of their storages`() throws {
    func view(_ offset: Int, _ shape: [Int], _ strides: [Int]) throws -> String {
      try refusal(.dictionary([("w", .tensor(four, offset: offset, shape, strides))]))
    }
    #expect(try view(1, [4], [1]).contains("number 4 of a storage of 4"))
    #expect(try view(0, [2, 2], [3, 1]).contains("number 4 of a storage of 4"))
    #expect(try view(-1, [2], [1]).contains("do not belong together"))
    #expect(try view(0, [2], [-1]).contains("do not belong together"))
    #expect(try view(0, [2], [1, 1]).contains("do not belong together"))
    #expect(try view(0, [Int.max, 2], [1, 1]).contains("too large"))
    #expect(try view(0, [1 << 40], [1 << 40]).contains("too large"))
    #expect(try view(.max, [2], [.max]).contains("too large"))
    #expect(try view(0, [Int](repeating: 1, count: 9), []).contains("it has 9 dimensions"))
  }

  @Test func `cannot have storages that are not there or of another size`() throws {
    func tensor(_ storage: Pickle) throws -> String {
      try refusal(.dictionary([("w", .tensor(storage, [1], [1]))]))
    }
    #expect(
      try tensor(.storage("FloatStorage", "7", count: 4)).contains("\"7\" is not in the file"))
    #expect(
      try tensor(.storage("FloatStorage", "0", count: 1 << 40))
        .contains("16 bytes, and should have 1099511627776 elements of 4"))
    #expect(try tensor(.storage("DoubleStorage", "0", count: 4)).contains("4 elements of 8"))
    #expect(try tensor(.storage("FloatStorage", "0", count: -1)).contains("describes storages"))
    #expect(
      try tensor(.storage("QInt8Storage", "0", count: 16)).contains("\"torch.QInt8Storage\""))
    #expect(try tensor(.text("0")).contains("describes tensors"))
    let negated: Pickle = [
      .false, .none, .dict, .mark, .text("neg"), .int(1), .setItems,
    ]
    #expect(
      try refusal(.dictionary([("w", .tensor(four, [1], [1], rest: negated))]))
        .contains("negated"))
  }

  @Test func `gives no weights that are not finite`() throws {
    let pickle = Pickle.dictionary([("w", .tensor(four, offset: 1, [3], [1]))])
    let path = try folder.file(
      "x.pth", torchFile(pickle: pickle, storages: [bytes(of: [.nan, 2, .infinity, 4])]))
    #expect(
      message { _ = try StateDict(path: path).values(of: .init(name: "w", shape: [3])) }
        == "\(path): tensor \"w\" holds inf at [1]; weights must be finite in float32")
  }

  @Test func `names a tensor only once`() throws {
    let tensor = Pickle.tensor(four, [4], [1])
    #expect(
      try refusal(.dictionary([("w", tensor), ("w", tensor)]))
        .contains("wrong about tensor \"w\": it stands twice"))
  }

  /// Instructions after the start of a pickle, and words of their refusal.
  private static let damages: [(part: Pickle, words: String)] = [
    (.op("cos\nsystem\n"), "\"os.system\", at byte 2 of data.pkl"),
    (.op("(ios\nsystem\n"), "\"os.system\""),
    (.op("cbuiltins\neval\n"), "\"builtins.eval\""),
    (.text("os") + .text("system") + Pickle([0x93]), "\"os.system\""),
    (.op("(o."), "instruction 0x6f"),
    (Pickle([0x81]), "instruction 0x81"),
    (Pickle([0x82, 1]), "instruction 0x82"),
    (.op("h\u{7}"), "recalls value 7"),
    (.op("R"), "empty stack"),
    (.op("t"), "no start"),
    (.op("}(1s"), "instruction 0x31"),
    (.op("}N(s"), "empty stack"),
    (.op("}(Nu"), "a key has no value"),
    (.op("N(NNu"), "no dictionary"),
    (.op("NNa"), "no list"),
    (.op("}NR"), "arguments of a call are no tuple"),
    (.op("N)R"), "no function"),
    (.op("ctorch\nfloat32\n)R"), "arguments that PyTorch does not give"),
    (.op("ccollections\nOrderedDict\n(NtR"), "arguments that PyTorch does not give"),
    (.op("NNb"), "attributes"),
    (.op("NQ"), "no tuple"),
    (.op("NN."), "left over"),
    (Pickle([0x80, 9]), "its protocol is 9"),
    (.op("X\u{7F}\u{7F}\u{7F}\u{7F}"), "cut off"),
    (Pickle([0x95] + [UInt8](repeating: 255, count: 8)), "cut off"),
    (Pickle([0x8D] + [UInt8](repeating: 255, count: 8)), "cut off"),
    (Pickle([0x58, 1, 0, 0, 0, 0xFF]), "not UTF-8"),
    (.op("cos"), "cut off"),
    (.op(""), "cut off"),
    (.op("N."), "no dictionary of tensors"),
  ]

  @Test(arguments: damages)
  func `refuses a pickle that is damaged or wants more`(part: Pickle, words: String) throws {
    let text = try refusal(.start + part)
    #expect(text.contains(words), "\(text)")
  }

  @Test func `may hold itself`() throws {
    // d = {}; d["state_dict"] = d; d["w"] = tensor
    let pickle: Pickle = [
      .start, .dict, .op("q\u{1}"), .mark, .text("state_dict"), .op("h\u{1}"), .text("w"),
      .tensor(four, [4], [1]), .text("v"), .tensor(four, [2], [2]), .setItems, .stop,
    ]
    let path = try folder.file(
      "x.pth", torchFile(pickle: pickle, storages: [bytes(of: [1, 2, 3, 4])]))
    #expect(try TorchCheckpoint(path: path).values(at: 1) == [1, 3])
  }

  @Test func `cannot fill the screen with a name`() throws {
    let name = String(repeating: "w", count: 100_000)
    let tensor = Pickle.tensor(four, [4], [1])
    let long = try refusal(.dictionary([(name, tensor)]))
    #expect(long.contains("its name is longer than that"))
    #expect(long.utf8.count < 2000)
    let storage = Pickle.storage("FloatStorage", name, count: 4)
    #expect(try refusal(.dictionary([("w", .tensor(storage, [4], [1]))])).utf8.count < 1000)
    #expect(try refusal(.start + .global("os", name)).utf8.count < 1000)
    #expect(try refusal(.dictionary([(name, .none)])).utf8.count < 1000)
  }

  @Test func `cannot nest or grow without end`() throws {
    let deep = Pickle([UInt8](repeating: 0x28, count: 1_100_000))
    #expect(try refusal(.start + deep).contains("more than 1000000 values"))
    let tuples = Pickle(Array("N".utf8) + [UInt8](repeating: 0x85, count: 900_000))
    #expect(try refusal(.start + tuples + .stop).contains("no dictionary of tensors"))
    let nested = Pickle(
      [UInt8](repeating: 0x7D, count: 1000) + Array("N".utf8)
        + (0..<1000).flatMap { _ in Array("Ns".utf8) })
    #expect(try refusal(.start + nested).contains("data.pkl"))
  }
}
