import CodeGen
import Foundation
import Testing
import Toolchain

/// A module in a temporary folder, its library compiled; removed when this goes.
final class GeneratedModule {
  let folder: URL
  let layout: ModuleLayout
  let description: RuntimeDescription

  /// The compiler with OpenMP that is found here, looked for once.
  private static let compiler = Result { try CompilerSearch.run().compiler }

  /// What the linker calls its OpenMP runtime.
  static var openMPLibrary: String { (try? compiler.get())?.openMPLinkLibrary ?? "omp" }

  init(
    _ description: RuntimeDescription, kernels: [GeneratedFile], weights: [UInt8],
    flags: [String] = [], name: String = "Module"
  ) throws {
    self.description = description
    folder = FileManager.default.temporaryDirectory
      .appending(path: "resnetc-tests-\(UUID().uuidString)/\(name)")
    layout = ModuleLayout(description, networkSources: kernels)
    for file in try emitModule(description, networkSources: kernels) {
      let url = folder.appending(path: file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents.utf8).write(to: url)
    }
    try Data(weights).write(to: folder.appending(path: layout.weights))
    var objects: [String] = []
    for unit in layout.cUnits {
      let object = unit.path.replacing("/", with: "_") + ".o"
      try compile(
        ModuleLayout.commonFlags + flags + unit.flags
          + ["-Wall", "-Wextra", "-Werror", "-c", unit.path, "-o", object])
      objects.append(object)
    }
    try run("/usr/bin/env", ["ar", "rcsD", layout.library] + objects)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder.deletingLastPathComponent())
  }

  /// Writes a file below the folder around the module, which is removed with it.
  func write(_ text: String, to path: String) throws {
    let url = folder.deletingLastPathComponent().appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Compiles a C program against the header and the library; returns its path.
  func compileProgram(_ text: String, flags: [String] = []) throws -> String {
    let name = "program-\(UUID().uuidString)"
    try Data(text.utf8).write(to: folder.appending(path: name + ".c"))
    try compile(
      flags + [
        "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", layout.include,
        name + ".c",
      ]
        + [layout.library, "-fopenmp", "-lm", "-o", name])
    return folder.appending(path: name).path()
  }

  /// Runs the C compiler in the module's folder.
  func compile(_ arguments: [String]) throws {
    try run("/usr/bin/env", try Self.compiler.get().command + arguments)
  }

  /// Builds the library with the module's own Makefile.
  func make() throws {
    let command = try Self.compiler.get().path
    try run("/usr/bin/env", ["make", "-C", "csrc", "CC=\(command)"])
  }

  /// Runs a command in the module's folder.
  ///
  /// - Returns: what it printed.
  @discardableResult
  func run(
    _ executable: String, _ arguments: [String], in directory: String = ".",
    environment: [String: String] = [:], status expected: Int32 = 0
  ) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = folder.appending(path: directory)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(
      process.terminationStatus == expected,
      "\(executable) \(arguments.joined(separator: " "))\n\(output)")
    return output
  }
}
