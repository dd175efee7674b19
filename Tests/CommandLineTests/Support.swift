import Foundation
import TestSupport
import Testing

/// The path of a file of the project.
func project(_ path: String) -> String { projectFolder.appendingPathComponent(path).path }

/// The small spec that most tests use, with trained weights beside it.
let resnet8 = project("Specs/resnet8-cifar10.spec")
let resnet8Weights = project("Specs/resnet8-cifar10.safetensors")
let pictureFolder = project("Tests/Data/resnet8-cifar10")

/// How a program ended and what it wrote.
struct Outcome {
  var code: Int32
  var signal: Int32?
  var output: String
  var errors: String

  /// Standard output as a JSON object.
  func json() throws -> [String: Any] {
    try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
      "\(output)\(errors)")
  }
}

/// A running program whose output goes to files, so that it never waits for a reader.
final class RunningProgram {
  let process = Process()
  private let folder: TemporaryFolder

  init(
    _ path: String, _ arguments: [String], input: String = "", in workingFolder: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    if let workingFolder {
      process.currentDirectoryURL = URL(fileURLWithPath: workingFolder)
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: try folder.file("in", input))
    process.standardOutput = FileHandle(forWritingAtPath: try folder.file("out", []))
    process.standardError = FileHandle(forWritingAtPath: try folder.file("err", []))
    try process.run()
  }

  /// Waits for its end; a program that hangs is killed, and the test fails.
  func wait() throws -> Outcome {
    let deadline = ContinuousClock.now + .seconds(120)
    while process.isRunning, ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
    if process.isRunning {
      Issue.record("it hangs: \(process.arguments ?? [])")
      kill(process.processIdentifier, SIGKILL)
    }
    process.waitUntilExit()
    let wasKilled = process.terminationReason == .uncaughtSignal
    return Outcome(
      code: wasKilled ? -1 : process.terminationStatus,
      signal: wasKilled ? process.terminationStatus : nil, output: try folder.text(of: "out"),
      errors: try folder.text(of: "err"))
  }
}

/// The program under test, in the folder of the tests.
let resnetcPath: String = {
  let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
  let arguments = ProcessInfo.processInfo.arguments.map { URL(fileURLWithPath: $0) }
  let folders = ([tests] + arguments).map { $0.deletingLastPathComponent() }
  let candidates = folders.map { $0.appendingPathComponent("resnetc").path }
  return candidates.first(where: FileManager.default.isExecutableFile) ?? candidates[0]
}()

/// Runs `resnetc` to its end.
func resnetc(
  _ arguments: String..., input: String = "", in folder: String? = nil,
  environment: [String: String] = [:]
) throws -> Outcome {
  try RunningProgram(
    resnetcPath, arguments, input: input, in: folder, environment: environment
  ).wait()
}
