import ArgumentParser
import Foundation
import Toolchain

/// What generated code can be held against beside the interpreter.
enum Peer: String, ExpressibleByArgument, CaseIterable {
  case onnxruntime
}

/// Another runtime to compare with, and the Python that has it.
struct PeerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compare whole inferences with those of another runtime, on the same input, in turns.",
      discussion: """
        It takes Python with the packages onnxruntime and numpy. Threads are bound to processors in both.
        """,
      valueName: "onnxruntime"))
  var against: Peer?

  @Option(
    help: ArgumentHelp(
      "The Python to run the other runtime in; without it $RESNETC_PYTHON, or python3 in PATH.",
      valueName: "path"),
    completion: .file())
  var python: String?

  func validate() throws {
    if python != nil, against == nil {
      throw ValidationError("'--python' is for '--against onnxruntime'")
    }
  }

  /// The path of the Python to use.
  ///
  /// - Throws: `PeerError.noPython`.
  func findPython() throws -> String {
    let environment = ProcessInfo.processInfo.environment["RESNETC_PYTHON"] ?? ""
    let name = python ?? (environment.isEmpty ? "python3" : environment)
    guard let path = programPath(name) else { throw PeerError.noPython(name: name) }
    return path
  }
}
