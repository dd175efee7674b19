import Foundation
import GraphIR
import ModelFiles
import ResNetCompiler
import SpecLanguage
import let TestSupport.projectFolder
import Testing
import Toolchain

/// The model of a spec in `Specs/`.
func model(_ name: String) throws -> Model {
  let path = projectFolder.appendingPathComponent("Specs/\(name).spec").path
  let compilation = compileSpec(path: path, overrides: [:]) {
    try String(contentsOfFile: $0, encoding: .utf8)
  }
  return try #require(compilation.model, "\(compilation.renderedDiagnostics())")
}

/// The trained weights of `Specs/resnet8-cifar10.spec`.
func trainedWeights() throws -> StateDict {
  try StateDict(
    path: projectFolder.appendingPathComponent("Specs/resnet8-cifar10.safetensors").path)
}

/// The C compiler with OpenMP that is found here, looked for once.
func compilerWithOpenMP() throws -> CCompiler { try foundCompiler.get() }

private let foundCompiler = Result { try CompilerSearch.run().compiler }

/// What a fully trained network says about the pictures of `Tests/Data/resnet8-cifar10`.
struct ExpectedClasses: Decodable {
  struct Image: Decodable {
    var predicted: String
    var logits: [Float]
  }

  var images: [String: Image]

  static var folder: URL { projectFolder.appendingPathComponent("Tests/Data/resnet8-cifar10") }

  static func read() throws -> ExpectedClasses {
    try JSONDecoder().decode(
      ExpectedClasses.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
  }
}

/// A command that did not end as it should.
struct CommandFailure: Error, CustomStringConvertible {
  var command: [String]
  var status: Int32
  var output: String
  var description: String { "\(command.joined(separator: " ")) ended with \(status)\n\(output)" }
}

/// Runs a command that has to succeed.
///
/// - Returns: what it printed to standard output.
@discardableResult
func run(
  _ command: [String], in folder: URL, environment: [String: String] = [:]
) throws -> String {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = command
  process.currentDirectoryURL = folder
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let pipe = Pipe()
  process.standardOutput = pipe
  // Errors go to a file: with a second pipe, one could fill up while the other is read.
  let errors = folder.appendingPathComponent(".errors-\(UUID().uuidString)")
  try Data().write(to: errors)
  defer { try? FileManager.default.removeItem(at: errors) }
  process.standardError = try FileHandle(forWritingTo: errors)
  try process.run()
  let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CommandFailure(
      command: command, status: process.terminationStatus,
      output: output + ((try? String(contentsOf: errors, encoding: .utf8)) ?? ""))
  }
  return output
}

/// The contents of all files below a folder, by their paths in it; hidden ones too.
func files(below folder: URL) throws -> [String: Data] {
  let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
  var contents: [String: Data] = [:]
  for path in paths {
    let url = folder.appendingPathComponent(path)
    if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true {
      contents[path] = try Data(contentsOf: url)
    }
  }
  return contents
}
