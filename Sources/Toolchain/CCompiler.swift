/// A C compiler that is known to build OpenMP programs that run.
public struct CCompiler: Hashable, Sendable {
  /// The compiler's family, which decides about options and the OpenMP library.
  public enum Kind: String, Hashable, Sendable {
    case clang
    case gcc
  }

  /// The program and the arguments that always come first, such as `["/usr/bin/ccache", "gcc"]`.
  public var command: [String]
  /// The first line that `--version` prints.
  public var version: String
  public var kind: Kind
  /// The OpenMP library as a linker option names it: `omp5` for `-lomp5`. A program that links
  /// objects of this compiler with another linker driver needs it.
  public var openMPLinkLibrary: String

  public init(command: [String], version: String, kind: Kind, openMPLinkLibrary: String) {
    self.command = command
    self.version = version
    self.kind = kind
    self.openMPLinkLibrary = openMPLinkLibrary
  }

  /// The command in one line.
  public var path: String { command.joined(separator: " ") }

  /// What a compiler has to take at least: objects for libraries, with OpenMP. How code is optimised
  /// is for the caller to say.
  public static let openMPFlags = ["-fPIC", "-fopenmp"]
}
