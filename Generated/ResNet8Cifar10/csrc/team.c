/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* Threads among the others of the process: their number, their idling, their place. */
#define _GNU_SOURCE
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PROCESSORS = 1024, WORDS = PROCESSORS / 64 };

/*
 * Threads that run inferences in this process now, and the processors they took, a bit each. Both
 * are weak so that all libraries of this kind that are linked together count in one place.
 */
__attribute__((weak)) _Atomic int resnetc_running_threads;
__attribute__((weak)) _Atomic uint64_t resnetc_taken_processors[WORDS];

/*
 * LLVM's OpenMP runtime has its threads spin for 200 ms after a parallel region. With 1 ms they are
 * still awake for an inference that follows at once, and asleep in an idle program. GNU's runtime,
 * which lacks these functions, spins for about a millisecond by itself.
 */
__attribute__((weak)) int kmp_get_blocktime(void);
__attribute__((weak)) void kmp_set_blocktime(int milliseconds);

enum { IDLE_MILLISECONDS = 1 };

/* Whether a team would hang: GNU's runtime waits in a forked child for threads of the parent. */
static int always_alone;

static void begin_child(void) {
  always_alone = kmp_get_blocktime == NULL;
  atomic_store_explicit(&resnetc_running_threads, 0, memory_order_relaxed);
  for (int word = 0; word < WORDS; word++)
    atomic_store_explicit(&resnetc_taken_processors[word], 0, memory_order_relaxed);
}

static void register_child(void) { pthread_atfork(NULL, NULL, begin_child); }

void resnet8_cifar10_prepare_for_forks(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, register_child);
}

int resnet8_cifar10_quota(const char *path) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  long long quota = 0, period = 0;
  /* "max 100000" where there is no quota */
  const int found = fscanf(file, "%lld %lld", &quota, &period);
  fclose(file);
  if (found != 2 || quota <= 0 || period <= 0) return 0;
  const long long processors = quota / period + (quota % period != 0);
  return processors < PROCESSORS ? (int)processors : PROCESSORS;
}

int resnet8_cifar10_processors(void) {
  cpu_set_t set;
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  const int quota = resnet8_cifar10_quota("/sys/fs/cgroup/cpu.max");
  if (quota > 0 && quota < count) count = quota;
  return count > 0 ? (int)count : 1;
}

int resnet8_cifar10_join_team(int wanted, int processors) {
  int running = atomic_load_explicit(&resnetc_running_threads, memory_order_relaxed);
  int team;
  do {
    const int left = processors - running;
    team = always_alone || left < 1 ? 1 : wanted < left ? wanted : left;
  } while (!atomic_compare_exchange_weak_explicit(
      &resnetc_running_threads, &running, running + team, memory_order_relaxed,
      memory_order_relaxed));
  return team;
}

void resnet8_cifar10_leave_team(int threads) {
  atomic_fetch_sub_explicit(&resnetc_running_threads, threads, memory_order_relaxed);
}

int resnet8_cifar10_idle_passively(void) {
  if (kmp_get_blocktime == NULL || kmp_set_blocktime == NULL) return 0;
  const int saved = kmp_get_blocktime();
  /* Nothing is lengthened: who asked for less keeps it. */
  if (saved > IDLE_MILLISECONDS) kmp_set_blocktime(IDLE_MILLISECONDS);
  return saved;
}

void resnet8_cifar10_restore_idling(int saved) {
  if (kmp_set_blocktime != NULL && saved > IDLE_MILLISECONDS) kmp_set_blocktime(saved);
}

int resnet8_cifar10_wants_pinning(void) {
  const char *value = getenv("RESNETC_PIN");
  return value != NULL && strcmp(value, "1") == 0;
}

/* Whether no thread had this processor; this one has it then. */
static int take(int processor) {
  const uint64_t bit = (uint64_t)1 << processor % 64;
  return (atomic_fetch_or_explicit(
              &resnetc_taken_processors[processor / 64], bit, memory_order_relaxed) & bit) == 0;
}

/* Moves this thread to a processor that it has taken. */
static int move_to(int processor) {
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(processor, &own);
  return sched_setaffinity(0, sizeof own, &own) == 0;
}

_Static_assert(
    sizeof(cpu_set_t) <= sizeof((struct resnet8_cifar10_place){.processor = 0}.mask),
    "a mask has to hold a set");
_Static_assert(CPU_SETSIZE <= PROCESSORS, "every processor has to have a bit");

struct resnet8_cifar10_place resnet8_cifar10_take_place(int pinned) {
  struct resnet8_cifar10_place place = {.processor = -1};
  const int here = sched_getcpu();
  if (here >= 0 && here < PROCESSORS && take(here)) place.processor = here;
  if (place.processor >= 0 && !pinned) return place;
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return place;
  for (int cpu = 0; cpu < CPU_SETSIZE && place.processor < 0; cpu++)
    if (CPU_ISSET(cpu, &allowed) && take(cpu)) place.processor = cpu;
  /* All are taken: the system may share them out as it likes. */
  if (place.processor < 0) return place;
  if (!move_to(place.processor)) return place;
  if (pinned) {
    memcpy(place.mask, &allowed, sizeof allowed);
    place.pinned = 1;
  } else {
    sched_setaffinity(0, sizeof allowed, &allowed);
  }
  return place;
}

void resnet8_cifar10_leave_place(const struct resnet8_cifar10_place *place) {
  if (place->processor < 0) return;
  if (place->pinned) {
    cpu_set_t allowed;
    memcpy(&allowed, place->mask, sizeof allowed);
    sched_setaffinity(0, sizeof allowed, &allowed);
  }
  atomic_fetch_and_explicit(
      &resnetc_taken_processors[place->processor / 64],
      ~((uint64_t)1 << place->processor % 64), memory_order_relaxed);
}
