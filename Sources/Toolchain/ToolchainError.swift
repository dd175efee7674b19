/// A compiler that was tried and cannot be used.
public struct RefusedCompiler: Hashable, Sendable {
  /// The command as it was found or given.
  public var command: String
  /// Why it cannot be used: what it wrote when it was tried.
  public var reason: String

  public init(command: String, reason: String) {
    self.command = command
    self.reason = reason
  }
}

/// Why C cannot be compiled, linked or loaded.
public enum ToolchainError: Error, Equatable, CustomStringConvertible {
  /// None of the compilers of this machine builds and runs an OpenMP program.
  case noCompiler(refused: [RefusedCompiler])
  /// The compiler that was asked for does not build and run an OpenMP program.
  case compilerRefused(RefusedCompiler)
  /// A program could not be started.
  case cannotStart(program: String, reason: String)
  /// A program did not end in the time allowed, and was killed.
  case timedOut(program: String, seconds: Double)
  /// A program that should have gone on has ended.
  case ended(program: String, explanation: String)
  /// The compiler refused a source file; the diagnostics are its own words.
  case compileFailed(source: String, compiler: String, diagnostics: String)
  /// The objects could not be made into a library.
  case libraryFailed(library: String, tool: String, diagnostics: String)
  /// There is no program that makes static libraries.
  case noArchiver(tried: [String])
  /// A file or folder could not be written.
  case cannotWrite(path: String, reason: String)
  /// A shared library could not be loaded.
  case cannotLoad(library: String, reason: String)
  /// A shared library lacks a symbol that it should define.
  case missingSymbol(String, library: String)

  public var description: String {
    switch self {
    case .noCompiler(let refused):
      let list = refused.map { "\n  \($0.command): \(firstLine($0.reason))" }.joined()
      return "no C compiler with OpenMP was found"
        + (refused.isEmpty ? ", nor any C compiler" : "; tried:\(list)\n")
        + (refused.isEmpty ? "; " : "")
        + "install one, for example with `apt-get install clang libomp-dev`, "
        + "or name one with --cc or the environment variable CC"
    case .compilerRefused(let refused):
      return "the C compiler '\(refused.command)' cannot build and run an OpenMP program "
        + "(\(firstLine(refused.reason))); name another, or install its OpenMP library, "
        + "for example with `apt-get install clang libomp-dev`"
    case .cannotStart(let program, let reason):
      return "cannot start '\(program)': \(reason)"
    case .timedOut(let program, let seconds):
      return "'\(program)' did not end within \(Int(seconds)) s and was stopped"
    case .ended(let program, let explanation):
      return "'\(program)' ended too soon: \(explanation)"
    case .compileFailed(let source, let compiler, let diagnostics):
      return "'\(compiler)' could not compile '\(source)':\n\(diagnostics)"
    case .libraryFailed(let library, let tool, let diagnostics):
      return "'\(tool)' could not make the library '\(library)':\n\(diagnostics)"
    case .noArchiver(let tried):
      return "no program that makes static libraries was found in PATH (tried "
        + tried.joined(separator: ", ") + "); install one with `apt-get install binutils`"
    case .cannotWrite(let path, let reason):
      return "cannot write '\(path)': \(reason)"
    case .cannotLoad(let library, let reason):
      return "cannot load the library '\(library)': \(reason)"
    case .missingSymbol(let symbol, let library):
      return "the library '\(library)' does not define '\(symbol)'"
    }
  }

  private func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? text
  }
}
