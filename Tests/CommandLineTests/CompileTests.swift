import Foundation
import TestSupport
import Testing
import struct Toolchain.CompilerSearch

@Suite struct `resnetc compile` {
  @Test func `writes a package and says what it wrote`() throws {
    let folder = try TemporaryFolder()
    let outcome = try resnetc("compile", resnet8, "--no-tune-log", in: folder.path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("package   Generated/ResNet8Cifar10\n"))
    #expect(outcome.output.contains("steps     "))
    #expect(outcome.output.contains("portable\n"))
    #expect(try folder.contents() == ["Generated"])
    #expect(try folder.contents(of: "Generated") == ["ResNet8Cifar10"])
    let files = try folder.files(below: "Generated/ResNet8Cifar10")
    for file in ["Package.swift", "ResNet8Cifar10.weights", "csrc/model.c"] {
      #expect(files.contains(file))
    }
    #expect(files.contains { $0.hasSuffix("/libCResNet8Cifar10.a") })
  }

  @Test func `writes the same bytes twice, in different folders, the library included`() throws {
    let folder = try TemporaryFolder()
    for place in ["a", "elsewhere/b"] {
      let outcome = try resnetc("compile", resnet8, "-o", folder.path + "/" + place)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let files = try folder.files(below: "a")
    #expect(files == (try folder.files(below: "elsewhere/b")))
    for file in files {
      #expect(
        FileManager.default.contentsEqual(
          atPath: folder.path + "/a/" + file, andPath: folder.path + "/elsewhere/b/" + file),
        "\(file)")
    }
  }

  @Test func `prints graphs after passes and the passes' times`() throws {
    let folder = try TemporaryFolder()
    let outcome = try resnetc(
      "compile", resnet8, "-o", folder.path + "/out", "--print-after", "fold-batch-norm",
      "--disable-pass", "fuse-relu", "--time-passes", "--module-name", "Tiny", "--isa", "portable")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output.hasPrefix("after fold-batch-norm:\n"))
    #expect(outcome.errors.contains("fold-batch-norm "))
    #expect(!outcome.errors.contains("fuse-relu "))
    #expect(outcome.output.contains("module    Tiny\n"))
    #expect(outcome.output.contains("ISA       portable\n"))
    #expect(try folder.files(below: "out").contains("Tiny.weights"))
  }

  @Test func `makes libraries that refuse the weights of another model, at open`() throws {
    let folder = try TemporaryFolder()
    let other = project("Specs/cifar_resnet20.spec")
    for (spec, name) in [(resnet8, "a"), (other, "b")] {
      let outcome = try resnetc(
        "compile", spec, "--weights", spec == other ? "seeded" : resnet8Weights, "-o",
        folder.path + "/" + name, "--module-name", "M", "--isa", "portable")
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    let program = try folder.file(
      "open.c",
      """
      #include "resnet8_cifar10.h"
      #include <stdio.h>
      int main(int count, char **arguments) {
        resnet8_cifar10_model *model = 0;
        int status = resnet8_cifar10_open(arguments[1], &model);
        puts(resnet8_cifar10_status_text(status));
        if (status == 0) resnet8_cifar10_close(model);
        return count - 2;
      }
      """)
    let bundle = try #require(
      try folder.files(below: "a").first { $0.hasSuffix("/libCM.a") })
    let library = folder.path + "/a/" + bundle
    let include = URL(fileURLWithPath: library).deletingLastPathComponent()
      .appendingPathComponent("include").path
    let compiler = try CompilerSearch.run().compiler
    let built = try RunningProgram(
      compiler.command[0],
      compiler.command.dropFirst() + [
        program, "-I", include, library, "-fopenmp", "-lm", "-o", folder.path + "/open",
      ]
    ).wait()
    #expect(built.code == 0, "\(built.errors)")
    func open(_ weights: String) throws -> String {
      try RunningProgram(folder.path + "/open", [weights]).wait().output
    }
    #expect(try open(folder.path + "/b/M.weights").contains("another model"))
    // The format's version follows the eight bytes that name it.
    var bytes = Array(
      try Data(contentsOf: URL(fileURLWithPath: folder.path + "/a/M.weights")))
    let whole = try open(folder.path + "/a/M.weights")
    bytes[8] &+= 1
    #expect(try open(folder.file("version.weights", bytes)).contains("another format version"))
    #expect(!whole.contains("weights"))
  }
}
