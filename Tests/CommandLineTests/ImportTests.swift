import Foundation
import ModelFiles
import TestSupport
import Testing

@Suite struct `resnetc import` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The trained ResNet-8 as an ONNX file, whose name the model gets.
  private func onnxFile() throws -> String {
    let path = folder.path + "/tiny-resnet.onnx"
    let exported = try resnetc("export", resnet8, "--disable-pass", "all", "--onnx", path)
    #expect(exported.code == 0, "\(exported.errors)")
    return path
  }

  @Test func `writes a spec in canonical form and weights that every command finds beside it`()
    throws
  {
    let onnx = try onnxFile()
    let imported = try resnetc("import", onnx, "-o", folder.path + "/Models/ResNet8")
    #expect(imported.code == 0, "\(imported.errors)")
    let spec = folder.path + "/Models/ResNet8/tiny-resnet.spec"
    let text = try String(contentsOfFile: spec, encoding: .utf8)
    #expect(text.hasPrefix("# Written by resnetc import from tiny-resnet.onnx.\n"))
    #expect(text.contains("|> layer2.0: basic(32, stride: 2)"))
    #expect(try resnetc("fmt", "--check", spec).code == 0)
    let own = try SafetensorsFile(
      path: folder.path + "/Models/ResNet8/tiny-resnet.safetensors")
    let trained = try SafetensorsFile(path: resnet8Weights)
    #expect(Set(own.tensors.map(\.name)) == Set(trained.tensors.map(\.name)))
    for tensor in own.tensors {
      #expect(try own.values(of: tensor) == trained.values(of: #require(trained[tensor.name])))
    }
    func logits(_ file: String) throws -> String {
      let ran = try resnetc("run", file, "--input", "seeded", "--json")
      #expect(ran.code == 0, "\(ran.errors)")
      return "\(try ran.json()["outputs"] ?? "none")"
    }
    #expect(try logits(spec) == logits(onnx))
    #expect(try logits(spec) != "none")
  }

  @Test func `replaces nothing unless it is told to`() throws {
    let onnx = try onnxFile()
    let spec = try folder.file("tiny-resnet.spec", "mine")
    let other = try folder.file("other.txt", "mine")
    let refused = try resnetc("import", onnx, "-o", folder.path)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("tiny-resnet.spec is there already; replace it with --force"))
    #expect(try String(contentsOfFile: spec, encoding: .utf8) == "mine")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/tiny-resnet.safetensors"))
    #expect(try resnetc("import", onnx, "-o", folder.path, "--force").code == 0)
    #expect(try String(contentsOfFile: spec, encoding: .utf8).contains("model tiny_resnet("))
    #expect(try String(contentsOfFile: other, encoding: .utf8) == "mine")
  }

  @Test func `refuses what is no ONNX file, and no folder`() throws {
    let spec = try resnetc("import", resnet8, "-o", folder.path)
    #expect(spec.code == 1)
    #expect(spec.errors.contains("this is a spec already; name an ONNX file"))
    let file = try folder.file("file", "text")
    let refused = try resnetc("import", try onnxFile(), "-o", file)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("this is a file; name a folder to write"))
  }
}
