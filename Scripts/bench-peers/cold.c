/*
 * A fresh process that runs a compiled network: how long until the first output, and how much
 * memory. Compiled with HEADER, the network's header; PREFIX, that of its functions; and CAPITALS,
 * that of its constants.
 *
 *   cold WEIGHTS THREADS
 *
 * Prints JSON: opening the model and preparing a workspace, the first inference after it and the
 * fastest of later ones in milliseconds; the memory resident at most and what of it was planned for activations, in bytes.
 */
#define _POSIX_C_SOURCE 200809L
#include HEADER

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define FUNCTION(name) JOIN(PREFIX, name)
#define CONSTANT(name) JOIN(CAPITALS, name)

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

/* What getrusage says counts the parent before exec too. */
static long peak_bytes(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long kilobytes = 0;
  while (status && fgets(line, sizeof line, status))
    if (strncmp(line, "VmHWM:", 6) == 0) kilobytes = atol(line + 6);
  if (status) fclose(status);
  return kilobytes * 1024;
}

static size_t round_up(size_t bytes) {
  return (bytes + CONSTANT(_WORKSPACE_ALIGNMENT) - 1) / CONSTANT(_WORKSPACE_ALIGNMENT)
       * CONSTANT(_WORKSPACE_ALIGNMENT);
}

static void check(int status) {
  if (status == 0) return;
  fprintf(stderr, "%s\n", FUNCTION(_status_text)(status));
  exit(1);
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: %s WEIGHTS THREADS\n", argv[0]), 64;
  int threads = atoi(argv[2]);
  double start = milliseconds();
  FUNCTION(_model) *model;
  check(FUNCTION(_open)(argv[1], &model));
  size_t alignment = CONSTANT(_WORKSPACE_ALIGNMENT);
  size_t planned = FUNCTION(_workspace_bytes)(threads);
  void *workspace = aligned_alloc(alignment, round_up(planned));
  if (!workspace) return fprintf(stderr, "no memory left\n"), 1;
  check(FUNCTION(_prepare)(model, workspace, threads));
  double opened = milliseconds();
  float *input = aligned_alloc(alignment, round_up(CONSTANT(_INPUT_COUNT) * sizeof(float)));
  float *output = aligned_alloc(alignment, round_up(CONSTANT(_OUTPUT_COUNT) * sizeof(float)));
  if (!input || !output) return fprintf(stderr, "no memory left\n"), 1;
  for (int i = 0; i < CONSTANT(_INPUT_COUNT); i++) input[i] = (float)(i % 251) / 125 - 1;
  double before = milliseconds();
  check(FUNCTION(_run)(model, workspace, input, output, threads));
  double first = milliseconds() - before;
  double warm = first;
  for (int i = 0; i < 20; i++) {
    before = milliseconds();
    check(FUNCTION(_run)(model, workspace, input, output, threads));
    double time = milliseconds() - before;
    if (time < warm) warm = time;
  }
  printf(
      "{\"open_ms\": %.3f, \"first_ms\": %.3f, \"warm_ms\": %.3f, \"peak_bytes\": %ld, "
      "\"workspace_bytes\": %zu}\n",
      opened - start, first, warm, peak_bytes(), planned);
  FUNCTION(_close)(model);
  free(workspace);
  free(input);
  free(output);
  return 0;
}
