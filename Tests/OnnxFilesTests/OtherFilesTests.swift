import Foundation
import OnnxFiles
import OnnxSchema
import TestSupport
import Testing

/// Files that are no ONNX files, or hostile ones.
@Suite struct `A file that is no ONNX model` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is wrong with a file of these bytes, without the path in front.
  private func fault(_ bytes: [UInt8]) -> String {
    message { _ = try OnnxModel(path: folder.file("m.onnx", bytes)) }
      .replacing(folder.path + "/m.onnx: ", with: "")
  }

  @Test func `is named by what it looks like`() {
    func reason(_ bytes: [UInt8]) -> String {
      fault(bytes).replacing("this is not an ONNX file: ", with: "")
    }
    func reason(_ text: String) -> String { reason(Array(text.utf8)) }
    #expect(
      reason("PK\u{3}\u{4}\u{14}") == "it looks like a zip archive, as PyTorch checkpoints are")
    #expect(reason([0x1F, 0x8B, 8, 0]) == "it looks compressed with gzip; unpack it first")
    #expect(
      reason([0x28, 0xB5, 0x2F, 0xFD]) == "it looks compressed with Zstandard; unpack it first")
    #expect(reason([0x80, 2, 0x7D, 0x71]) == "it looks like a Python pickle")
    #expect(
      reason("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n")
        == "it is what Git LFS keeps in place of the file; fetch that with git lfs pull")
    #expect(
      reason("\n<!DOCTYPE html>\n<html><head><title>404</title></head></html>\n")
        == "it looks like text, perhaps a web page that was saved in place of the file")
    #expect(reason("resnet18(classes = 10)\n") == "it looks like text")
    #expect(
      reason(safetensors(#"{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#))
        == "it looks like a safetensors file, which has weights and no graph")
    #expect(
      reason("$\0\0\0ORTM\0\0")
        == "it looks like a model in ONNX Runtime's own format; compile the ONNX file that it was made "
        + "of")
    #expect(
      reason("\u{1C}\0\0\0TFL3\0\0")
        == "it looks like a TensorFlow Lite model; convert it with tf2onnx")
  }

  @Test func `is refused if it is of no known kind`() {
    #expect(
      fault([0xFF, 0xD8, 0xFF, 0xE0, 0, 0x10])
        == "this is not an ONNX file: the field at byte 0 is of the kind 7, which ONNX does not use"
    )
    #expect(fault([0]) == "this is not an ONNX file: the field at byte 0 has the number 0")
  }

  @Test func `is refused if there is nothing in it, or no file`() throws {
    #expect(fault([]) == "the file is empty")
    #expect(
      message { _ = try OnnxModel(path: folder.path) }
        == "\(folder.path): this is a directory; name a file")
    #expect(
      message { _ = try OnnxModel(path: folder.path + "/a.onnx") }
        == "\(folder.path)/a.onnx: there is no such file")
  }

  @Test func `is refused if it is only a part of one`() throws {
    #expect(
      fault([8, 8] + protobufField(2, Array("me".utf8)))
        == "there is no graph in it; it is no ONNX model, or only a part of one")
    #expect(fault(try readBytes(onnxFile("convolution-input.pb"))) != "")
    #expect(message { _ = try OnnxTensor(path: onnxFile("convolution.onnx")) } != "")
  }

  @Test func `is truncated anywhere`() throws {
    let whole = try readBytes(onnxFile("torchscript.onnx"))
    for count in stride(from: 60, to: whole.count - 40, by: 97) {
      let text = fault(Array(whole.prefix(count)))
      #expect(text.hasPrefix("the file is truncated or not an ONNX file: "), "\(count): \(text)")
    }
    #expect(
      fault(Array(whole.prefix(1000)))
        == "the file is truncated or not an ONNX file: the field at byte 19 should have 2214 bytes and "
        + "only 978 follow")
  }

  @Test func `is refused for lengths that reach out of what they are in`() {
    // A graph whose name is longer than the graph, which is not the end of the file.
    #expect(
      fault(
        [8, 8] + protobufField(7, [0x12, 100, 0x41])
          + protobufField(2, Array(repeating: 0x41, count: 200)))
        == "this is not a valid ONNX file: the field at byte 4 should have 100 bytes and only 1 follow"
    )
    let huge = protobufVarint(7 << 3 | 2) + protobufVarint(.max)
    #expect(
      fault([8, 8] + huge)
        == "the file is truncated or not an ONNX file: the field at byte 2 should have "
        + "18446744073709551615 bytes and only 0 follow")
    #expect(
      fault([8] + Array(repeating: 0xFF, count: 20))
        == "this is not a valid ONNX file: the number at byte 1 has more than 10 bytes")
    #expect(fault([8, 8, 0x3B, 0x3C]).hasSuffix("is of the kind 3, which ONNX does not use"))
  }

  @Test func `is refused if it is nested without end`() {
    // Types in types: sequences of sequences. And graphs in attributes of nodes in graphs.
    var type = protobufField(1, [])
    for _ in 0..<2000 { type = protobufField(4, protobufField(1, type)) }
    let reason = "the file is refused: its parts are nested more than 40 deep"
    #expect(fault([8, 8] + protobufField(7, protobufField(11, protobufField(2, type)))) == reason)
    var graph = protobufField(2, [])
    for _ in 0..<2000 { graph = protobufField(1, protobufField(5, protobufField(6, graph))) }
    #expect(fault([8, 8] + protobufField(7, graph)) == reason)
  }

  @Test func `is refused if it has more parts than any network`() {
    let start = processorSeconds()
    let nodes = Array(repeating: [0x0A, 0] as [UInt8], count: 300_000).flatMap { $0 }
    #expect(
      fault([8, 8] + protobufField(7, nodes))
        == "the file is refused: it has more than 250000 parts")
    let numbers = Array(repeating: [0x08, 1] as [UInt8], count: 2_100_000).flatMap { $0 }
    #expect(
      fault([8, 8] + protobufField(7, protobufField(5, numbers)))
        == "the file is refused: it has more than 2000000 fields")
    #expect(processorSeconds() - start < 5)
  }

  @Test func `is refused if its numbers take far more memory than the file`() throws {
    let ones = [UInt8](repeating: 1, count: 8 << 20)
    let reason = "the file is refused: its lists of whole numbers would take more than 48 MB, "
    // The dimensions of a tensor, its numbers, and those of an attribute.
    for list in [
      protobufField(5, protobufField(1, ones)), protobufField(5, protobufField(7, ones)),
      protobufField(5, protobufField(11, ones)),
      protobufField(1, protobufField(5, protobufField(8, ones))),
    ] {
      #expect(fault([8, 8] + protobufField(7, list)).hasPrefix(reason))
    }
    // Weights in float16, of three bytes each.
    let weights = Array(repeating: [0x80, 0xF8, 1] as [UInt8], count: 8 << 20).flatMap { $0 }
    let halves = protobufField(5, protobufField(5, weights))
    #expect(!fault([8, 8] + protobufField(7, halves)).hasPrefix("the file is refused"))
  }

  @Test func `is refused for names that are not UTF-8`() {
    #expect(
      fault([8, 8] + protobufField(7, protobufField(2, [0xFF, 0xFE])))
        == "this is not a valid ONNX file: a name in it is not UTF-8")
  }
}
