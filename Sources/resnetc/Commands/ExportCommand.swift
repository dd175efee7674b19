import ArgumentParser
import Diagnostics
import Foundation
import GraphIR
import GraphPasses
import ModelFiles
import OnnxExport
import ResNetCompiler

/// `resnetc export`: writes the network for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a network and its weights as an ONNX model.",
    discussion: """
      It is the network that the compiler plans for, after its passes: batch norms are part of the
      weights, which keep their names, and operations that a kernel does at once stand one behind the
      other again. With '--disable-pass all' it is the network as the spec has it.

      Shapes are fixed (--set batch=8). The input is an image after preprocessing; how pictures are
      prepared and what the classes are called, where the spec says it, is in the model's metadata, as
      JSON under 'preprocessing' and 'labels'. A file that is there already is replaced.

      Example:
        resnetc export Specs/resnet50.spec --weights resnet50.safetensors --onnx resnet50.onnx
        resnetc export Specs/resnet50.spec --set batch=8 --weights seeded --onnx resnet50.onnx
      """)

  @OptionGroup var spec: SpecOptions
  @OptionGroup var weights: WeightsOptions

  @Option(
    name: [.customLong("onnx"), .customShort("o")],
    help: ArgumentHelp("The file to write.", valueName: "file.onnx"),
    completion: .file(extensions: ["onnx"]))
  var onnx: String

  @Flag(
    help: """
      Write the weights to file.onnx.data beside the model, as is done in any case for what is larger \
      than 2 GB. Both files have to stay together, under these names.
      """)
  var externalData = false

  @OptionGroup var passes: PassChoice

  func validate() throws {
    if onnx.isEmpty {
      throw ValidationError("'--onnx' should name the file to write, and the name is empty")
    }
  }

  func run() throws {
    let loaded = try spec.load()
    let model = loaded.model
    let source = try weights.load(for: loaded, spec: spec)
    let (graph, reports) = try PassManager().run(model.graph, options: passes.options)
    let export = try OnnxExport(
      graph, outputNames: model.outputNames, properties: model.onnxProperties,
      producerVersion: compilerVersion)
    let targets = [onnx] + (export.hasDataFile(externalData) ? [OnnxExport.dataPath(of: onnx)] : [])
    try refuse(toReplace: loaded.files + (source.file.map { [$0] } ?? []), by: targets)
    let progress = Progress()
    progress.show("writing the model …")
    defer { progress.clear() }
    let files = try export.write(from: source, toFile: onnx, externalData: externalData)
    progress.clear()
    var table = TextTable([.left, .left])
    for (kind, file) in zip(["model", "data"], files) {
      table.append([kind, "\(file.path), \(Show.megabytes(file.byteCount))"])
    }
    describe(model, graph, reports, source, in: &table)
    print(table.text(), terminator: "")
  }

  private func describe(
    _ model: Model, _ graph: Graph, _ reports: [PassReport], _ weights: Weights,
    in table: inout TextTable
  ) {
    func described(_ ids: [NodeID], _ names: [String]) -> String {
      zip(ids, names).map { "\($1) \(graph[$0].type.shape)" }.joined(separator: ", ")
    }
    table.append(["network", graph.name])
    table.append(["input", described(graph.inputs, graph.inputs.map { graph[$0].name })])
    table.append([
      graph.outputs.count == 1 ? "output" : "outputs", described(graph.outputs, model.outputNames),
    ])
    table.append(["weights", weights.described])
    table.append(["passes", reports.isEmpty ? "none" : PassRewrites.text(reports)])
  }

  /// The model would take the place of what it is made from, and nobody has the original any more.
  private func refuse(toReplace sources: [String], by targets: [String]) throws {
    for target in targets {
      for source in sources where isSameFile(source, target) {
        throw InputError(
          "\(target.printable()): the network is read from this file; name another to write")
      }
    }
  }
}

/// Whether two paths lead to one file.
private func isSameFile(_ a: String, _ b: String) -> Bool {
  var (first, second) = (stat(), stat())
  return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev
    && first.st_ino == second.st_ino
}

extension OnnxExport {
  /// Where the weights of the model at a path go, if they have a file of their own.
  static func dataPath(of path: String) -> String { path + ".data" }

  /// Whether the weights have a file of their own: it was asked for, or one would be too large.
  func hasDataFile(_ externalData: Bool) -> Bool { externalData || isTooLargeForOneFile }

  /// Writes the model, and with it perhaps a file of weights. They appear when all of both is there.
  ///
  /// - Returns: what was written: the model and, if there is one, the other file.
  /// - Throws: `WriteError`, `FoldingError`, or what the source throws.
  @discardableResult
  func write(
    from source: Weights, toFile path: String, externalData: Bool = false
  ) throws -> [(path: String, byteCount: Int)] {
    let dataPath = Self.dataPath(of: path)
    TemporaryFiles.setOutput(path, dataPath)
    defer { TemporaryFiles.setOutput() }
    guard hasDataFile(externalData) else {
      try writeAtomically(to: path) { append in try write(from: source, to: append) }
      return [(path, byteCount)]
    }
    let location = dataPath.split(separator: "/").last.map(String.init) ?? dataPath
    var (model, data) = (0, 0)
    try writeAtomically(to: path, companion: dataPath) { append, appendData in
      try write(
        from: source,
        to: {
          model += $0.count
          try append($0)
        },
        data: {
          data += $0.count
          try appendData($0)
        }, location: location)
    }
    return [(path, model), (dataPath, data)]
  }
}
