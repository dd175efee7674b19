/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network e8fb9545ebc26c2c. Do not edit: compile the spec again instead. */
/* Threads among the others of the process: their number, their idling, their place. */
#define _GNU_SOURCE
#include "team.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Threads that run inferences in this process now. It is weak so that all libraries of this kind
 * that are linked together count in one place; it is the library's only state.
 */
__attribute__((weak)) _Atomic int resnetc_running_threads;

/* The processors that this thread may use. */
static int processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int)online : 1;
}

int resnet8_cifar10_join_team(int wanted) {
  int running = atomic_load_explicit(&resnetc_running_threads, memory_order_relaxed);
  int team;
  do {
    team = wanted;
    if (running > 0) {
      const int left = processors() - running;
      if (team > left) team = left > 1 ? left : 1;
    }
  } while (!atomic_compare_exchange_weak_explicit(
      &resnetc_running_threads, &running, running + team, memory_order_relaxed,
      memory_order_relaxed));
  return team;
}

void resnet8_cifar10_leave_team(int threads) {
  atomic_fetch_sub_explicit(&resnetc_running_threads, threads, memory_order_relaxed);
}

/*
 * LLVM's OpenMP runtime has its threads spin for 200 ms after a parallel region. With 1 ms they are
 * still awake for an inference that follows at once, and asleep in an idle program. GNU's runtime,
 * which lacks these functions, spins for about a millisecond by itself.
 */
__attribute__((weak)) int kmp_get_blocktime(void);
__attribute__((weak)) void kmp_set_blocktime(int milliseconds);

enum { IDLE_MILLISECONDS = 1 };

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

_Static_assert(
    sizeof(cpu_set_t) <= sizeof(((struct resnet8_cifar10_affinity *)0)->mask), "a mask has to hold a set");

struct resnet8_cifar10_affinity resnet8_cifar10_pin_thread(int thread) {
  struct resnet8_cifar10_affinity saved = {.known = 0};
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return saved;
  memcpy(saved.mask, &allowed, sizeof allowed);
  saved.known = 1;
  int left = thread % CPU_COUNT(&allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed) || left-- > 0) continue;
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(cpu, &own);
    sched_setaffinity(0, sizeof own, &own); /* a wish: the inference is right without */
    break;
  }
  return saved;
}

void resnet8_cifar10_unpin_thread(const struct resnet8_cifar10_affinity *saved) {
  if (!saved->known) return;
  cpu_set_t allowed;
  memcpy(&allowed, saved->mask, sizeof allowed);
  sched_setaffinity(0, sizeof allowed, &allowed);
}
