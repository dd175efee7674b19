import ArgumentParser
import Foundation
import GraphIR
import SpecLanguage

/// The spec and its parameters.
struct SpecOptions: ParsableArguments {
  @ArgumentParser.Argument(
    help: "The spec file, or '-' for standard input.", completion: .file(extensions: ["spec"]))
  var spec: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Give a parameter of the model a value, such as batch=8. Repeatable.",
      valueName: "name=value"))
  var settings: [String] = []

  func validate() throws {
    for setting in settings where setting.first == "=" || !setting.contains("=") {
      throw ValidationError("'--set \(setting)' should read --set name=value, such as batch=8")
    }
  }

  /// The arguments that say the same.
  var arguments: [String] { [spec] + settings.flatMap { ["--set", $0] } }

  var isStandardInput: Bool { spec == "-" }

  /// Reads and elaborates the spec; its warnings go to standard error.
  ///
  /// - Throws: `SpecRefused`.
  func loadModel() throws -> Model {
    let path = isStandardInput ? SpecText.standardInputName : spec
    var overrides: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      overrides[String(parts[0])] = String(parts[1])
    }
    let compilation = compileSpec(path: path, overrides: overrides, load: SpecText.read)
    let text = compilation.renderedDiagnostics(
      usesColor: Terminal.usesColor, program: "resnetc")
    guard let model = compilation.model else { throw SpecRefused(text: text) }
    if !text.isEmpty { Terminal.writeError(text) }
    return model
  }
}

/// Texts of specs.
enum SpecText {
  /// What diagnostics call standard input.
  static let standardInputName = "<stdin>"

  /// Why a text cannot be read. Who shows it names the file.
  struct ReadError: Error, CustomStringConvertible {
    var description: String
  }

  /// Reads a text file, which may be a pipe, or standard input.
  ///
  /// - Throws: `ReadError`.
  static func read(_ path: String) throws -> String {
    let data: Data
    if path == standardInputName {
      data = FileHandle.standardInput.readDataToEndOfFile()
    } else {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw ReadError(description: "there is no such file")
      }
      if isFolder.boolValue { throw ReadError(description: "this is a directory") }
      guard let file = FileHandle(forReadingAtPath: path),
        let bytes = try? file.readToEnd() ?? Data()
      else { throw ReadError(description: "permission denied, or it is no file") }
      data = bytes
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw ReadError(description: "it is not UTF-8 text")
    }
    return text
  }
}
