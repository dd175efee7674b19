import CodeGen
import Foundation
import MachineModel
import Testing

@Suite("The C library around the kernels")
struct CLibraryTests {
  private func module(_ description: RuntimeDescription? = nil) throws -> GeneratedModule {
    let description = try description ?? SumModel.description(pictures: false)
    return try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description))
  }

  private static let runProgram =
    SumModel.prologue + """
      int main(int argc, char **argv) {
        int threads = argc > 2 ? atoi(argv[2]) : 1;
        sum_resnet8_model *model;
        CHECK(sum_resnet8_open(argv[1], &model));
        void *workspace = aligned(sum_resnet8_workspace_bytes(threads));
        float input[SUM_RESNET8_INPUT_COUNT], output[SUM_RESNET8_OUTPUT_COUNT];
        for (int i = 0; i < SUM_RESNET8_INPUT_COUNT; i++) input[i] = i;
        for (int round = 0; round < 1000; round++)
          CHECK(sum_resnet8_run(model, workspace, input, output, threads));
        printf("%s %g %g %g %g\\n", sum_resnet8_isa_name(model), output[0], output[1], output[2],
          output[3]);
        sum_resnet8_close(model);
      }
      """

  @Test("A C program links the library by its header; every number of threads gives the sums")
  func run() throws {
    let module = try module()
    let program = try module.compileProgram(Self.runProgram)
    for threads in [1, 2, 3, 8] {
      #expect(
        try module.run(program, [module.layout.weights, "\(threads)"])
          == "portable 66 132 264 -66\n")
    }
    let words = try module.run(
      program, [module.layout.weights, "1"], environment: ["RESNETC_ISA": "mmx"])
    #expect(words.contains("RESNETC_ISA names no instruction set"))
    for (arguments, text) in [
      (["missing"], "cannot be opened"), ([module.layout.weights, "9"], "must be from 1 to 8"),
      (["csrc"], "cannot be opened"), (["csrc/Makefile"], "not a weights file"),
    ] {
      #expect(try module.run(program, arguments).contains(text))
    }
  }

  @Test("A team smaller than asked for gives the same result")
  func smallTeam() throws {
    let module = try module()
    let program = try module.compileProgram(Self.runProgram)
    #expect(
      try module.run(
        program, [module.layout.weights, "8"],
        environment: ["OMP_THREAD_LIMIT": "2", "KMP_WARNINGS": "0"])
        == "portable 66 132 264 -66\n")
  }

  @Test("The best variant that the processor has is taken, RESNETC_ISA takes another")
  func variants() throws {
    var impossible = InstructionSet.portable
    impossible.name = "impossible"
    impossible.cpuCheck = "0"
    var better = InstructionSet.portable
    better.name = "better"
    let module = try module(
      try SumModel.description(pictures: false, sets: [impossible, better, .portable]))
    let program = try module.compileProgram(Self.runProgram)
    let answer = { (isa: String) in
      try module.run(program, [module.layout.weights], environment: ["RESNETC_ISA": isa])
    }
    #expect(try answer("").hasPrefix("better 66"))
    #expect(try answer("portable").hasPrefix("portable 66"))
    #expect(try answer("impossible").contains("cannot run the instruction set"))
  }

  @Test("A weights file that is damaged, cut, or another model's is refused with its reason")
  func weightsFiles() throws {
    let module = try module()
    let program = try module.compileProgram(Self.runProgram)
    let whole = try SumModel.weightsFile(module.description)
    let answer = { (change: (inout [UInt8]) -> Void) in
      var bytes = whole
      change(&bytes)
      let url = module.folder.appending(path: "changed.weights")
      try Data(bytes).write(to: url)
      return try module.run(program, [url.path()])
    }
    #expect(try answer { _ in }.hasPrefix("portable 66"))
    #expect(try answer { $0 = [] }.contains("not a weights file"))
    #expect(try answer { $0[0] ^= 1 }.contains("not a weights file"))
    #expect(try answer { $0[8] += 1 }.contains("another format version"))
    #expect(try answer { $0[47] ^= 1 }.contains("another model"))
    #expect(try answer { $0[48] ^= 1 }.contains("another model"))
    #expect(try answer { $0.removeLast() }.contains("not as long"))
    #expect(try answer { $0.append(0) }.contains("not as long"))
    #expect(try answer { $0[4096 + 63] ^= 1 }.contains("damaged"))
    #expect(try answer { $0[whole.count - 1] ^= 1 }.contains("damaged"))
  }

  @Test("Damage is found in every piece of the weights that threads verify")
  func damagedPieces() throws {
    var description = try SumModel.description(pictures: false)
    description.weightsPayloadBytes = (5 << 20) + 12
    let module = try module(description)
    let program = try module.compileProgram(Self.runProgram)
    let whole = try SumModel.weightsFile(description)
    let url = module.folder.appending(path: "changed.weights")
    let ends = stride(from: (1 << 20) - 1, to: description.weightsPayloadBytes, by: 1 << 20)
    for damaged in [nil, description.weightsPayloadBytes - 1] + ends.map(Optional.some) {
      var bytes = whole
      if let damaged { bytes[WeightsFile.payloadOffset + damaged] ^= 128 }
      try Data(bytes).write(to: url)
      let answer = try module.run(program, [url.path()])
      #expect(answer.contains(damaged == nil ? "portable 66" : "damaged"), "\(damaged ?? -1)")
    }
  }

  @Test("A prepared workspace has its memory; preparing is as strict as running")
  func preparation() throws {
    var description = try SumModel.description(pictures: false)
    description.arenaBytes = 16 << 20
    description.scratchBytesPerThread = 1 << 20
    let program =
      SumModel.prologue + """
        #include <sys/mman.h>
        #include <sys/resource.h>
        static long faults(void) {
          struct rusage usage;
          getrusage(RUSAGE_SELF, &usage);
          return usage.ru_minflt;
        }
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          for (int threads = 1; threads <= 2; threads++) {
            size_t bytes = sum_resnet8_workspace_bytes(threads);
            char *workspace = mmap(
              NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            CHECK(sum_resnet8_prepare(model, workspace, threads));
            long before = faults();
            for (size_t i = 0; i < 17 << 20; i += 4096) workspace[i] = 1;
            printf("%d\\n", faults() - before < 100);
          }
          char *other = aligned(64);
          printf("%d %d %d %d\\n",
            sum_resnet8_prepare(NULL, other, 1) == SUM_RESNET8_ERROR_ARGUMENT,
            sum_resnet8_prepare(model, NULL, 1) == SUM_RESNET8_ERROR_ARGUMENT,
            sum_resnet8_prepare(model, other + 4, 1) == SUM_RESNET8_ERROR_ALIGNMENT,
            sum_resnet8_prepare(model, other, 9) == SUM_RESNET8_ERROR_THREADS);
        }
        """
    let module = try module(description)
    #expect(
      try module.run(try module.compileProgram(program), [module.layout.weights])
        == "1\n1\n1 1 1 1\n")
  }

  @Test("Steps run one by one give what a whole run gives; arguments are checked")
  func steps() throws {
    let module = try module()
    let program = try module.compileProgram(
      SumModel.prologue + """
        #define SAY(call) printf("%d\\n", (call))
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          char *workspace = aligned(sum_resnet8_workspace_bytes(2) + 64);
          float input[SUM_RESNET8_INPUT_COUNT] = {1, 2}, output[SUM_RESNET8_OUTPUT_COUNT];
          SAY(sum_resnet8_run_steps(model, workspace, input, output, 2, 0, 1));
          SAY(sum_resnet8_run_steps(model, workspace, NULL, output, 2, 1, SUM_RESNET8_STEPS - 1));
          printf("%g %g\\n", output[0], output[3]);
          SAY(sum_resnet8_run_steps(model, workspace, input, output, 2, 0, 3)
            == SUM_RESNET8_ERROR_STEPS);
          SAY(sum_resnet8_run_steps(model, workspace, input, output, 2, -1, 1)
            == SUM_RESNET8_ERROR_STEPS);
          SAY(sum_resnet8_run_steps(model, workspace, NULL, output, 2, 0, 1)
            == SUM_RESNET8_ERROR_ARGUMENT);
          SAY(sum_resnet8_run(model, workspace + 4, input, output, 1)
            == SUM_RESNET8_ERROR_ALIGNMENT);
          SAY(sum_resnet8_run(NULL, workspace, input, output, 1) == SUM_RESNET8_ERROR_ARGUMENT);
          SAY(sum_resnet8_run(model, workspace, input, NULL, 1) == SUM_RESNET8_ERROR_ARGUMENT);
          SAY(sum_resnet8_open(NULL, &model) == SUM_RESNET8_ERROR_ARGUMENT);
          SAY(sum_resnet8_workspace_bytes(0) == 0 && sum_resnet8_workspace_bytes(9) == 0);
          puts(sum_resnet8_status_text((sum_resnet8_status)99));
        }
        """)
    #expect(
      try module.run(program, [module.layout.weights])
        == "0\n0\n3 -3\n1\n1\n1\n1\n1\n1\n1\n1\nunknown status\n")
  }

  @Test("Denormals count as zero during a run and only then")
  func denormals() throws {
    let module = try module()
    let program = try module.compileProgram(
      SumModel.prologue + """
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          void *workspace = aligned(sum_resnet8_workspace_bytes(2));
          float input[SUM_RESNET8_INPUT_COUNT] = {1e-40f, 1e-40f};
          float output[SUM_RESNET8_OUTPUT_COUNT];
          volatile float tiny = 1e-40f;
          for (int threads = 1; threads <= 2; threads++) {
            CHECK(sum_resnet8_run(model, workspace, input, output, threads));
            printf("%d %d\\n", output[1] == 0, tiny * 2 > 0);
          }
        }
        """)
    #expect(try module.run(program, [module.layout.weights]) == "1 1\n1 1\n")
  }

  @Test("Several outputs are parameters of their own")
  func severalOutputs() throws {
    let module = try module(
      try SumModel.description(pictures: false, outputs: ["scores", "half.features"]))
    let program = try module.compileProgram(
      SumModel.prologue + """
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          void *workspace = aligned(sum_resnet8_workspace_bytes(1));
          float input[SUM_RESNET8_INPUT_COUNT] = {1}, a[SUM_RESNET8_OUTPUT_SCORES_COUNT],
            b[SUM_RESNET8_OUTPUT_HALF_FEATURES_COUNT];
          CHECK(sum_resnet8_run(model, workspace, input, a, b, 1));
          printf("%g %g\\n", a[1], b[2]);
        }
        """)
    #expect(try module.run(program, [module.layout.weights]) == "2 4\n")
  }

  @Test("The C checksum is the one that the weights file's writer makes, for every length")
  func checksum() throws {
    let module = try module()
    let program = try module.compileProgram(
      """
      #include "weights.h"
      #include <stdio.h>
      int main(void) {
        static unsigned char bytes[130];
        for (int i = 0; i < 130; i++) bytes[i] = (unsigned char)(i * 37 + 11);
        for (int count = 0; count <= 130; count++)
          printf("%llu\\n", (unsigned long long)sum_resnet8_checksum(bytes, (size_t)count));
      }
      """, flags: ["-Icsrc"])
    let bytes = (0..<130).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    let expected = (0...130).map { count in
      "\(bytes.prefix(count).withUnsafeBytes(Checksum64.of))\n"
    }
    #expect(try module.run(program, []) == expected.joined())
  }
}
