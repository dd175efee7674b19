import ArgumentParser
import Foundation
import GraphIR
import OnnxFiles
import OnnxImport
import SpecLanguage

/// The spec or ONNX file, its parameters, and what of it is wanted.
struct SpecOptions: ParsableArguments {
  @ArgumentParser.Argument(
    help: "The spec or ONNX file, or '-' for a spec on standard input.",
    completion: .file(extensions: ["spec", "onnx"]))
  var spec: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Give a parameter of the model a value, such as batch=8. Repeatable.",
      discussion: """
        An ONNX file's parameters are 'batch', the first dimension of its input, which is 1 where the \
        file leaves it open, and the other dimensions of it that are open.
        """,
      valueName: "name=value"))
  var settings: [String] = []

  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      """
      Return this value of the network, such as layer4 or layer1.0.conv2, instead of what the spec \
      returns, whose name is 'output'. Repeatable: a module may return several.
      """, valueName: "name"))
  var outputs: [String] = []

  func validate() throws {
    for setting in settings where setting.first == "=" || !setting.contains("=") {
      throw ValidationError("'--set \(setting)' should read --set name=value, such as batch=8")
    }
  }

  /// The arguments that say the same.
  var arguments: [String] {
    [spec] + settings.flatMap { ["--set", $0] } + outputs.flatMap { ["--output", $0] }
  }

  var isStandardInput: Bool { spec == "-" }

  /// Reads and elaborates the spec, whose warnings go to standard error, or imports the ONNX file; and
  /// takes the outputs that are wanted.
  ///
  /// - Throws: `SpecRefused`, `FileAccessError`, `OnnxFileError`, `OnnxImportError`,
  ///   `OutputSelectionError`.
  func load() throws -> LoadedModel {
    var loaded: LoadedModel
    if isOnnx {
      let file = try OnnxModel(path: spec)
      let imported = try importOnnx(file, settings: overrides)
      loaded = LoadedModel(
        model: imported.model, weights: imported.weights,
        files: [spec] + Set(file.graph.initializers.values.compactMap(\.externalPath)).sorted())
    } else {
      loaded = LoadedModel(model: try elaborated(), files: isStandardInput ? [] : [spec])
    }
    if !outputs.isEmpty { try loaded.model.selectOutputs(outputs) }
    return loaded
  }

  /// The model without its weights.
  ///
  /// - Throws: as `load` does.
  func loadModel() throws -> Model { try load().model }

  private func elaborated() throws -> Model {
    let path = isStandardInput ? SpecText.standardInputName : spec
    let compilation = compileSpec(path: path, overrides: overrides, load: SpecText.read)
    let text = compilation.renderedDiagnostics(
      usesColor: Terminal.usesColor, program: "resnetc")
    guard let model = compilation.model else { throw SpecRefused(text: text) }
    if !text.isEmpty { Terminal.writeError(text) }
    return model
  }

  private var overrides: [String: String] {
    var overrides: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      overrides[String(parts[0])] = String(parts[1])
    }
    return overrides
  }

  /// Whether the file is an ONNX model by its name or by its first byte, which is that of the version
  /// of ONNX and begins no text.
  private var isOnnx: Bool {
    if isStandardInput { return false }
    if spec.lowercased().hasSuffix(".onnx") { return true }
    // Nothing may be taken from a pipe.
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: spec).resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular,
      let file = FileHandle(forReadingAtPath: spec)
    else { return false }
    return (try? file.read(upToCount: 1))?.first == 0x08
  }
}

/// A model and, where the file that it is from has them, its weights.
struct LoadedModel {
  var model: Model
  var weights: ImportedWeights?
  /// What it was read from.
  var files: [String]
}

/// Texts of specs.
enum SpecText {
  /// What diagnostics call standard input.
  static let standardInputName = "<stdin>"

  /// A hundred times what ResNet-152 takes, written out node by node.
  private static let maximalSize = 4 << 20

  /// Why a text cannot be read. Who shows it names the file.
  struct ReadError: Error, CustomStringConvertible {
    var description: String
  }

  /// Reads a text file, which may be a pipe, or standard input.
  ///
  /// - Throws: `ReadError`.
  static func read(_ path: String) throws -> String {
    let file: FileHandle
    if path == standardInputName {
      file = FileHandle.standardInput
    } else {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ReadError(description: "there is no such file")
      }
      if isFolder.boolValue { throw ReadError(description: "this is a directory") }
      guard let opened = FileHandle(forReadingAtPath: path) else {
        throw ReadError(description: "permission denied, or it is no file")
      }
      file = opened
    }
    var data = Data()
    do {
      // A pipe gives what it has, which may be less than is asked for, or never end.
      while let part = try file.read(upToCount: maximalSize + 1), !part.isEmpty {
        data += part
        guard data.count <= maximalSize else {
          throw ReadError(description: "it has more than \(maximalSize >> 20) MB, as no spec has")
        }
      }
    } catch let error as ReadError {
      throw error
    } catch {
      throw ReadError(description: "permission denied, or it is no file")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ReadError(description: "it is not UTF-8 text")
    }
    return text
  }
}
