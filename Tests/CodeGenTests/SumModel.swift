import CodeGen
import GraphIR
import MachineModel

/// A module whose kernels a person can check in the head: class c of an image is the sum of the
/// image's elements times weight c. Its pixels are only scaled.
enum SumModel {
  static let classes = 4

  static func description(
    batch: Int = 1, pictures: Bool = true, outputs: [String] = ["scores"],
    sets: [InstructionSet] = [.portable], labels: [String] = ["ant", "\"bee\"", "cat", "dog"]
  ) throws -> RuntimeDescription {
    // The input buffer has a border of one pixel, so that its zeros can be seen.
    RuntimeDescription(
      names: try ModuleNames(model: "sum-resnet8"), inputShape: [batch, 3, 2, 2],
      outputs: outputs.map { .init(name: $0, shape: [batch, classes]) },
      classOutput: 0, labels: labels,
      instructionSets: sets, stepCount: 2, arenaBytes: batch * 48 * 4, scratchBytesPerThread: 20,
      maxThreads: 8, fingerprint: String(repeating: "0123456789abcdef", count: 4),
      weightsPayloadBytes: 64,
      inputBuffer: .init(
        offset: 0, byteCount: batch * 48 * 4, originOffset: 5, imageStride: 48, channelStride: 16,
        rowStride: 4, pixelStride: 1),
      preprocessing: pictures
        ? Preprocessing(scale: 1, mean: [0, 0, 0], standardDeviation: [1, 1, 1]) : nil,
      banner: ["Made by the tests."], openMPLibrary: GeneratedModule.openMPLibrary,
      targetTriple: "x86_64-unknown-linux-gnu")
  }

  static let weights: [Float] = [1, 2, 4, -1]

  /// Two steps: the input conversion, shared by rows, and the sums, shared by classes.
  static func kernels(_ description: RuntimeDescription) -> [GeneratedFile] {
    let batch = description.inputShape.batch
    let outputs = description.outputs.indices.map(description.outputParameter)
    return description.instructionSets.map { set in
      GeneratedFile(
        path: "csrc/network_\(set.name).c",
        contents: """
          #include "internal.h"

          void sum_resnet8_\(set.name)_steps(
              const float *weights, float *arena, float *scratch, const float *input,
              \(description.outputParameters), int first, int last, int thread, int threads) {
            scratch[0] = (float)thread;
            for (int step = first; step < last; step++) {
              if (step == 0) {
                for (int i = thread; i < \(batch) * 48; i += threads) arena[i] = 0;
                sum_resnet8_barrier(arena, threads);
                for (int i = thread; i < \(batch) * 12; i += threads)
                  arena[5 + i / 4 * 16 + i / 2 % 2 * 4 + i % 2] = input[i];
              } else {
                for (int i = thread; i < \(batch) * \(classes); i += threads) {
                  float sum = 0;
                  for (int j = 0; j < 48; j++) sum += arena[i / \(classes) * 48 + j];
          \(outputs.map { "        \($0)[i] = sum * weights[i % \(classes)];" }
            .joined(separator: "\n"))
                }
              }
              sum_resnet8_barrier(arena, threads);
            }
          }

          """)
    }
  }

  static func weightsFile(_ description: RuntimeDescription) throws -> [UInt8] {
    try WeightsFile(description).bytes([
      .init(offset: 0, byteCount: 4 * weights.count, elements: { .float32(weights) })
    ])
  }

  /// The start of C programs that use the library.
  static let prologue = """
    #include "sum_resnet8.h"
    #include <stdio.h>
    #include <stdlib.h>
    #define CHECK(call) do { sum_resnet8_status s = (call); if (s) { \\
      printf("%s\\n", sum_resnet8_status_text(s)); return 0; } } while (0)
    static void *aligned(size_t bytes) {
      void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
      for (size_t i = 0; i < bytes; i++) ((unsigned char *)p)[i] = 0xFF;
      return p;
    }

    """
}
