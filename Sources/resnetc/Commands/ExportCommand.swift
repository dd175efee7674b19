import ArgumentParser
import GraphIR
import ModelFiles
import OnnxExport
import ResNetCompiler

/// `resnetc export`: writes the network for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a network and its weights as an ONNX model.",
    discussion: """
      It is the network as the spec has it, before the compiler changes anything, with shapes fixed and
      the names of nodes and tensors kept. The input is an image after preprocessing.

      Example:
        resnetc export Specs/resnet50.spec --weights resnet50.safetensors --onnx resnet50.onnx
        resnetc export Specs/resnet50.spec --set batch=8 --weights seeded --onnx resnet50.onnx
      """)

  @OptionGroup var spec: SpecOptions
  @OptionGroup var weights: WeightsOptions

  @Option(
    help: ArgumentHelp("The file to write.", valueName: "file.onnx"),
    completion: .file(extensions: ["onnx"]))
  var onnx: String

  func validate() throws {
    if onnx.isEmpty {
      throw ValidationError("'--onnx' should name the file to write, and the name is empty")
    }
  }

  func run() throws {
    let loaded = try spec.load()
    let model = loaded.model
    let source = try weights.load(for: loaded, spec: spec)
    let export = try OnnxExport(
      model.graph, outputNames: model.outputNames, producerVersion: compilerVersion)
    let progress = Progress()
    progress.show("writing the model …")
    defer { progress.clear() }
    try export.write(from: source, toFile: onnx)
    progress.clear()
    print(summary(model, source, byteCount: export.byteCount), terminator: "")
  }

  private func summary(_ model: Model, _ weights: Weights, byteCount: Int) -> String {
    let graph = model.graph
    func described(_ ids: [NodeID], _ names: [String]) -> String {
      zip(ids, names).map { "\($1) \(graph[$0].type.shape)" }.joined(separator: ", ")
    }
    var table = TextTable([.left, .left])
    table.append(["model", onnx])
    table.append(["network", graph.name])
    table.append(["input", described(graph.inputs, graph.inputs.map { graph[$0].name })])
    table.append([
      graph.outputs.count == 1 ? "output" : "outputs", described(graph.outputs, model.outputNames),
    ])
    table.append(["weights", weights.described])
    table.append(["size", Show.megabytes(byteCount)])
    return table.text()
  }
}

extension OnnxExport {
  /// Writes the model to a file, which appears when all of it is there.
  ///
  /// - Throws: `WriteError`, or what the source throws.
  func write(from source: Weights, toFile path: String) throws {
    TemporaryFiles.setOutput(path)
    defer { TemporaryFiles.setOutput(nil) }
    try writeAtomically(to: path) { append in try write(from: source, to: append) }
  }
}
