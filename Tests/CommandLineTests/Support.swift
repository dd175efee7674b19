import Foundation
import Testing

/// The folder of the project.
let projectFolder = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

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

/// A folder for one test, removed with everything in it when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent(
        "resnetc-tests-\(UUID().uuidString)"
      ).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file with these bytes and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Writes a text file and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  /// Writes a shell script that can be run and returns its path.
  func script(_ name: String, _ text: String) throws -> String {
    let path = try file(name, "#!/bin/sh\n" + text + "\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  /// The names in a folder in it, hidden ones included, sorted.
  func contents(of subfolder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + "/" + subfolder).sorted()
  }

  /// The paths of all files below a folder in it, sorted.
  func files(below subfolder: String) throws -> [String] {
    let root = path + "/" + subfolder
    return try FileManager.default.subpathsOfDirectory(atPath: root).filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: root + "/" + $0, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  func text(of name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }
}
