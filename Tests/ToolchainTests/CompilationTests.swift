import Foundation
import Testing

@testable import Toolchain

@Suite("Compiling generated C")
struct CompilationTests {
  let sources = [
    CSource(
      name: "sum.c",
      text: """
        #include "sum.h"
        int sum(int n) {
          int total = 0;
        #pragma omp parallel for reduction(+ : total)
          for (int i = 1; i <= n; i++) total += i + OFFSET;
          return total;
        }

        """, flags: ["-DOFFSET=1"]),
    CSource(
      name: "kernels/place.c",
      text: "#include \"sum.h\"\nconst char *place(void) { return __FILE__; }\n"),
  ]
  let headers = [CHeader(name: "sum.h", text: "int sum(int n);\nconst char *place(void);\n")]

  @Test("gives a shared library whose functions can be called")
  func shared() throws {
    let compiler = try foundCompiler.get()
    let folder = try TemporaryFolder()
    var steps: [Int] = []
    let objects = try compiler.compile(
      sources, headers: headers, in: folder.url,
      progress: { done, all in
        steps.append(done)
        #expect(all == 2)
      })
    #expect(steps == [1, 2])
    #expect(objects.map(\.lastPathComponent) == ["sum.o", "place.o"])
    let url = folder.url.appendingPathComponent("libsum.so")
    try compiler.makeSharedLibrary(objects, at: url)
    let library = try DynamicLibrary(url)
    let sum = try library.function("sum", as: (@convention(c) (Int32) -> Int32).self)
    #expect(sum(4) == 14)
    #expect(throws: ToolchainError.missingSymbol("product", library: url.path)) {
      try library.address(of: "product")
    }
  }

  @Test("gives the same bytes in another folder, one file at a time or several")
  func reproducible() throws {
    let compiler = try foundCompiler.get()
    let libraries = try [1, 4].map { jobs in
      let folder = try TemporaryFolder()
      let debug = CCompiler.openMPFlags + ["-g"]
      let objects = try compiler.compile(
        sources, headers: headers, in: folder.url, flags: debug, jobs: jobs)
      let archive = folder.url.appendingPathComponent("libsum.a")
      let shared = folder.url.appendingPathComponent("libsum.so")
      try compiler.makeStaticLibrary(objects, at: archive)
      try compiler.makeSharedLibrary(objects, at: shared)
      // A second time over the first: nothing may be added to what is there.
      try compiler.makeStaticLibrary(objects, at: archive)
      return try [Data(contentsOf: archive), Data(contentsOf: shared)]
    }
    #expect(libraries[0][0] == libraries[1][0])
    #expect(libraries[0][1] == libraries[1][1])
    #expect(libraries[0][0].range(of: Data("resnetc-".utf8)) == nil)
  }

  @Test("shows the compiler's diagnostics, and stops the other compilers")
  func failure() throws {
    let compiler = try foundCompiler.get()
    let folder = try TemporaryFolder()
    let bad = CSource(name: "bad.c", text: "int f(void) { return missing; }\n")
    do {
      _ = try compiler.compile([bad] + sources, headers: headers, in: folder.url, jobs: 3)
      Issue.record("bad.c was compiled")
    } catch ToolchainError.compileFailed(let source, let path, let diagnostics) {
      #expect(source == "bad.c")
      #expect(path == compiler.path)
      #expect(diagnostics.contains("bad.c:1:"))
      #expect(diagnostics.contains("missing"))
    }
  }

  @Test("reports objects that cannot be linked")
  func linkFailure() throws {
    let compiler = try foundCompiler.get()
    let folder = try TemporaryFolder()
    let missing = folder.url.appendingPathComponent("missing.o")
    let library = folder.url.appendingPathComponent("libsum.a")
    #expect {
      try compiler.makeStaticLibrary([missing], at: library)
    } throws: { error in
      guard case ToolchainError.libraryFailed(let path, _, let diagnostics) = error else {
        return false
      }
      return path == library.path && diagnostics.contains("missing.o")
    }
  }

  @Test("says when no program makes static libraries")
  func noArchiver() throws {
    let compiler = CCompiler(
      command: ["/usr/bin/cc"], version: "1", kind: .gcc, openMPLinkLibrary: "gomp")
    let folder = try TemporaryFolder()
    #expect(throws: ToolchainError.noArchiver(tried: ["ar", "llvm-ar", "gcc-ar"])) {
      try compiler.makeStaticLibrary(
        [], at: folder.url.appendingPathComponent("lib.a"), environment: ["PATH": "/nowhere"])
    }
  }

  @Test("refuses to load what is not a library")
  func notALibrary() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("text.so")
    try Data("text".utf8).write(to: file)
    #expect {
      _ = try DynamicLibrary(file)
    } throws: { error in
      guard case ToolchainError.cannotLoad(let path, _) = error else { return false }
      return path == file.path
    }
  }

  @Test("reports a folder that cannot be written")
  func unwritable() throws {
    let compiler = try foundCompiler.get()
    #expect {
      _ = try compiler.compile(sources, in: URL(fileURLWithPath: "/dev/null/objects"))
    } throws: { error in
      guard case ToolchainError.cannotWrite(let path, _) = error else { return false }
      return path == "/dev/null/objects"
    }
  }
}
