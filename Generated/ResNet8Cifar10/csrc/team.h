/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* How an inference's team of threads behaves towards the rest of the process. */
#ifndef RESNET8_CIFAR10_TEAM_H
#define RESNET8_CIFAR10_TEAM_H

/*
 * To be called once before the functions below, and as often as one likes: has a child that the
 * process forks begin with no threads at work.
 */
void resnet8_cifar10_prepare_for_forks(void);

/* The processors that the calling thread may use, by its affinity and its control group's quota. */
int resnet8_cifar10_processors(void);

/* The processors that the quota in a file of cgroup v2 (cpu.max) is worth; 0 if it sets none. */
int resnet8_cifar10_quota(const char *path);

/*
 * Takes threads for an inference, or other work, and returns how many: as many as wanted, but no
 * more than other inferences in this process leave of the processors, and at least one. Give them
 * back with resnet8_cifar10_leave_team.
 *
 * One that comes while others hold all processors does not wait: its single thread shares a
 * processor with theirs until they end, and then they find one processor fewer.
 */
int resnet8_cifar10_join_team(int wanted, int processors);
void resnet8_cifar10_leave_team(int threads);

/*
 * Has OpenMP's threads sleep soon after the next parallel region of this thread rather than spin.
 * Returns the setting that resnet8_cifar10_restore_idling puts back after the region.
 */
int resnet8_cifar10_idle_passively(void);
void resnet8_cifar10_restore_idling(int saved);

/* Whether the environment variable RESNETC_PIN asks for threads that stay on their processors. */
int resnet8_cifar10_wants_pinning(void);

/* Where a thread computes. */
struct resnet8_cifar10_place {
  int processor;           /* -1: not known */
  int pinned;              /* whether `mask` is to be restored */
  unsigned char mask[128]; /* the processors that the thread might use before */
};

/*
 * Gives this thread a processor that no other thread of an inference in this process has, if there
 * is one: the one it is on, or else another, to which it moves. Some kernels start a thread on the
 * processor of its creator, where both then take turns until the load is balanced, milliseconds
 * later. A pinned thread stays there until it leaves its place; no two are pinned to one processor.
 */
struct resnet8_cifar10_place resnet8_cifar10_take_place(int pinned);
void resnet8_cifar10_leave_place(const struct resnet8_cifar10_place *place);

#endif
