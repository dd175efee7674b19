import CodeGen
import Testing

@Suite("The threads of an inference among the others of a process")
struct TeamTests {
  private let module: GeneratedModule

  init() throws {
    let description = try SumModel.description(pictures: false)
    module = try GeneratedModule(
      description, kernels: SumModel.kernels(description),
      weights: try SumModel.weightsFile(description))
  }

  /// Compiles and runs a program that may also use what callers of the library do not see.
  private func output(of program: String, environment: [String: String] = [:]) throws -> String {
    let path = try module.compileProgram(
      program, flags: ["-Icsrc", "-pthread"])
    return try module.run(path, [module.layout.weights], environment: environment)
  }

  @Test("Teams together have no more threads than processors, but each has one")
  func sharing() throws {
    let found = try output(
      of: """
        #include "team.h"
        #include <stdio.h>
        int main(void) {
          printf("%d", sum_resnet8_join_team(8, 4));
          sum_resnet8_leave_team(4);
          printf(" %d", sum_resnet8_join_team(3, 4));
          printf(" %d", sum_resnet8_join_team(3, 4));
          printf(" %d", sum_resnet8_join_team(3, 4));
          sum_resnet8_leave_team(3);
          printf(" %d\\n", sum_resnet8_join_team(3, 4));
        }
        """)
    #expect(found == "4 3 1 1 2\n")
  }

  @Test("A control group's quota counts as the processors that it is worth")
  func quota() throws {
    let quotas = [
      ("150000 100000\n", 2), ("200000 100000\n", 2), ("5000 100000\n", 1), ("max 100000\n", 0),
      ("", 0), ("-1 100000\n", 0), ("1 0\n", 0), ("9000000000000000000 1\n", 1024),
    ]
    for (index, quota) in quotas.enumerated() { try module.write(quota.0, to: "\(index)") }
    let found = try output(
      of: """
        #include "team.h"
        #include <stdio.h>
        int main(void) {
          char path[] = "../0"; /* one more than there are */
          for (; path[3] <= '8'; path[3]++) printf("%d ", sum_resnet8_quota(path));
        }
        """)
    #expect(found == (quotas.map(\.1) + [0]).map { "\($0) " }.joined())
  }

  @Test("A run takes no more threads than its thread may use processors")
  func affinity() throws {
    let found = try output(
      of: """
        #include "team.h"
        #include <sched.h>
        #include <stdio.h>
        int main(void) {
          cpu_set_t one;
          CPU_ZERO(&one);
          CPU_SET(sched_getcpu(), &one);
          if (sched_setaffinity(0, sizeof one, &one) != 0) return 1;
          printf("%d\\n", sum_resnet8_processors());
        }
        """)
    #expect(found == "1\n")
  }

  /// Threads that are pinned one after the other while all stay: each has a processor of its own,
  /// and the one for which none is left is not pinned.
  @Test("No two threads are pinned to one processor; all get back what they might use")
  func pinning() throws {
    let found = try output(
      of: Self.placesProgram + """
        int main(void) {
          cpu_set_t allowed;
          sched_getaffinity(0, sizeof allowed, &allowed);
          const int processors = CPU_COUNT(&allowed);
          struct member members[CPU_SETSIZE + 1];
          start(members, processors + 1, 1);
          int distinct = 0, pinned = 0, restored = 0;
          for (int i = 0; i <= processors; i++) {
            int others = 0;
            for (int j = 0; j < i; j++)
              others += members[j].place.processor == members[i].place.processor;
            distinct += others == 0;
            pinned += members[i].during == 1;
            restored += members[i].after == processors;
          }
          const int expected = processors > 1 ? processors : 0;
          printf("%d %d %d\\n", distinct - processors - 1, pinned - processors + (expected ? 0 : 1),
            restored - processors - 1);
          start(members, 1, 0);
          printf("%d\\n", members[0].place.processor >= 0);
        }
        """)
    #expect(found == "0 0 0\n1\n")
  }

