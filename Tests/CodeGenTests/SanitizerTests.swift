import CodeGen
import Foundation
import Testing

@Suite("The C library under the sanitizers")
struct SanitizerTests {
  @Test("Neither the address nor the undefined-behaviour sanitizer finds anything")
  func sanitizers() throws {
    let description = try SumModel.description()
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
    let module = try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description), flags: flags)
    let program = try module.compileProgram(
      SumModel.prologue + """
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          float input[SUM_RESNET8_INPUT_COUNT] = {1}, output[SUM_RESNET8_OUTPUT_COUNT];
          unsigned char pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
          sum_resnet8_picture picture = {pixels, 2, 2, 6, SUM_RESNET8_BGR};
          void *scratch = aligned(sum_resnet8_picture_scratch_bytes(2, 2));
          for (int threads = 1; threads <= SUM_RESNET8_MAX_THREADS; threads++) {
            void *workspace = aligned(sum_resnet8_workspace_bytes(threads));
            CHECK(sum_resnet8_run(model, workspace, input, output, threads));
            CHECK(sum_resnet8_run_pixels(model, workspace, &picture, scratch, output, threads));
            free(workspace);
          }
          printf("%g\\n", output[0]);
          picture.format = (sum_resnet8_pixel_format)7;
          void *workspace = aligned(sum_resnet8_workspace_bytes(1));
          printf("%d\\n", sum_resnet8_run_pixels(model, workspace, &picture, scratch, output, 1)
            == SUM_RESNET8_ERROR_PICTURE);
          free(workspace);
          free(scratch);
          sum_resnet8_close(model);
        }
        """, flags: flags)
    #expect(
      try module.run(
        program, [module.layout.weights], environment: ["ASAN_OPTIONS": "detect_leaks=0"])
        == "78\n1\n")
  }

  /// Two callers with workspaces of their own, each with a team of threads. OpenMP's own
  /// synchronisation is made known by the tool `libarcher`, which comes with the library.
  @Test("The thread sanitizer finds no race between threads of a team or between callers")
  func threads() throws {
    let description = try SumModel.description(pictures: false)
    let flags = ["-fsanitize=thread", "-g"]
    let module = try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description), flags: flags)
    let program = try module.compileProgram(
      SumModel.prologue + """
        #include <pthread.h>
        static sum_resnet8_model *model;
        static float outputs[2][SUM_RESNET8_OUTPUT_COUNT];
        static void *call(void *output) {
          int threads = output == outputs[0] ? 2 : 3;
          float input[SUM_RESNET8_INPUT_COUNT] = {1, 2};
          void *workspace = aligned(sum_resnet8_workspace_bytes(threads));
          for (int round = 0; round < 20; round++)
            if (sum_resnet8_run(model, workspace, input, output, threads)) abort();
          free(workspace);
          return NULL;
        }
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          CHECK(sum_resnet8_open(argv[1], &model));
          pthread_t callers[2];
          for (int i = 0; i < 2; i++) pthread_create(&callers[i], NULL, call, outputs[i]);
          for (int i = 0; i < 2; i++) pthread_join(callers[i], NULL);
          printf("%g %g\\n", outputs[0][2], outputs[1][2]);
          sum_resnet8_close(model);
        }
        """, flags: flags)
    #expect(
      try module.run(
        program, [module.layout.weights],
        environment: ["TSAN_OPTIONS": "ignore_noninstrumented_modules=1"]) == "12 12\n")
  }
}
