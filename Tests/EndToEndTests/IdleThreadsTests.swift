import Foundation
import GraphIR
import MachineModel
import ModelFiles
import ModuleBuilding
import ResNetCompiler
import Testing
import Toolchain

/// What a program's threads do between inferences, and what they do when two inferences meet.
@Suite("Threads between and beside inferences", .serialized)
struct IdleThreadsTests {
  @Test("sleep between inferences, and give the same result side by side")
  func sleepAndShare() throws {
    let compiler = try compilerWithOpenMP()
    let network = try compile(model("resnet8-cifar10"), options: CompilerOptions(machine: .probe()))
    let place = try TemporaryFolder()
    let module = place.url.appendingPathComponent("Module")
    try ModuleBuilder(compiler: compiler).writeModule(
      network, parameters: SeededWeights(), to: module.path)
    let names = network.runtime.names
    try Data(program(prefix: names.cPrefix, header: names.header).utf8)
      .write(to: module.appendingPathComponent("idle.c"))
    try run(
      compiler.command + [
        "-std=c11", "-Wall", "-Wextra", "-Werror", "-I", network.layout.include, "idle.c",
        network.layout.library, "-fopenmp", "-lm", "-lpthread", "-o", "idle",
      ], in: module)
    let printed = try run(["./idle", network.layout.weights], in: module)
    let numbers = printed.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(numbers.count == 2, "the program prints two numbers")
    // A thread that went on spinning would take 300 ms of processor time.
    #expect(numbers[0] < 100, "\(numbers[0]) ms of processor time in 300 ms without work")
    #expect(numbers[1] == 0, "\(numbers[1]) inferences of two contexts at once differ")
  }

  /// Runs a network on two threads, sleeps for 300 ms and prints the milliseconds of processor time
  /// that went by; then runs two contexts at once and prints how many results differ from the first.
  private func program(prefix: String, header: String) -> String {
    let macro = prefix.uppercased()
    return """
      #define _POSIX_C_SOURCE 200809L
      #include <pthread.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <time.h>

      #include "\(header)"

      static \(prefix)_model *model;
      static float *input, *expected;
      static int differing[2];

      static void infer(float *output, int times) {
        void *workspace = aligned_alloc(64, \(prefix)_workspace_bytes(2));
        for (int i = 0; i < times; i++)
          if (\(prefix)_run(model, workspace, input, output, 2) != \(macro)_OK) exit(1);
        free(workspace);
      }

      static void *context(void *differs) {
        float output[\(macro)_OUTPUT_COUNT];
        for (int i = 0; i < 20; i++) {
          infer(output, 10);
          *(int *)differs += memcmp(output, expected, sizeof output) != 0;
        }
        return NULL;
      }

      static long processor_milliseconds(void) {
        struct timespec time;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return time.tv_sec * 1000 + time.tv_nsec / 1000000;
      }

      int main(int argc, char **argv) {
        if (argc < 2 || \(prefix)_open(argv[1], &model) != \(macro)_OK) return 1;
        input = calloc(\(macro)_INPUT_COUNT, sizeof(float));
        expected = calloc(\(macro)_OUTPUT_COUNT, sizeof(float));
        infer(expected, 3);
        long before = processor_milliseconds();
        const struct timespec pause = {.tv_nsec = 300000000};
        nanosleep(&pause, NULL);
        printf("%ld\\n", processor_milliseconds() - before);
        pthread_t other;
        if (pthread_create(&other, NULL, context, &differing[0]) != 0) return 1;
        context(&differing[1]);
        pthread_join(other, NULL);
        printf("%d\\n", differing[0] + differing[1]);
      }

      """
  }
}
