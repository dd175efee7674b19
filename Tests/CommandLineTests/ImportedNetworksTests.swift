import Foundation
import TestSupport
import Testing

/// What `resnetc import` writes of a file computes what the file computes, bit by bit: it is the same
/// network with the same weights.
@Suite struct `A spec and weights that were imported` {
  /// All exports that are tested, without their ending.
  private static let exports: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(
      atPath: project("Tests/Data/onnx-exports"))
    return (files ?? []).filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()
  }()

  /// One of each kind of network, from the exporter that leaves the most behind.
  private static let kinds = [
    "basic-dynamo-18-dynamic-unoptimized", "bottleneck-torchscript-17",
    "cifar-torchscript-13-dynamic-unfolded", "wider-dynamo-18-dynamic-unoptimized",
    "channels-last",
  ]

  private static func onnx(_ name: String) -> String {
    project("Tests/Data/onnx-exports/\(name).onnx")
  }

  /// Imports a file into a folder.
  ///
  /// - Returns: the paths of the spec and of the weights.
  private static func imported(
    _ file: String, into folder: TemporaryFolder
  ) throws -> (spec: String, weights: String) {
    let outcome = try resnetc("import", file, "-o", folder.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    let name = try #require(try folder.contents().first { $0.hasSuffix(".spec") })
    let path = folder.path + "/" + name
    return (path, String(path.dropLast("spec".count)) + "safetensors")
  }

  private static func outputs(_ file: String, _ options: [String]) throws -> String {
    let arguments = ["run", file, "--input", "seeded", "--json"] + options
    let outcome = try RunningProgram(resnetcPath, arguments).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return "\(try #require(try outcome.json()["outputs"]))"
  }

  @Test func `are tested with all exports`() { #expect(Self.exports.count == 22) }

  @Test(arguments: exports)
  func `give the interpreter the same results`(name: String) throws {
    let folder = try TemporaryFolder()
    let (spec, weights) = try Self.imported(Self.onnx(name), into: folder)
    #expect(FileManager.default.fileExists(atPath: weights))
    #expect(
      try Self.outputs(spec, ["--interpret"]) == Self.outputs(Self.onnx(name), ["--interpret"]))
  }

  @Test(arguments: exports.filter { $0.contains("dynamic") })
  func `take another batch where the file does`(name: String) throws {
    let folder = try TemporaryFolder()
    let (spec, _) = try Self.imported(Self.onnx(name), into: folder)
    let options = ["--interpret", "--set", "batch=3"]
    #expect(try Self.outputs(spec, options) == Self.outputs(Self.onnx(name), options))
  }

  @Test(arguments: kinds)
  func `compile to code with the same results`(name: String) throws {
    let folder = try TemporaryFolder()
    let (spec, _) = try Self.imported(Self.onnx(name), into: folder)
    #expect(try Self.outputs(spec, []) == Self.outputs(Self.onnx(name), []))
  }

  /// Its weights are made by nodes of the file.
  @Test func `are those of ONNX's own ResNet-50`() throws {
    let folder = try TemporaryFolder()
    let onnx = project("Tests/Data/onnx-light/light_resnet50.onnx")
    let (spec, _) = try Self.imported(onnx, into: folder)
    #expect(try Self.outputs(spec, ["--interpret"]) == Self.outputs(onnx, ["--interpret"]))
    let text = try String(contentsOfFile: spec, encoding: .utf8)
    #expect(text.contains("block "))
    #expect(text.split(separator: "\n").count < 45)
  }

  /// Networks with the blocks of ResNets, whichever exporter wrote them, and whatever of it is left.
  @Test(arguments: exports)
  func `say once what repeats`(name: String) throws {
    let folder = try TemporaryFolder()
    let (spec, _) = try Self.imported(Self.onnx(name), into: folder)
    let lines = try String(contentsOfFile: spec, encoding: .utf8).split(separator: "\n")
    #expect(lines.count <= 22)
    // The others have no block that repeats.
    guard name.hasPrefix("basic") || name.hasPrefix("bottleneck") else { return }
    let definitions = lines.filter { $0.hasPrefix("block ") }
    let block = try #require(definitions.first?.dropFirst("block ".count).prefix { $0 != "(" })
    #expect(definitions.count == 1)
    #expect(lines.count { $0.contains(": \(block)(") } == 4)
  }
}
