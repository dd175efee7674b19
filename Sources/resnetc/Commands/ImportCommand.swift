import ArgumentParser
import Foundation
import GraphIR
import ModelFiles
import SpecWriting

/// `resnetc import`: writes a spec and weights for an ONNX model.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Write an ONNX model as a spec that people can read, with its weights beside it.",
    discussion: """
      Blocks that repeat are found by their structure and written once. Names that come from PyTorch's \
      modules are kept, so that checkpoints of the same network fit the spec; others are made up.

      Example:
        resnetc import resnet18.onnx -o Models/
        resnetc compile Models/resnet18.spec
      """)

  @OptionGroup var source: SpecOptions

  @Option(
    name: [.customShort("o"), .customLong("folder")],
    help: ArgumentHelp(
      "The folder for the two files, which is made where it is missing; without it, the current one.",
      valueName: "dir"),
    completion: .directory)
  var folder = "."

  @Flag(help: "Replace files that are there already.")
  var force = false

  func validate() throws {
    if folder.isEmpty {
      throw ValidationError("'--folder' should name the folder to write to, and the name is empty")
    }
  }

  func run() throws {
    let loaded = try source.load()
    guard let weights = loaded.weights else {
      throw InputError("\(source.spec.printable()): this is a spec already; name an ONNX file")
    }
    let model = loaded.model
    let file = source.spec.split(separator: "/").last.map(String.init) ?? source.spec
    let written = try writeSpec(model, origin: file.printable())
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let spec = prefix + model.graph.name + ".spec"
    let tensors = prefix + model.graph.name + ".safetensors"
    try prepare(prefix, for: [spec, tensors])
    let progress = Progress()
    progress.show("writing the weights …")
    defer { progress.clear() }
    TemporaryFiles.setOutput(tensors)
    defer { TemporaryFiles.setOutput() }
    try writeSafetensors(
      written.parameters, from: RenamedWeights(source: weights, names: written.tensorNames),
      metadata: ["format": "pt"], to: tensors)
    try writeAtomically(written.text, to: spec)
    progress.clear()
    print(summary(of: written, model, spec: spec, weights: tensors), terminator: "")
  }

  /// Makes the folder, and sees to it that nothing is lost in it: a spec is there to be edited.
  private func prepare(_ prefix: String, for files: [String]) throws {
    do {
      try FileManager.default.createDirectory(atPath: prefix, withIntermediateDirectories: true)
    } catch {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: String(prefix.dropLast()), isDirectory: &isFolder)
      throw exists && !isFolder.boolValue
        ? WriteError.notADirectory(path: folder)
        : WriteError.failed(path: folder, reason: "the folder cannot be made")
    }
    for file in files {
      guard force || !FileManager.default.fileExists(atPath: file) else {
        throw InputError(
          "\(file.printable()) is there already; replace it with --force, or name another folder")
      }
      try checkWritable(file)
    }
  }

  private func summary(
    of written: WrittenSpec, _ model: Model, spec: String, weights: String
  ) -> String {
    let graph = model.graph
    let count = written.parameters.map(\.shape.elementCount).reduce(0, +)
    let kept = written.tensorNames.count { $0.key == $0.value }
    var table = TextTable([.left, .left])
    table.append(["spec", spec])
    table.append(["weights", "\(weights), \(Show.megabytes(4 * count))"])
    table.append(["lines", "\(written.text.count { $0 == "\n" })"])
    table.append(["operations", "\(graph.nodes.count - graph.inputs.count)"])
    table.append([
      "names", "\(kept) of \(written.parameters.count) tensors have the names of the file",
    ])
    return table.text()
  }
}

/// Weights under the names that a written spec gives them.
private struct RenamedWeights<Source: ParameterSource>: ParameterSource {
  var source: Source
  var names: [String: String]

  func values(of parameter: ParameterSpec) throws -> [Float] {
    try source.values(
      of: ParameterSpec(name: names[parameter.name] ?? parameter.name, shape: parameter.shape))
  }
}