  /// Every thread starts on the processor of the first one.
  @Test("Threads that start on one processor spread over all, and stay free to move")
  func spreading() throws {
    let found = try output(
      of: Self.placesProgram + """
        int main(void) {
          cpu_set_t allowed;
          sched_getaffinity(0, sizeof allowed, &allowed);
          const int processors = CPU_COUNT(&allowed);
          struct member members[CPU_SETSIZE];
          crowded = 1;
          start(members, processors, 0);
          int distinct = 0, free = 0;
          for (int i = 0; i < processors; i++) {
            int others = 0;
            for (int j = 0; j < i; j++)
              others += members[j].place.processor == members[i].place.processor;
            distinct += others == 0 && members[i].place.processor >= 0;
            free += members[i].during == processors && members[i].after == processors;
          }
          printf("%d %d\\n", distinct - processors, free - processors);
        }
        """)
    #expect(found == "0 0\n")
  }

  /// `start` has threads take places one after the other and leave them when all have.
  private static let placesProgram = """
    #include "team.h"
    #include <pthread.h>
    #include <sched.h>
    #include <stdio.h>
    #include <stdlib.h>
    struct member {
      struct sum_resnet8_place place;
      int pinned, during, after; /* processors that it may use */
    };
    static pthread_barrier_t all;
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    static int crowded;
    static int allowed_count(void) {
      cpu_set_t set;
      sched_getaffinity(0, sizeof set, &set);
      return CPU_COUNT(&set);
    }
    static void go_to_the_first(void) {
      cpu_set_t allowed, one;
      sched_getaffinity(0, sizeof allowed, &allowed);
      int cpu = 0;
      while (!CPU_ISSET(cpu, &allowed)) cpu++;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      sched_setaffinity(0, sizeof one, &one);
      sched_setaffinity(0, sizeof allowed, &allowed);
    }
    static void *run(void *argument) {
      struct member *m = argument;
      pthread_mutex_lock(&turn);
      if (crowded) go_to_the_first();
      m->place = sum_resnet8_take_place(m->pinned);
      m->during = allowed_count();
      pthread_mutex_unlock(&turn);
      pthread_barrier_wait(&all);
      sum_resnet8_leave_place(&m->place);
      m->after = allowed_count();
      return NULL;
    }
    static void start(struct member *members, int count, int pinned) {
      static pthread_t threads[CPU_SETSIZE + 1];
      pthread_barrier_init(&all, NULL, (unsigned)count);
      for (int i = 0; i < count; i++) {
        members[i].pinned = pinned;
        if (pthread_create(&threads[i], NULL, run, &members[i]) != 0) exit(1);
      }
      for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
      pthread_barrier_destroy(&all);
    }

    """

  /// The child is forked while the parent's threads are counted, after its OpenMP has had a team.
  @Test("A forked child has all processors and runs the model that its parent opened")
  func forking() throws {
    let team = GeneratedModule.openMPLibrary.contains("gomp") ? 1 : 2
    let found = try output(
      of: SumModel.prologue + """
        #include "internal.h"
        #include "team.h"
        #include <sched.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
          if (argc < 2) return 1;
          sum_resnet8_model *model;
          CHECK(sum_resnet8_open(argv[1], &model));
          void *workspace = aligned(sum_resnet8_workspace_bytes(2));
          float input[SUM_RESNET8_INPUT_COUNT], output[SUM_RESNET8_OUTPUT_COUNT];
          float *const outputs[] = {output};
          for (int i = 0; i < SUM_RESNET8_INPUT_COUNT; i++) input[i] = i;
          CHECK(sum_resnet8_run_steps_to(
            model, workspace, input, outputs, 2, 0, SUM_RESNET8_STEPS));
          const int team = sum_resnet8_join_team(2, 2);
          if (sum_resnet8_take_place(0).processor < 0) return 1;
          const pid_t child = fork();
          if (child == 0) {
            alarm(20);
            cpu_set_t allowed;
            sched_getaffinity(0, sizeof allowed, &allowed);
            int places = 0;
            while (sum_resnet8_take_place(0).processor >= 0) places++;
            const int all = places == CPU_COUNT(&allowed) && sum_resnet8_join_team(2, 2) == \(team);
            sum_resnet8_leave_team(\(team));
            output[0] = 0;
            CHECK(sum_resnet8_run_steps_to(
              model, workspace, input, outputs, 2, 0, SUM_RESNET8_STEPS));
            _exit(all && output[0] == 66 ? 42 : 1);
          }
          int status;
          waitpid(child, &status, 0);
          printf("%d %d\\n", team, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        }
        """)
    #expect(found == "2 42\n")
  }
}
