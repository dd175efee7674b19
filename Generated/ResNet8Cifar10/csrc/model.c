/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* The entry points: opening, the choice of the kernels, and the team of threads. */
#define _GNU_SOURCE
#include "internal.h"
#include "team.h"
#include "weights.h"

#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <cpuid.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#ifdef _OPENMP
/* As OpenMP declares them; its header is not needed then. */
int omp_get_thread_num(void);
int omp_get_num_threads(void);
#else
static int omp_get_thread_num(void) { return 0; }
static int omp_get_num_threads(void) { return 1; }
#endif

/*
 * A workspace:
 *
 *   BARRIER_BYTES            the team's barrier
 *   ARENA_BYTES              activations
 *   SCRATCH_BYTES × threads  each thread's own memory
 */
#define BARRIER_BYTES ((size_t)128)
#define ARENA_BYTES ((size_t)217664)
#define SCRATCH_BYTES ((size_t)156800)

const char *resnet8_cifar10_status_text(resnet8_cifar10_status status) {
  switch (status) {
  case RESNET8_CIFAR10_OK:
    return "no error";
  case RESNET8_CIFAR10_ERROR_ARGUMENT:
    return "a required pointer is NULL";
  case RESNET8_CIFAR10_ERROR_OPEN:
    return "the weights file cannot be opened; check that it exists and may be read";
  case RESNET8_CIFAR10_ERROR_NOT_WEIGHTS:
    return "the file is not a weights file of this compiler; pass ResNet8Cifar10.weights";
  case RESNET8_CIFAR10_ERROR_FORMAT_VERSION:
    return "the weights file has another format version; compile the model again";
  case RESNET8_CIFAR10_ERROR_OTHER_MODEL:
    return "the weights file belongs to another model or to another compilation of it; use "
           "the ResNet8Cifar10.weights written together with this library";
  case RESNET8_CIFAR10_ERROR_TRUNCATED:
    return "the weights file is not as long as it should be; copy it again";
  case RESNET8_CIFAR10_ERROR_CORRUPT:
    return "the weights file is damaged: its checksum does not match; copy it again";
  case RESNET8_CIFAR10_ERROR_MEMORY:
    return "out of memory";
  case RESNET8_CIFAR10_ERROR_ISA_UNKNOWN:
    return "RESNETC_ISA names no instruction set of this library; correct it or unset it";
  case RESNET8_CIFAR10_ERROR_ISA_UNSUPPORTED:
    return "this processor cannot run the instruction set asked for; unset RESNETC_ISA";
  case RESNET8_CIFAR10_ERROR_THREADS:
    return "the number of threads must be from 1 to 8";
  case RESNET8_CIFAR10_ERROR_STEPS:
    return "the range of steps is outside of the network";
  case RESNET8_CIFAR10_ERROR_ALIGNMENT:
    return "workspace and scratch must lie at multiples of 64 bytes";
  case RESNET8_CIFAR10_ERROR_PICTURE:
    return "the picture is invalid: it needs pixels, a width and a height of at least 1 that "
           "the network's input can be cut from, a known format, and a row stride of at "
           "least its row's bytes";
  }
  return "unknown status";
}

typedef void steps_function(
    const float *weights, float *arena, float *scratch, const float *input, float *output,
    int first, int last, int thread, int threads);

/* One instruction set's kernels. */
struct variant {
  const char *name;
  steps_function *steps;
};

static const struct variant variants[] = {
    {"avx512", resnet8_cifar10_avx512_steps},
    {"avx2", resnet8_cifar10_avx2_steps},
    {"portable", resnet8_cifar10_portable_steps},
};

enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* Whether the processor converts float16, which not every compiler's own check knows. */
static int has_f16c(void) {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}

/* Whether this processor and its operating system can run a variant. */
static int runs_here(int variant) {
  switch (variant) {
  case 0: return __builtin_cpu_supports("avx512f")
        && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx2")
        && __builtin_cpu_supports("fma")
        && has_f16c();
  case 1: return __builtin_cpu_supports("avx2")
        && __builtin_cpu_supports("fma")
        && has_f16c();
  case 2: return 1;
  }
  return 0;
}

