import CodeGen
import Foundation
import GraphIR
import ModelFiles
import ResNetCompiler
import Toolchain

/// Turns a compiled network into files that link and run: the C compiled, the weights packed.
public struct ModuleBuilder: Sendable {
  public let compiler: CCompiler

  public init(compiler: CCompiler) {
    self.compiler = compiler
  }

  /// Writes the whole module, a Swift package with its library and weights, to a folder, which
  /// appears complete or not at all.
  ///
  /// - Parameters:
  ///   - path: the folder; one that this compiler wrote earlier is replaced.
  ///   - progress: called with the number of C files compiled so far and of all.
  /// - Throws: `ToolchainError`, `WriteError`, or what the parameters throw.
  public func writeModule(
    _ network: CompiledNetwork, parameters: some ParameterSource, to path: String,
    progress: (_ compiled: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    // Before minutes are spent on what it is needed for.
    try compiler.findArchiver()
    try GeneratedFolder.write(to: path) { folder in
      for file in network.files {
        try write(file.contents, to: folder + "/" + file.path)
      }
      try writeWeights(network, parameters: parameters, to: folder + "/" + network.layout.weights)
      let scratch = try TemporaryFolder()
      let objects = try compile(network, in: scratch.url, progress: progress)
      try compiler.makeStaticLibrary(
        objects, at: URL(fileURLWithPath: folder + "/" + network.layout.library))
    }
  }

  /// Compiles a network to a library in a temporary folder and loads it into this process.
  ///
  /// - Throws: `ToolchainError`, `WriteError`, `NativeModuleError`, or what the parameters throw.
  public func load(
    _ network: CompiledNetwork, parameters: some ParameterSource,
    progress: (_ compiled: Int, _ all: Int) -> Void = { _, _ in }
  ) throws -> NativeModule {
    let folder = try TemporaryFolder()
    let weights = folder.url.appendingPathComponent(network.layout.weights).path
    try writeWeights(network, parameters: parameters, to: weights)
    let objects = try compile(
      network, in: folder.url.appendingPathComponent("c"), progress: progress)
    let library = folder.url.appendingPathComponent("lib\(network.runtime.names.cModule).so")
    try compiler.makeSharedLibrary(objects, at: library)
    return try NativeModule(network, library: library, weights: weights, folder: folder)
  }

  private func compile(
    _ network: CompiledNetwork, in folder: URL, progress: (Int, Int) -> Void
  ) throws -> [URL] {
    let prefix = "csrc/"
    let texts = Dictionary(uniqueKeysWithValues: network.files.map { ($0.path, $0.contents) })
    let sources = network.layout.cUnits.map { unit in
      CSource(
        name: String(unit.path.dropFirst(prefix.count)), text: texts[unit.path] ?? "",
        flags: unit.flags)
    }
    let headers = network.files.filter { $0.path.hasPrefix(prefix) && $0.path.hasSuffix(".h") }
      .map { CHeader(name: String($0.path.dropFirst(prefix.count)), text: $0.contents) }
    return try compiler.compile(
      sources, headers: headers, in: folder, flags: ModuleLayout.commonFlags, progress: progress)
  }

  private func write(_ text: String, to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try writeAtomically(text, to: path)
  }

  private func writeWeights(
    _ network: CompiledNetwork, parameters: some ParameterSource, to path: String
  ) throws {
    let file = try StreamedFile(path: path)
    try network.writeWeights(from: parameters) { try file.append($0) }
  }
}
