import Foundation
import GraphIR
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing
import Toolchain

/// The memory of a process that runs a compiled network: its weights, which are mapped, and what is
/// left for code, libraries, activations and threads.
@Suite("Peak memory is the weights and little more", .serialized)
struct PeakMemoryTests {
  /// Bytes that larger weights may add.
  private static let addedWeights = 10_000_000
  /// Bytes beside the parameters, stored as they come, that a process may then have resident.
  private static let allowance = 25_000_000

  @Test(arguments: ["resnet8-cifar10", "resnet50"])
  func oneAndTwoThreads(name: String) throws {
    let compiler = try compilerWithOpenMP()
    let network = try compile(
      model(name), options: CompilerOptions(machine: .probe(), addedWeightLimit: Self.addedWeights))
    let place = try TemporaryFolder()
    let module = place.url.appendingPathComponent("Module")
    try ModuleBuilder(compiler: compiler).writeModule(
      network, parameters: SeededWeights(), to: module.path)
    let names = network.runtime.names
    try Data(program(prefix: names.cPrefix, header: names.header).utf8)
      .write(to: module.appendingPathComponent("memory.c"))
    try run(
      compiler.command + [
        "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", network.layout.include, "memory.c",
        network.layout.library, "-fopenmp", "-lm", "-o", "memory",
      ], in: module)
    let parameters = network.model.graph.parameters().map(\.shape.elementCount).reduce(0, +) * 4
    for threads in ["1", "2"] {
      let printed = try run(["./memory", network.layout.weights, threads], in: module)
      let peak = try #require(Int(printed.trimmingCharacters(in: .whitespacesAndNewlines))) * 1024
      #expect(peak > parameters, "what was measured cannot be the peak")
      #expect(peak - parameters <= Self.allowance, "\(threads) threads")
    }
  }

  /// Runs a network three times and prints the peak of the process's resident memory, in KiB.
  private func program(prefix: String, header: String) -> String {
    let macro = prefix.uppercased()
    return """
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>

      #include "\(header)"

      int main(int argc, char **argv) {
        int threads = argc > 2 ? atoi(argv[2]) : 1;
        \(prefix)_model *model;
        if (\(prefix)_open(argv[1], &model) != \(macro)_OK) return 1;
        void *workspace = aligned_alloc(64, \(prefix)_workspace_bytes(threads));
        float *input = calloc(\(macro)_INPUT_COUNT, sizeof(float));
        float *output = calloc(\(macro)_OUTPUT_COUNT, sizeof(float));
        for (int round = 0; round < 3; round++)
          if (\(prefix)_run(model, workspace, input, output, threads) != \(macro)_OK) return 1;
        char line[256];
        FILE *status = fopen("/proc/self/status", "r");
        while (status && fgets(line, sizeof line, status))
          if (strncmp(line, "VmHWM:", 6) == 0) printf("%ld\\n", strtol(line + 6, NULL, 10));
      }

      """
  }
}