struct resnet8_cifar10_model {
  struct resnet8_cifar10_weights weights;
  const struct variant *variant;
  int pinned;     /* whether threads stay on their processors during an inference */
  int processors; /* that inferences may use */
};

static resnet8_cifar10_status choose_variant(const struct variant **out) {
  const char *wanted = getenv("RESNETC_ISA");
  int any = wanted == NULL || wanted[0] == '\0';
  for (int i = 0; i < VARIANTS; i++) {
    if (!any && strcmp(wanted, variants[i].name) != 0) continue;
    if (runs_here(i)) {
      *out = &variants[i];
      return RESNET8_CIFAR10_OK;
    }
    if (!any) return RESNET8_CIFAR10_ERROR_ISA_UNSUPPORTED;
  }
  return any ? RESNET8_CIFAR10_ERROR_ISA_UNSUPPORTED : RESNET8_CIFAR10_ERROR_ISA_UNKNOWN;
}

resnet8_cifar10_status resnet8_cifar10_open(const char *path, resnet8_cifar10_model **out) {
  if (out == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  *out = NULL;
  if (path == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  resnet8_cifar10_model *model = malloc(sizeof *model);
  if (model == NULL) return RESNET8_CIFAR10_ERROR_MEMORY;
  resnet8_cifar10_prepare_for_forks();
  model->pinned = resnet8_cifar10_wants_pinning();
  model->processors = resnet8_cifar10_processors();
  resnet8_cifar10_status status = choose_variant(&model->variant);
  if (status == RESNET8_CIFAR10_OK)
    status = resnet8_cifar10_map_weights(path, model->processors, &model->weights);
  if (status != RESNET8_CIFAR10_OK) {
    free(model);
    return status;
  }
  *out = model;
  return RESNET8_CIFAR10_OK;
}

void resnet8_cifar10_close(resnet8_cifar10_model *model) {
  if (model == NULL) return;
  resnet8_cifar10_unmap_weights(&model->weights);
  free(model);
}

const char *resnet8_cifar10_isa_name(const resnet8_cifar10_model *model) {
  return model == NULL ? "" : model->variant->name;
}

size_t resnet8_cifar10_workspace_bytes(int threads) {
  if (threads < 1 || threads > RESNET8_CIFAR10_MAX_THREADS) return 0;
  return BARRIER_BYTES + ARENA_BYTES + SCRATCH_BYTES * (size_t)threads;
}

/* The two counters stand on cache lines of their own, so that waiting does not slow arriving. */
struct barrier {
  _Atomic unsigned generation;
  char padding[64 - sizeof(unsigned)];
  _Atomic int arrived;
};

_Static_assert(sizeof(struct barrier) <= BARRIER_BYTES, "the barrier has to fit before the arena");

static struct barrier *barrier_of(float *arena) {
  return (struct barrier *)((char *)arena - BARRIER_BYTES);
}

static void pause_once(void) {
#if defined(__SSE__)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/*
 * Central barrier: the last thread to arrive starts the next generation. Where there are more
 * threads than processors, a waiting thread soon gives its processor to one that is still to
 * arrive; longer spins would have that one wait for the end of a time slice.
 */
void resnet8_cifar10_barrier(float *arena, int threads) {
  if (threads == 1) return;
  struct barrier *barrier = barrier_of(arena);
  unsigned generation = atomic_load_explicit(&barrier->generation, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&barrier->arrived, 1, memory_order_acq_rel) + 1 == threads) {
    atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&barrier->generation, generation + 1, memory_order_release);
    return;
  }
  for (unsigned spins = 0;
       atomic_load_explicit(&barrier->generation, memory_order_acquire) == generation; spins++) {
    if (spins < 64) pause_once();
    else sched_yield();
  }
}

/* Makes denormal inputs and results zero for this thread; returns what to restore afterwards. */
static uint64_t flush_denormals(void) {
#if defined(__SSE__)
  unsigned saved = _mm_getcsr();
  _mm_setcsr(saved | 0x8040); /* flush to zero, denormals are zero */
  return saved;
#elif defined(__aarch64__)
  uint64_t saved;
  __asm__ volatile("mrs %0, fpcr" : "=r"(saved));
  __asm__ volatile("msr fpcr, %0" : : "r"(saved | (uint64_t)1 << 24));
  return saved;
#else
  return 0;
#endif
}

static void restore_denormals(uint64_t saved) {
#if defined(__SSE__)
  _mm_setcsr((unsigned)saved);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(saved));
#else
  (void)saved;
#endif
}

