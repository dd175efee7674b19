import Foundation
import ModelFiles
import OnnxFiles
import OnnxImport
import TestSupport
import Testing

/// Damaged copies of real files: each is read in full and made a network of, or refused with words, at
/// once.
@Suite struct `A damaged ONNX file` {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.file(
      "dynamo-external.onnx.data", readBytes(onnxFile("dynamo-external.onnx.data")))
  }

  /// Reads a model and all elements of its tensors, and imports it.
  ///
  /// - Returns: whether it could be read.
  @discardableResult
  private func read(_ bytes: [UInt8]) throws -> Bool {
    let path = try folder.file("m.onnx", bytes)
    let start = processorSeconds()
    defer { #expect(processorSeconds() - start < 1) }
    do {
      let model = try OnnxModel(path: path)
      let graph = model.graph
      let constants = graph.nodes.flatMap(\.attributes).compactMap { attribute in
        if case .tensor(let tensor) = attribute.value { tensor } else { nil }
      }
      for tensor in graph.initializers.values + constants {
        let count = tensor.shape.elementCount
        if tensor.elementType.isFloatingPoint {
          #expect(try tensor.floatValues().count == count)
        } else if tensor.elementType.isInteger, let values = try? tensor.intValues() {
          #expect(values.count == count)
        }
      }
      do {
        _ = try importOnnx(model)
      } catch {
        #expect(error is OnnxImportError || error is OnnxFileError)
        #expect("\(error)".hasPrefix(path), "\(error)")
      }
      return true
    } catch {
      #expect(error is OnnxFileError || error is FileAccessError)
      #expect("\(error)".hasPrefix(path), "\(error)")
      return false
    }
  }

  static let files = [
    "torchscript.onnx", "torchscript-unfolded.onnx", "dynamo.onnx", "dynamo-external.onnx",
    "batch-normalization.onnx", "branches.onnx", "constant.onnx", "convolution.onnx",
    "sequences.onnx",
  ]

  @Test(arguments: files)
  func `is no danger`(name: String) throws {
    let bytes = try readBytes(onnxFile(name))
    var random = SeededGenerator(state: 1)
    for _ in 0..<200 { try read(mutated(bytes, in: bytes.indices, &random)) }
  }

  @Test(arguments: files)
  func `whose lengths are right is no danger`(name: String) throws {
    let bytes = try readBytes(onnxFile(name))
    let tree = try #require(WireTree(bytes))
    #expect(tree.bytes == bytes)
    let donors = tree.values
    var random = SeededGenerator(state: 2)
    var accepted = 0
    for _ in 0..<300 {
      var tree = tree
      for _ in 0..<Int.random(in: 1...3, using: &random) { tree.mutate(&random, donors: donors) }
      if try read(tree.bytes) { accepted += 1 }
    }
    // Some changes do no harm, such as one to a name; if all were refused, little would be read.
    // One file is refused as it is.
    if name != "sequences.onnx" { #expect((15...290).contains(accepted), "\(accepted)") }
  }

  @Test func `of one tensor is no danger`() throws {
    let bytes = try readBytes(onnxFile("convolution-input.pb"))
    var random = SeededGenerator(state: 3)
    for _ in 0..<500 {
      let path = try folder.file("t.pb", mutated(bytes, in: bytes.indices, &random))
      do {
        _ = try OnnxTensor(path: path).floatValues()
      } catch {
        #expect(error is OnnxFileError, "\(error)")
      }
    }
  }

  @Test func `is no danger if the file beside it is shorter`() throws {
    let model = try readBytes(onnxFile("dynamo-external.onnx"))
    let data = try readBytes(onnxFile("dynamo-external.onnx.data"))
    for count in stride(from: 1, through: data.count, by: 37) {
      _ = try folder.file("dynamo-external.onnx.data", Array(data.prefix(count)))
      #expect(try !read(model))
    }
  }
}
