/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network e8fb9545ebc26c2c. Do not edit: compile the spec again instead. */
/* How an inference's team of threads behaves towards the rest of the process. */
#ifndef RESNET8_CIFAR10_TEAM_H
#define RESNET8_CIFAR10_TEAM_H

/*
 * Takes up to `wanted` threads for an inference and returns how many: all of them if no other
 * inference runs in this process, or else at most as many as there are processors left, and at
 * least one. Give them back with resnet8_cifar10_leave_team.
 */
int resnet8_cifar10_join_team(int wanted);
void resnet8_cifar10_leave_team(int threads);

/*
 * Has OpenMP's threads sleep soon after the next parallel region of this thread rather than spin.
 * Returns the setting that resnet8_cifar10_restore_idling puts back after the region.
 */
int resnet8_cifar10_idle_passively(void);
void resnet8_cifar10_restore_idling(int saved);

/* Whether the environment variable RESNETC_PIN asks for threads that stay on their processors. */
int resnet8_cifar10_wants_pinning(void);

/* The processors that a thread may use, from before it was pinned. */
struct resnet8_cifar10_affinity {
  unsigned char mask[128];
  int known;
};

/* Pins this thread to the processor of its number, among those that it may use. */
struct resnet8_cifar10_affinity resnet8_cifar10_pin_thread(int thread);
void resnet8_cifar10_unpin_thread(const struct resnet8_cifar10_affinity *saved);

#endif