/* Runs one thread's part of some steps. */
static void run_share(
    const resnet8_cifar10_model *model, char *workspace, const float *input, float *output,
    int first, int last, int thread, int threads) {
  float *arena = (float *)(workspace + BARRIER_BYTES);
  float *scratch =
      (float *)(workspace + BARRIER_BYTES + ARENA_BYTES + SCRATCH_BYTES * (size_t)thread);
  const struct resnet8_cifar10_place place = resnet8_cifar10_take_place(model->pinned);
  const uint64_t saved = flush_denormals();
  model->variant->steps(
      model->weights.payload, arena, scratch, input, output, first, last, thread,
      threads);
  restore_denormals(saved);
  resnet8_cifar10_leave_place(&place);
}

/*
 * Runs steps on a team of up to `threads` threads, and no more than the processors have room for.
 * The only parallel region of an inference: each thread runs all of its steps in it, with barriers
 * in between.
 */
static void run_team(
    const resnet8_cifar10_model *model, char *workspace, const float *input, float *output,
    int threads, int processors, int first, int last) {
  threads = resnet8_cifar10_join_team(threads, processors);
  if (threads == 1) {
    run_share(model, workspace, input, output, first, last, 0, 1);
    resnet8_cifar10_leave_team(1);
    return;
  }
  struct barrier *barrier = barrier_of((float *)(workspace + BARRIER_BYTES));
  atomic_store_explicit(&barrier->generation, 0, memory_order_relaxed);
  atomic_store_explicit(&barrier->arrived, 0, memory_order_relaxed);
  const int idling = resnet8_cifar10_idle_passively();
#pragma omp parallel num_threads(threads)
  {
    /* The team may be smaller than asked for. */
    const int thread = omp_get_thread_num();
    const int team = omp_get_num_threads();
    run_share(model, workspace, input, output, first, last, thread, team);
  }
  resnet8_cifar10_restore_idling(idling);
  resnet8_cifar10_leave_team(threads);
}

