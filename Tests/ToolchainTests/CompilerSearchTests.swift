import Foundation
import Testing

@testable import Toolchain

@Suite("The search for a compiler")
struct CompilerSearchTests {
  @Test("finds one that runs OpenMP programs, and says what it is")
  func host() throws {
    let compiler = try foundCompiler.get()
    #expect(compiler.command[0].hasPrefix("/"))
    #expect(compiler.version.lowercased().contains(compiler.kind.rawValue))
    #expect(
      compiler.kind == .clang
        ? ["omp5", "omp"].contains(compiler.openMPLinkLibrary)
        : compiler.openMPLinkLibrary == "gomp")
  }

  @Test("takes $CC first, falls back on others, and remembers why")
  func environment() throws {
    let path = try foundCompiler.get().command[0]
    let folder = try TemporaryFolder()
    let broken = try folder.script("broken", "echo 'broken: no licence' >&2; exit 3")
    let environment = ["CC": broken, "PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
    let search = try CompilerSearch.run(environment: environment)
    #expect(
      search.refused.first
        == RefusedCompiler(
          command: broken, reason: "asked for its version: broken: no licence"))
    #expect(try CompilerSearch.run(environment: ["CC": path, "PATH": ""]).refused.isEmpty)
  }

  @Test("prefers the newest numbered clang in PATH, from 14 up")
  func newest() throws {
    let real = try foundCompiler.get().path
    let folder = try TemporaryFolder()
    for name in ["clang-9", "clang-15", "clang-101", "clang-format-200"] {
      _ = try folder.script(name, "exec \(real) \"$@\"")
    }
    let search = try CompilerSearch.run(environment: ["PATH": folder.url.path + ":/usr/bin:/bin"])
    #expect(search.compiler.command == [folder.url.appendingPathComponent("clang-101").path])
    #expect(search.refused.isEmpty)
  }

  @Test("uses the compiler that is asked for, with its arguments, or none")
  func named() throws {
    let path = try foundCompiler.get().command[0]
    let search = try CompilerSearch.run(named: path + " -O1")
    #expect(search.compiler.command == [path, "-O1"])
    #expect(
      throws: ToolchainError.compilerRefused(
        RefusedCompiler(command: "/no/such/cc", reason: "there is no such program"))
    ) {
      try CompilerSearch.run(named: "/no/such/cc")
    }
  }

  @Test("refuses a compiler that lacks the OpenMP library")
  func withoutLibrary() throws {
    let real = try foundCompiler.get().path
    let folder = try TemporaryFolder()
    // Compiles, but fails when it links.
    let halfway = try folder.script(
      "halfway",
      "case \"$*\" in *-c*|*--version*|*-dM*) exec \(real) \"$@\";; esac; "
        + "echo 'ld: cannot find -lomp' >&2; exit 1")
    #expect(
      throws: ToolchainError.compilerRefused(
        RefusedCompiler(
          command: halfway, reason: "linking with OpenMP: ld: cannot find -lomp"))
    ) {
      try CompilerSearch.run(named: halfway)
    }
  }

  @Test("lists each candidate with its reason and says what to install if none will do")
  func none() {
    let error = ToolchainError.noCompiler(refused: [
      RefusedCompiler(command: "/usr/bin/gcc", reason: "linking with OpenMP: no libgomp\nmore"),
      RefusedCompiler(command: "/usr/bin/cc", reason: "running an OpenMP program: it broke"),
    ])
    #expect(
      "\(error)" == """
        no C compiler with OpenMP was found; tried:
          /usr/bin/gcc: linking with OpenMP: no libgomp
          /usr/bin/cc: running an OpenMP program: it broke
        install one, for example with `apt-get install clang libomp-dev`, or name one with --cc or \
        the environment variable CC
        """)
    #expect(
      "\(ToolchainError.noCompiler(refused: []))"
        == "no C compiler with OpenMP was found, nor any C compiler; install one, for example with "
        + "`apt-get install clang libomp-dev`, or name one with --cc or the environment variable CC"
    )
  }
}
