import ModelFiles
import TestSupport
import Testing

@Suite struct `Several safetensors files with an index` {
  let folder: TemporaryFolder
  let index: String

  init() throws {
    folder = try TemporaryFolder()
    let names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    _ = try folder.file(
      names[0],
      safetensors(
        #"""
        {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
         "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}
        """#, data: bytes(of: [1, 2, 3])))
    _ = try folder.file(
      names[1],
      safetensors(
        #"{"c": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}"#,
        data: littleEndian(UInt16(0x3F80))))
    index = try Self.write(
      #"""
      {"metadata": {"total_size": 14},
       "weight_map": {"a": "\#(names[0])", "c": "\#(names[1])", "b": "\#(names[0])"}}
      """#, in: folder)
  }

  private static func write(_ text: String, in folder: TemporaryFolder) throws -> String {
    try folder.file("model.safetensors.index.json", Array(text.utf8))
  }

  @Test func `are one state dict, by the index or by the folder`() throws {
    for path in [index, folder.path, folder.path + "/"] {
      let dict = try StateDict(path: path)
      #expect(dict.source.contents.map(\.name) == ["a", "b", "c"])
      #expect(try dict.values(of: .init(name: "b", shape: [2])) == [2, 3])
      #expect(try dict.values(of: .init(name: "c", shape: [1])) == [1])
    }
  }

  @Test(arguments: [
    ("{", "not the index of safetensors files: a key in quotes"),
    (#"{"weight_map": []}"#, "no object \"weight_map\""),
    (#"{"weight_map": {"a": 1}}"#, "the file of \"a\" is no string"),
    (#"{"weight_map": {"a": "../x.safetensors"}}"#, "the same folder"),
    (#"{"weight_map": {"a": "/x.safetensors"}}"#, "the same folder"),
    (#"{"weight_map": {"a": "pytorch_model.bin"}}"#, "only safetensors files"),
    (#"{"weight_map": {"a": "x.safetensors"}}"#, "x.safetensors: there is no such file"),
    (
      #"{"weight_map": {"c": "model-00002-of-00002.safetensors", "d": "model-00002-of-00002.safetensors"}}"#,
      "the index says that tensor \"d\" is in"
    ),
    (
      #"{"weight_map": {"a": "model-00001-of-00002.safetensors"}}"#,
      "tensor \"b\" is in"
    ),
  ])
  func `have to agree with it`(text: String, words: String) throws {
    let path = try Self.write(text, in: folder)
    let found = message { _ = try StateDict(path: path) }
    #expect(found.contains(words), "\(found)")
  }

  @Test func `are not guessed among other files of a folder`() throws {
    let other = try TemporaryFolder()
    #expect(message { _ = try openTensors(path: other.path) }.contains("no weights in this folder"))
    _ = try other.file("a.pth", try readBytes(checkpoint("plain.pth")))
    #expect(try openTensors(path: other.path).contents.count == 8)
    _ = try other.file("b.pt", [1])
    #expect(
      message { _ = try openTensors(path: other.path) }.hasSuffix("name one: a.pth, b.pt"))
  }

  @Test func `leave nothing to choose with a key`() {
    #expect(
      message { _ = try openTensors(path: index, key: "model") }
        .contains("nothing to choose from with the key \"model\""))
  }
}
