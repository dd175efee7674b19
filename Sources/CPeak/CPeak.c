#include "CPeak.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

// A processor with two FMA units of latency 4 needs eight independent chains to be busy, and one
// with a latency of 5 ten; sixteen accumulators leave room and fit every register file but those of
// SSE and AVX2, which get twelve.
#define CHAINS_16(STEP) \
  STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) \
  STEP(8) STEP(9) STEP(10) STEP(11) STEP(12) STEP(13) STEP(14) STEP(15)
#define CHAINS_12(STEP) \
  STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7) \
  STEP(8) STEP(9) STEP(10) STEP(11)

// Every chain is x = x / 2 + s, which tends to 2 s: none overflows or becomes denormal. They start
// apart, so that the compiler cannot take one for another.

typedef float vec4 __attribute__((vector_size(16)));

static float sum_lanes(const float *lanes, int count) {
  float sum = 0;
  for (int i = 0; i < count; i++) sum += lanes[i];
  return sum;
}

static float multiply_add_portable(int64_t iterations) {
  const vec4 half = {0.5f, 0.5f, 0.5f, 0.5f};
  const vec4 seed = {0.25f, 0.5f, 0.75f, 1.0f};
#define DECLARE(i) vec4 acc##i = {1.0f + i, 2.0f + i, 3.0f + i, 4.0f + i};
#define CHAIN(i) acc##i = acc##i * half + seed;
#define COLLECT(i) total += acc##i;
  CHAINS_12(DECLARE)
  for (int64_t n = 0; n < iterations; n++) { CHAINS_12(CHAIN) }
  vec4 total = {0, 0, 0, 0};
  CHAINS_12(COLLECT)
#undef DECLARE
#undef CHAIN
#undef COLLECT
  return sum_lanes((const float *)&total, 4);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2,fma"))) static float multiply_add_avx2(int64_t iterations) {
  const __m256 half = _mm256_set1_ps(0.5f);
  const __m256 seed = _mm256_setr_ps(1, 2, 3, 4, 5, 6, 7, 8);
#define DECLARE(i) __m256 acc##i = _mm256_set1_ps(1.0f + i);
#define CHAIN(i) acc##i = _mm256_fmadd_ps(acc##i, half, seed);
#define COLLECT(i) total = _mm256_add_ps(total, acc##i);
  CHAINS_12(DECLARE)
  for (int64_t n = 0; n < iterations; n++) { CHAINS_12(CHAIN) }
  __m256 total = _mm256_setzero_ps();
  CHAINS_12(COLLECT)
#undef DECLARE
#undef CHAIN
#undef COLLECT
  float lanes[8];
  _mm256_storeu_ps(lanes, total);
  return sum_lanes(lanes, 8);
}

__attribute__((target("avx512f"))) static float multiply_add_avx512(int64_t iterations) {
  const __m512 half = _mm512_set1_ps(0.5f);
  const __m512 seed =
      _mm512_setr_ps(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
#define DECLARE(i) __m512 acc##i = _mm512_set1_ps(1.0f + i);
#define CHAIN(i) acc##i = _mm512_fmadd_ps(acc##i, half, seed);
#define COLLECT(i) total = _mm512_add_ps(total, acc##i);
  CHAINS_16(DECLARE)
  for (int64_t n = 0; n < iterations; n++) { CHAINS_16(CHAIN) }
  __m512 total = _mm512_setzero_ps();
  CHAINS_16(COLLECT)
#undef DECLARE
#undef CHAIN
#undef COLLECT
  float lanes[16];
  _mm512_storeu_ps(lanes, total);
  return sum_lanes(lanes, 16);
}

#elif defined(__aarch64__)
#include <arm_neon.h>

static float multiply_add_neon(int64_t iterations) {
  const float32x4_t half = vdupq_n_f32(0.5f);
  const float32x4_t seed = {1, 2, 3, 4};
#define DECLARE(i) float32x4_t acc##i = vdupq_n_f32(1.0f + i);
#define CHAIN(i) acc##i = vfmaq_f32(seed, acc##i, half);
#define COLLECT(i) total = vaddq_f32(total, acc##i);
  CHAINS_16(DECLARE)
  for (int64_t n = 0; n < iterations; n++) { CHAINS_16(CHAIN) }
  float32x4_t total = vdupq_n_f32(0);
  CHAINS_16(COLLECT)
#undef DECLARE
#undef CHAIN
#undef COLLECT
  return vaddvq_f32(total);
}
#endif

#if defined(__x86_64__)
/* Whether the processor converts float16, which not every compiler's own check knows. */
static int has_f16c(void) {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
}
#endif

int cpeak_supports(enum cpeak_isa isa) {
  switch (isa) {
  case CPEAK_PORTABLE:
    return 1;
#if defined(__x86_64__)
  case CPEAK_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           has_f16c();
  case CPEAK_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && has_f16c();
#elif defined(__aarch64__)
  case CPEAK_NEON:
    return 1;
#endif
  default:
    return 0;
  }
}

int64_t cpeak_operations_per_iteration(enum cpeak_isa isa) {
  switch (isa) {
  case CPEAK_AVX2:
    return 12 * 8 * 2;
  case CPEAK_AVX512:
    return 16 * 16 * 2;
  case CPEAK_NEON:
    return 16 * 4 * 2;
  default:
    return 12 * 4 * 2;
  }
}

float cpeak_multiply_add(enum cpeak_isa isa, int64_t iterations) {
  switch (isa) {
#if defined(__x86_64__)
  case CPEAK_AVX2:
    return multiply_add_avx2(iterations);
  case CPEAK_AVX512:
    return multiply_add_avx512(iterations);
#elif defined(__aarch64__)
  case CPEAK_NEON:
    return multiply_add_neon(iterations);
#endif
  default:
    return multiply_add_portable(iterations);
  }
}

uint64_t cpeak_read(const uint64_t *words, size_t count) {
  uint64_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0, sum4 = 0, sum5 = 0, sum6 = 0, sum7 = 0;
  for (size_t i = 0; i + 8 <= count; i += 8) {
    sum0 += words[i];
    sum1 += words[i + 1];
    sum2 += words[i + 2];
    sum3 += words[i + 3];
    sum4 += words[i + 4];
    sum5 += words[i + 5];
    sum6 += words[i + 6];
    sum7 += words[i + 7];
  }
  return sum0 + sum1 + sum2 + sum3 + sum4 + sum5 + sum6 + sum7;
}
