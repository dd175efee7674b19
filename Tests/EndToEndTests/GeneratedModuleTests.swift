import CodeGen
import Foundation
import GraphIR
import MachineModel
import Pictures
import ResNetCompiler
import let TestSupport.projectFolder
import Testing
import Toolchain

/// `Generated/` holds what the compiler writes for one network, so that a change of its output is
/// seen, and read, in review. `RECORD=1 swift test --filter GeneratedModuleTests` writes it anew and
/// then fails.
@Suite("The checked-in module", .serialized)
struct GeneratedModuleTests {
  static let folder = projectFolder.appendingPathComponent("Generated/ResNet8Cifar10")

  /// The same on every machine: a generic processor, all variants of its architecture, and names of
  /// libraries as Debian has them.
  private static func network() throws -> CompiledNetwork {
    try compile(
      model("resnet8-cifar10"),
      options: CompilerOptions(
        machine: .named("avx2"), openMPLibrary: "omp5", targetTriple: "x86_64-unknown-linux-gnu"))
  }

  @Test("is, byte for byte, what the compiler writes today")
  func freshness() throws {
    let network = try Self.network()
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      try record(network.files)
      Issue.record("Generated/ResNet8Cifar10 has been written anew; review it, and test again")
      return
    }
    let found = try files(below: Self.folder)
    #expect(found.keys.sorted() == network.files.map(\.path))
    for file in network.files where found[file.path] != Data(file.contents.utf8) {
      Issue.record(
        """
        \(file.path) differs from what the compiler writes; if that is meant, write it anew with \
        RECORD=1 swift test --filter GeneratedModuleTests
        """)
    }
  }

  private func record(_ files: [GeneratedFile]) throws {
    try? FileManager.default.removeItem(at: Self.folder)
    for file in files {
      let url = Self.folder.appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.contents.utf8).write(to: url)
    }
  }

  /// Reads pixels, 32 × 32 × 3 bytes a picture, and prints the logits of each.
  private static let program = """
    #include <stdio.h>
    #include <stdlib.h>

    #include "resnet8_cifar10.h"

    static void check(resnet8_cifar10_status status) {
      if (status == RESNET8_CIFAR10_OK) return;
      puts(resnet8_cifar10_status_text(status));
      exit(1);
    }

    int main(int argc, char **argv) {
      static unsigned char pixels[32 * 32 * 3];
      float logits[RESNET8_CIFAR10_OUTPUT_COUNT];
      int threads = argc > 2 ? atoi(argv[2]) : 1;
      resnet8_cifar10_model *model;
      check(resnet8_cifar10_open(argv[1], &model));
      void *workspace = aligned_alloc(64, resnet8_cifar10_workspace_bytes(threads));
      void *scratch = aligned_alloc(64, resnet8_cifar10_picture_scratch_bytes(32, 32));
      resnet8_cifar10_picture picture = {pixels, 32, 32, 96, RESNET8_CIFAR10_RGB};
      while (fread(pixels, sizeof pixels, 1, stdin) == 1) {
        check(resnet8_cifar10_run_pixels(model, workspace, &picture, scratch, logits, threads));
        for (int i = 0; i < RESNET8_CIFAR10_OUTPUT_COUNT; i++) printf("%.9g ", logits[i]);
        puts("");
      }
      free(scratch);
      free(workspace);
      resnet8_cifar10_close(model);
    }

    """

  @Test(
    "compiles by its own Makefile and gives all pictures their classes, in every variant",
    .enabled(if: InstructionSet.host.architecture != .arm64, "the module is for x86"))
  func pictures() throws {
    let place = try TemporaryFolder()
    let module = place.url.appendingPathComponent("ResNet8Cifar10")
    try FileManager.default.copyItem(at: Self.folder, to: module)
    let network = try Self.network()
    let compiler = try compilerWithOpenMP()
    try run(
      ["make", "--jobs=2", "CC=\(compiler.path)"], in: module.appendingPathComponent("csrc"))
    var weights = Data()
    try network.writeWeights(from: trainedWeights()) { weights.append(contentsOf: $0) }
    try weights.write(to: module.appendingPathComponent(network.layout.weights))
    try Data(Self.program.utf8).write(to: module.appendingPathComponent("classify.c"))
    try run(
      compiler.command + [
        "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", network.layout.include, "classify.c",
        network.layout.library, "-fopenmp", "-lm", "-o", "classify",
      ], in: module)

    let expected = try ExpectedClasses.read().images.sorted { $0.key < $1.key }
    #expect(expected.count == 20)
    var pixels = Data()
    for (name, _) in expected {
      let path = ExpectedClasses.folder.appendingPathComponent(name).path
      let picture = try Picture(path: path)
      #expect((picture.width, picture.height) == (32, 32))
      pixels.append(contentsOf: picture.pixels)
    }
    try pixels.write(to: module.appendingPathComponent("pixels"))
    for variant in network.runtime.instructionSets where variant.isSupportedHere {
      let printed = try run(
        ["sh", "-c", "./classify \(network.layout.weights) 2 < pixels"], in: module,
        environment: ["RESNETC_ISA": variant.name])
      let rows = printed.split(separator: "\n").map {
        $0.split(separator: " ").compactMap { Float($0) }
      }
      try #require(rows.count == expected.count)
      for (logits, (name, image)) in zip(rows, expected) {
        let best = logits.indices.max { logits[$0] < logits[$1] }
        #expect(
          best.map { network.runtime.labels[$0] } == image.predicted, "\(name), \(variant)")
        // Of ten digits the first seven hold; the largest logits are about 20.
        let error = zip(logits, image.logits).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error <= 1e-4, "\(name), \(variant)")
      }
    }
  }
}
