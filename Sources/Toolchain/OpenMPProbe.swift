import Foundation

/// Tries whether a compiler builds an OpenMP program that runs.
enum OpenMPProbe {
  struct Refusal: Error {
    var reason: String
  }

  private static let program = """
    #ifndef _OPENMP
    #error "this compiler ignores -fopenmp"
    #endif
    int main(void) {
      int threads = 0;
    #pragma omp parallel reduction(+ : threads)
      threads += 1;
      return threads < 1;
    }

    """

  /// Tries one command.
  ///
  /// - Throws: `ToolchainError.cannotWrite` if there is no place to try in.
  static func `try`(_ command: [String], _ path: SearchPath) throws
    -> Result<CCompiler, Refusal>
  {
    guard let command = path.resolve(command) else {
      return .failure(Refusal(reason: "there is no such program"))
    }
    let folder = try TemporaryFolder()
    try write(program, to: folder.url.appendingPathComponent("probe.c"))
    do {
      return .success(try probe(command, in: folder.url))
    } catch let refusal as Refusal {
      return .failure(refusal)
    } catch {
      return .failure(Refusal(reason: "\(error)"))
    }
  }

  private static func probe(_ command: [String], in folder: URL) throws -> CCompiler {
    @discardableResult
    func run(_ arguments: [String], _ step: String) throws -> String {
      let outcome = try ChildProcess.run(arguments, in: folder, timeout: 30)
      guard outcome.succeeded else {
        throw Refusal(reason: "\(step): \(outcome.explanation)")
      }
      return outcome.standardOutput
    }
    let version = try run(command + ["--version"], "asked for its version")
    let macros = try run(command + ["-dM", "-E", "-x", "c", "/dev/null"], "asked for its macros")
    let kind: CCompiler.Kind = macros.contains("#define __clang__ ") ? .clang : .gcc
    guard macros.contains("#define __GNUC__ ") else {
      throw Refusal(reason: "it is neither clang nor gcc")
    }
    try run(
      command + CCompiler.openMPFlags + ["-c", "probe.c", "-o", "probe.o"],
      "compiling with OpenMP")
    try run(command + ["-fopenmp", "probe.o", "-o", "probe"], "linking with OpenMP")
    try run([folder.appendingPathComponent("probe").path], "running an OpenMP program")
    return CCompiler(
      command: command,
      version: version.split(separator: "\n").first.map(String.init) ?? command[0], kind: kind,
      openMPLinkLibrary: openMPLibrary(command, kind, in: folder))
  }

  /// The name under which a linker finds the OpenMP library without help of `-fopenmp`. Debian puts
  /// LLVM's where every linker looks only under the name `omp5`, others as `omp`.
  private static func openMPLibrary(_ command: [String], _ kind: CCompiler.Kind, in folder: URL)
    -> String
  {
    let names = kind == .clang ? ["omp5", "omp"] : ["gomp"]
    let found = names.first { name in
      let link = command + ["probe.o", "-l\(name)", "-o", "probe-\(name)"]
      return (try? ChildProcess.run(link, in: folder, timeout: 30))?.succeeded ?? false
    }
    return found ?? names[names.count - 1]
  }
}
