import Foundation

/// The compiler that was found, and those that were passed over.
public struct CompilerSearch: Hashable, Sendable {
  public var compiler: CCompiler
  /// In the order in which they were tried.
  public var refused: [RefusedCompiler]

  /// Finds a C compiler that can do OpenMP, by compiling, linking and running a three-line program
  /// with each candidate in turn: `$CC`; each `clang-NN` from 14 up in `PATH`, newest first;
  /// `/usr/bin/clang` (the `clang` that comes first in `PATH` may be that of a Swift toolchain, which
  /// has no OpenMP library); `clang`, `gcc` and `cc` in `PATH`.
  ///
  /// - Parameters:
  ///   - named: the command that the user asks for. No other is tried then.
  ///   - environment: where `CC` and `PATH` are looked up.
  /// - Throws: `ToolchainError.compilerRefused` if the named compiler will not do, `.noCompiler` if
  ///   none will.
  public static func run(
    named: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> CompilerSearch {
    let path = SearchPath(environment)
    if let named {
      switch try OpenMPProbe.try(words(named), path) {
      case .success(let compiler): return CompilerSearch(compiler: compiler, refused: [])
      case .failure(let refusal):
        throw ToolchainError.compilerRefused(
          RefusedCompiler(command: named, reason: refusal.reason))
      }
    }
    var refused: [RefusedCompiler] = []
    var tried: Set<[String]> = []
    for candidate in candidates(environment, path) {
      let resolved = path.resolve(candidate)
      guard tried.insert(resolved ?? candidate).inserted else { continue }
      // Of the names that are only guesses, those that do not exist are not worth a word.
      if resolved == nil, candidate != words(environment["CC"] ?? "") { continue }
      switch try OpenMPProbe.try(candidate, path) {
      case .success(let compiler): return CompilerSearch(compiler: compiler, refused: refused)
      case .failure(let refusal):
        refused.append(
          RefusedCompiler(
            command: (resolved ?? candidate).joined(separator: " "), reason: refusal.reason))
      }
    }
    throw ToolchainError.noCompiler(refused: refused)
  }

  private static func candidates(_ environment: [String: String], _ path: SearchPath) -> [[String]]
  {
    let fromEnvironment = words(environment["CC"] ?? "")
    let versioned = path.numbered("clang-").filter { $0.number >= 14 }
      .sorted { $0.number > $1.number }
      .map { [$0.path] }
    return (fromEnvironment.isEmpty ? [] : [fromEnvironment]) + versioned
      + [["/usr/bin/clang"], ["clang"], ["gcc"], ["cc"]]
  }

  private static func words(_ command: String) -> [String] {
    command.split(separator: " ").map(String.init)
  }
}

/// The folders in which programs are looked up.
struct SearchPath {
  private let folders: [String]

  /// Those of `PATH`, and the usual ones if it is not set or empty.
  init(_ environment: [String: String]) {
    let variable = environment["PATH"] ?? ""
    folders = (variable.isEmpty ? "/usr/local/bin:/usr/bin:/bin" : variable)
      .split(separator: ":").map(String.init)
  }

  /// The command with its program as a path; nil if there is no such program.
  func resolve(_ command: [String]) -> [String]? {
    guard let program = command.first else { return nil }
    let candidates = program.contains("/") ? [program] : folders.map { $0 + "/" + program }
    guard let found = candidates.first(where: isProgram) else { return nil }
    return [found] + command.dropFirst()
  }

  /// The programs called `prefix` and a number, the first of each name.
  func numbered(_ prefix: String) -> [(path: String, number: Int)] {
    var numbers: Set<Int> = []
    return folders.flatMap { folder in
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.sorted().compactMap { name -> (path: String, number: Int)? in
        guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)),
          isProgram(folder + "/" + name), numbers.insert(number).inserted
        else { return nil }
        return (folder + "/" + name, number)
      }
    }
  }

  private func isProgram(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
  }
}
