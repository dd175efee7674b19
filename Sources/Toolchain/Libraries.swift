import Foundation

extension CCompiler {
  /// The command of a program that makes static libraries.
  ///
  /// - Throws: `ToolchainError.noArchiver`.
  @discardableResult
  public func findArchiver(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> [String] {
    let searchPath = SearchPath(environment)
    let numbered = searchPath.numbered("llvm-ar-").sorted { $0.number > $1.number }.map(\.path)
    let names = ["ar", "llvm-ar", "gcc-ar"] + numbered
    guard let archiver = names.lazy.compactMap({ searchPath.resolve([$0]) }).first else {
      throw ToolchainError.noArchiver(tried: names)
    }
    return archiver
  }

  /// Makes a static library of objects, in their order, without times or owners, so that equal objects
  /// give equal bytes.
  ///
  /// - Throws: `ToolchainError.noArchiver`, `.libraryFailed` or `.cannotWrite`.
  public func makeStaticLibrary(
    _ objects: [URL], at library: URL,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws {
    let archiver = try findArchiver(environment: environment)
    try prepare(library)
    // Members are named by the last part of their path, so the folder does not show.
    let outcome = try ChildProcess.run(archiver + ["rcsD", library.path] + objects.map(\.path))
    guard outcome.succeeded else {
      throw ToolchainError.libraryFailed(
        library: library.path, tool: archiver[0], diagnostics: outcome.explanation)
    }
  }

  /// Links objects into a shared library that brings the OpenMP library with it.
  ///
  /// - Throws: `ToolchainError.libraryFailed` or `.cannotWrite`.
  public func makeSharedLibrary(_ objects: [URL], at library: URL, flags: [String] = [])
    throws
  {
    try prepare(library)
    let outcome = try ChildProcess.run(
      command + ["-shared", "-fopenmp", "-o", library.path] + objects.map(\.path) + flags + ["-lm"])
    guard outcome.succeeded else {
      throw ToolchainError.libraryFailed(
        library: library.path, tool: path, diagnostics: outcome.explanation)
    }
  }

  /// `ar` adds to a library that exists, so what stands there is removed.
  private func prepare(_ library: URL) throws {
    try makeFolder(library.deletingLastPathComponent())
    guard FileManager.default.fileExists(atPath: library.path) else { return }
    do {
      try FileManager.default.removeItem(at: library)
    } catch {
      throw ToolchainError.cannotWrite(path: library.path, reason: error.localizedDescription)
    }
  }
}
