import ModelFiles
import TestSupport
import Testing

@Suite struct `A safetensors file` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func open(_ header: String, data: [UInt8] = []) throws -> SafetensorsFile {
    try SafetensorsFile(path: folder.file("w.safetensors", safetensors(header, data: data)))
  }

  @Test func `lists its tensors in the order of their data, and its metadata`() throws {
    let file = try open(
      #"""
      {"__metadata__": {"from": "a t\u00e9st \ud83d\ude00"},
       "b": {"dtype": "I64", "shape": [], "data_offsets": [8, 16]},
       "a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
       "none": {"dtype": "F32", "shape": [3, 0], "data_offsets": [8, 8]}}   
      """#, data: bytes(of: [1.5, -2]) + littleEndian(Int64(7)))
    #expect(file.metadata == ["from": "a tést 😀"])
    #expect(file.tensors.map(\.name) == ["a", "none", "b"])
    let a = try #require(file["a"])
    #expect(a.type == .float32)
    #expect(a.shape == [1, 2])
    #expect(try file.values(of: a) == [1.5, -2])
    #expect(try file.values(of: try #require(file["none"])) == [])
    #expect(file["c"] == nil)
  }

  @Test func `converts every floating-point type exactly, at any alignment`() throws {
    let halves: [(UInt16, Float)] = [
      (0x3C00, 1), (0xC000, -2), (0x0001, 0x1p-24), (0x83FF, -0x1.ff8p-15), (0x0400, 0x1p-14),
      (0x7BFF, 65504), (0x7C00, .infinity), (0x8000, -0.0), (0x3555, 0x1.554p-2),
    ]
    let header = """
      {"pad": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
       "f16": {"dtype": "F16", "shape": [9], "data_offsets": [1, 19]},
       "bf16": {"dtype": "BF16", "shape": [2], "data_offsets": [19, 23]},
       "f64": {"dtype": "F64", "shape": [2], "data_offsets": [23, 39]},
       "f32": {"dtype": "F32", "shape": [1], "data_offsets": [39, 43]}}
      """
    let doubles = [0.1, 1e300].flatMap { littleEndian($0.bitPattern) }
    let file = try open(
      header,
      data: [0] + halves.flatMap { littleEndian($0.0) } + littleEndian(UInt16(0x3F80))
        + littleEndian(UInt16(0xC040)) + doubles + bytes(of: [0.1]))
    func values(_ name: String) throws -> [Float] { try file.values(of: #require(file[name])) }
    #expect(try values("f16") == halves.map(\.1))
    #expect(try values("f16")[7].sign == .minus)
    #expect(try values("bf16") == [1, -3])
    #expect(try values("f64") == [0.1, .infinity])
    #expect(try values("f32") == [0.1])
    #expect(
      message { _ = try values("pad") }.hasSuffix(
        #"tensor "pad" is stored as U8; weights must be F32, F16, BF16 or F64"#))
  }

  @Test(arguments: [
    ("", "ends too early"), ("[]", "not a JSON object"), ("{", "a key in quotes"),
    (#"{"a": 1}"#, "entry is not an object"),
    (#"{"a": {"dtype": "F32", "shape": [1]}}"#, "data_offsets is missing"),
    (#"{"a": {"shape": [1], "data_offsets": [0, 4]}}"#, "dtype is missing"),
    (#"{"a": {"dtype": "F31", "shape": [1], "data_offsets": [0, 4]}}"#, "\"F31\" is not known"),
    (#"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#, "whole numbers of 0"),
    (#"{"a": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}"#, "whole numbers of 0"),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}"#, "not two numbers"),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#, "end before that"),
    (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, "may be truncated"),
    (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#, "takes 8 bytes"),
    (
      #"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}}"#,
      "too large"
    ),
    (#"{"a": {"dtype": "F4", "shape": [7], "data_offsets": [0, 3]}}"#, "takes 3 bytes"),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "x": 0}}"#,
      "unknown field \"x\""
    ),
    (#"{"a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}}"#, "take 3 bytes, but 4 bytes"),
    (#"{"a": {"dtype": "U8", "shape": [3], "data_offsets": [1, 4]}}"#, "leaves a gap"),
    (
      #"{"a": {"dtype": "U8", "shape": [3], "data_offsets": [0, 3]}, "b": {"dtype": "U8", "shape": [2], "data_offsets": [2, 4]}}"#,
      "overlaps"
    ),
    (
      #"{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}"#,
      "the name \"a\" stands twice"
    ),
    (#"{"__metadata__": {"k": 1}}"#, "__metadata__.k is not a string"),
    (#"{"a\ud800": 1}"#, "half a surrogate pair"), (#"{"a": 01}"#, "start with a zero"),
    (#"{"a": null} x"#, "something after"), (#"{"a": nul}"#, "a JSON value"),
    (String(repeating: "[", count: 100_000), "nests too deeply"),
  ])
  func `refuses a header that breaks the format`(header: String, expected: String) throws {
    let found = message { _ = try open(header, data: [0, 0, 0, 0]) }
    #expect(found.contains(expected), "\(found)")
    #expect(found.hasPrefix(folder.path + "/w.safetensors: "))
  }

  @Test func `refuses a file that is shorter than its header`() throws {
    let whole = safetensors(
      #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#, data: bytes(of: [1, 2]))
    for count in 1..<whole.count {
      let path = try folder.file("short", Array(whole.prefix(count)))
      #expect(message { _ = try SafetensorsFile(path: path) }.contains("truncated"))
    }
  }

  @Test func `refuses a header length no file could have`() throws {
    for length in [UInt64.max, 1 << 63, 10_000_001] {
      let path = try folder.file("w", littleEndian(length) + [0x7B, 0x7D])
      #expect(message { _ = try SafetensorsFile(path: path) }.contains("more than any such file"))
    }
  }

  @Test func `never crashes on a mutated header`() throws {
    let whole = safetensors(
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}"#,
      data: bytes(of: [1, 2]) + [0])
    var random = SeededGenerator(state: 1)
    for _ in 0..<500 {
      var mutated = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        mutated[Int.random(in: 0..<mutated.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let path = try folder.file("m", mutated)
      guard let file = try? SafetensorsFile(path: path) else { continue }
      for tensor in file.tensors { _ = try? file.values(of: tensor) }
    }
  }
}
