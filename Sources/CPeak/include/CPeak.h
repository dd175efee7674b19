/// Loops that do nothing but what is to be measured: fused multiply-adds in registers, and reads
/// from memory. The caller takes the time.
#ifndef CPEAK_H
#define CPEAK_H

#include <stddef.h>
#include <stdint.h>

enum cpeak_isa {
  CPEAK_PORTABLE = 0,
  CPEAK_AVX2 = 1,
  CPEAK_AVX512 = 2,
  CPEAK_NEON = 3
};

/// Whether this processor and its operating system run the instruction set: 1 or 0.
int cpeak_supports(enum cpeak_isa isa);

/// Floating-point operations (an FMA is two) of one iteration of `cpeak_multiply_add`.
int64_t cpeak_operations_per_iteration(enum cpeak_isa isa);

/// Runs `iterations` rounds of independent multiply-adds in registers. The result depends on every
/// one of them, so that none can be left out. The instruction set must be supported.
float cpeak_multiply_add(enum cpeak_isa isa, int64_t iterations);

/// Reads `count` words, a multiple of 8, once, in order. The result depends on every word.
uint64_t cpeak_read(const uint64_t *words, size_t count);

#endif
