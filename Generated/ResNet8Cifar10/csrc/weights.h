/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* The mapped weights file. */
#ifndef RESNET8_CIFAR10_WEIGHTS_H
#define RESNET8_CIFAR10_WEIGHTS_H

#include "resnet8_cifar10.h"

struct resnet8_cifar10_weights {
  void *mapping;
  size_t mapping_bytes;
  const float *payload; /* at a multiple of 4096 bytes */
};

/*
 * Maps and checks a weights file, with threads that share so many processors with inferences; on
 * failure nothing stays open.
 */
resnet8_cifar10_status resnet8_cifar10_map_weights(
    const char *path, int processors, struct resnet8_cifar10_weights *out);

void resnet8_cifar10_unmap_weights(const struct resnet8_cifar10_weights *weights);

/* XXH64 with seed 0. */
uint64_t resnet8_cifar10_checksum(const unsigned char *bytes, size_t count);

#endif
