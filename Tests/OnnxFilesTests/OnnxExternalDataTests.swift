import Foundation
import OnnxFiles
import OnnxSchema
import TestSupport
import Testing

@Suite struct `The file beside an ONNX model` {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.file("w.bin", [0, 0, 0, 0] + bytes(of: [1, 2, 3]))
  }

  /// A tensor of three numbers in another file.
  private func external(_ entries: [String: String]) -> Onnx_TensorProto {
    .with {
      ($0.name, $0.dataType, $0.dims, $0.dataLocation) = ("w", 1, [3], .external)
      $0.externalData = entries.sorted { $0.key < $1.key }.map { key, value in
        .with { ($0.key, $0.value) = (key, value) }
      }
    }
  }

  private func fault(_ entries: [String: String]) -> String {
    OnnxFilesTests.fault(onnxModel(adding: external(entries)), in: folder)
      .replacing("the elements of initializer \"w\" cannot be read: ", with: "")
  }

  @Test(arguments: [
    ["location": "w.bin", "offset": "4", "length": "12"], ["location": "./w.bin", "offset": "4"],
    ["location": "w.bin", "offset": "4", "checksum": "unknown"],
  ])
  func `has the elements of tensors`(entries: [String: String]) throws {
    let model = try read(onnxModel(adding: external(entries)), in: folder)
    #expect(try model.graph.initializers["w"]?.floatValues() == [1, 2, 3])
  }

  @Test func `may lie in a folder below`() throws {
    try FileManager.default.createDirectory(
      atPath: folder.path + "/weights", withIntermediateDirectories: false)
    _ = try folder.file("weights/w.bin", bytes(of: [4, 5, 6]))
    let model = try read(onnxModel(adding: external(["location": "weights/w.bin"])), in: folder)
    #expect(try model.graph.initializers["w"]?.floatValues() == [4, 5, 6])
  }

  @Test func `has the elements of attributes as well`() throws {
    let constant = onnxNode(
      "Constant", [], ["y"],
      attributes: [.with { ($0.name, $0.t) = ("value", external(["location": "w.bin"])) }])
    let model = try read(onnxModel(onnxGraph([constant])), in: folder)
    guard case .tensor(let tensor)? = model.graph.nodes[0].attribute("value") else {
      Issue.record("no tensor")
      return
    }
    #expect(try tensor.floatValues() == [0, 1, 2])
  }

  @Test func `is looked for in the model's folder, not the current one`() throws {
    #expect(
      fault(["location": "v.bin"])
        == "they should be in \"v.bin\", and there is no such file beside the model; keep both together"
    )
    #expect(fault([:]) == "the model does not name the file that they are in")
  }

  @Test(arguments: [
    "/etc/passwd", "../w.bin", "a/../../w.bin", "..", "", "w.bin\0", "a/..", "//etc/passwd",
  ])
  func `is not opened outside of that folder`(location: String) {
    #expect(fault(["location": location]).hasSuffix("only a file in the model's folder is opened"))
  }

  @Test func `may be a link only where the model is one as well`() throws {
    let hub = try TemporaryFolder()
    _ = try hub.file("1f2e", bytes(of: [7, 8, 9]))
    let links = FileManager.default
    try links.createSymbolicLink(
      atPath: folder.path + "/link.bin", withDestinationPath: hub.path + "/1f2e")
    #expect(
      fault(["location": "link.bin"])
        == "\"link.bin\" is a link that leads out of the model's folder; copy the file there")
    try links.createSymbolicLink(
      atPath: folder.path + "/here.bin", withDestinationPath: folder.path + "/w.bin")
    #expect(fault(["location": "here.bin"]) == "")

    // As hubs' caches are laid out: a folder of links to files that lie side by side.
    let model = onnxModel(adding: external(["location": "link.bin"]))
    _ = try hub.file("3d4c", model.serializedBytes())
    try links.createSymbolicLink(
      atPath: folder.path + "/model.onnx", withDestinationPath: hub.path + "/3d4c")
    let read = try OnnxModel(path: folder.path + "/model.onnx")
    #expect(try read.graph.initializers["w"]?.floatValues() == [7, 8, 9])
  }

  @Test func `has to hold what the model says`() throws {
    let path = folder.path + "/w.bin"
    #expect(
      fault(["location": "w.bin", "offset": "8"])
        == "they should be the 12 bytes from byte 8 of \(path), which has 16; it may be truncated or "
        + "belong to another model")
    #expect(
      fault(["location": "w.bin", "offset": "9223372036854775807"]).hasPrefix(
        "they should be the 12"))
    #expect(
      fault(["location": "w.bin", "offset": "9223372036854775808"])
        == "its offset \"9223372036854775808\" is no number of bytes")
    #expect(
      fault(["location": "w.bin", "offset": "-4"]) == "its offset \"-4\" is no number of bytes")
    #expect(
      fault(["location": "w.bin", "length": "16"])
        == "they take 12 bytes, and the model says that 16 are stored")
  }

  @Test func `has to be a file with something in it`() throws {
    _ = try folder.file("empty.bin", [])
    #expect(fault(["location": "empty.bin"]) == "\(folder.path)/empty.bin: the file is empty")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/sub", withIntermediateDirectories: false)
    #expect(fault(["location": "sub"]).hasSuffix("this is a directory; name a file"))
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(fault(["location": "pipe"]).contains("this is not a regular file"))
  }

  @Test func `is not needed for a tensor without elements`() throws {
    var tensor = external(["location": "w.bin"])
    tensor.dims = [0]
    let model = try read(onnxModel(adding: tensor), in: folder)
    #expect(try model.graph.initializers["w"]?.floatValues() == [])
  }
}