/* What every way of running requires of its arguments. */
static resnet8_cifar10_status check_run(
    const resnet8_cifar10_model *model, const void *workspace, const void *input,
    const float *output, int threads) {
  if (model == NULL || workspace == NULL || input == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  if (output == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  if ((uintptr_t)workspace % RESNET8_CIFAR10_WORKSPACE_ALIGNMENT != 0)
    return RESNET8_CIFAR10_ERROR_ALIGNMENT;
  if (threads < 1 || threads > RESNET8_CIFAR10_MAX_THREADS) return RESNET8_CIFAR10_ERROR_THREADS;
  return RESNET8_CIFAR10_OK;
}

/* Touches every page of the arena, which the team shares out, and of the thread's own scratch. */
static void touch_pages(char *workspace, int thread, int threads) {
  enum { PAGE_BYTES = 4096 };
  const size_t shared = BARRIER_BYTES + ARENA_BYTES;
  volatile char *bytes = workspace;
  for (size_t i = PAGE_BYTES * (size_t)thread; i < shared; i += PAGE_BYTES * (size_t)threads)
    bytes[i] = 0;
  const size_t own = shared + SCRATCH_BYTES * (size_t)thread;
  for (size_t i = 0; i < SCRATCH_BYTES; i += PAGE_BYTES) bytes[own + i] = 0;
}

resnet8_cifar10_status resnet8_cifar10_prepare(
    const resnet8_cifar10_model *model, void *workspace, int threads) {
  if (model == NULL || workspace == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  if ((uintptr_t)workspace % RESNET8_CIFAR10_WORKSPACE_ALIGNMENT != 0)
    return RESNET8_CIFAR10_ERROR_ALIGNMENT;
  if (threads < 1 || threads > RESNET8_CIFAR10_MAX_THREADS) return RESNET8_CIFAR10_ERROR_THREADS;
  const int joined = resnet8_cifar10_join_team(threads, model->processors);
  if (joined == 1) {
    touch_pages(workspace, 0, 1);
    resnet8_cifar10_leave_team(1);
    return RESNET8_CIFAR10_OK;
  }
  const int idling = resnet8_cifar10_idle_passively();
#pragma omp parallel num_threads(joined)
  {
    const struct resnet8_cifar10_place place = resnet8_cifar10_take_place(model->pinned);
    touch_pages(workspace, omp_get_thread_num(), omp_get_num_threads());
    resnet8_cifar10_leave_place(&place);
  }
  resnet8_cifar10_restore_idling(idling);
  resnet8_cifar10_leave_team(joined);
  return RESNET8_CIFAR10_OK;
}

resnet8_cifar10_status resnet8_cifar10_run(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *output,
    int threads) {
  return resnet8_cifar10_run_steps(
      model, workspace, input, output, threads, 0, RESNET8_CIFAR10_STEPS);
}

static resnet8_cifar10_status run_steps(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *output,
    int threads, int processors, int first, int count) {
  if (first < 0 || count < 0 || first > RESNET8_CIFAR10_STEPS
      || count > RESNET8_CIFAR10_STEPS - first)
    return RESNET8_CIFAR10_ERROR_STEPS;
  /* Only step 0 reads the input. */
  const void *needed = first == 0 && count > 0 ? (const void *)input : workspace;
  resnet8_cifar10_status status = check_run(model, workspace, needed, output, threads);
  if (status != RESNET8_CIFAR10_OK) return status;
  run_team(
      model, workspace, input, output, threads, processors, first, first + count);
  return RESNET8_CIFAR10_OK;
}

resnet8_cifar10_status resnet8_cifar10_run_steps(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *output,
    int threads, int first, int count) {
  const int processors = model == NULL ? 0 : model->processors;
  return run_steps(
      model, workspace, input, output, threads, processors, first, count);
}

static resnet8_cifar10_status run_pixels(
    const resnet8_cifar10_model *model, void *workspace, const resnet8_cifar10_picture *pictures,
    void *scratch, float *output, int threads, int processors) {
  resnet8_cifar10_status status =
      check_run(model, workspace, pictures, output, threads);
  if (status != RESNET8_CIFAR10_OK) return status;
  if (scratch == NULL) return RESNET8_CIFAR10_ERROR_ARGUMENT;
  if ((uintptr_t)scratch % RESNET8_CIFAR10_WORKSPACE_ALIGNMENT != 0)
    return RESNET8_CIFAR10_ERROR_ALIGNMENT;
  /* The input buffer with its border of zeros, as step 0 would have left it. */
  float *arena = (float *)((char *)workspace + BARRIER_BYTES);
  memset(arena + 18496, 0, 13872);
  for (int image = 0; image < RESNET8_CIFAR10_BATCH; image++) {
    float *place = arena + 18601 + (size_t)image * 3468;
    status = resnet8_cifar10_convert_picture(&pictures[image], scratch, place);
    if (status != RESNET8_CIFAR10_OK) return status;
  }
  run_team(
      model, workspace, NULL, output, threads, processors, 1, RESNET8_CIFAR10_STEPS);
  return RESNET8_CIFAR10_OK;
}

resnet8_cifar10_status resnet8_cifar10_run_pixels(
    const resnet8_cifar10_model *model, void *workspace, const resnet8_cifar10_picture *pictures,
    void *scratch, float *output, int threads) {
  const int processors = model == NULL ? 0 : model->processors;
  return run_pixels(
      model, workspace, pictures, scratch, output, threads, processors);
}

/*
 * The same for callers that learn the number of outputs only when they run. They get as many
 * threads as they ask for, however few processors there are, so that every split can be tried.
 */
resnet8_cifar10_status resnet8_cifar10_run_steps_to(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *const *outputs,
    int threads, int first, int count) {
  return run_steps(
      model, workspace, input, outputs[0], threads, INT_MAX, first, count);
}

resnet8_cifar10_status resnet8_cifar10_run_pixels_to(
    const resnet8_cifar10_model *model, void *workspace, const resnet8_cifar10_picture *pictures,
    void *scratch, float *const *outputs, int threads) {
  return run_pixels(
      model, workspace, pictures, scratch, outputs[0], threads, INT_MAX);
}
