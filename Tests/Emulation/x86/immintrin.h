/*
 * The intrinsics of AVX2, FMA, F16C and AVX-512 in terms of what the processor has, by SIMDe
 * (https://github.com/simd-everywhere/simde), and those that its release 0.7.4 lacks.
 */
#ifndef EMULATED_IMMINTRIN_H
#define EMULATED_IMMINTRIN_H

/* First, as SIMDe's names take the place of the compiler's. */
#if defined(__x86_64__) || defined(__i386__)
#include_next <immintrin.h>
#endif

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/f16c.h>
#include <simde/x86/fma.h>

#undef _mm512_permute_ps
#define _mm512_permute_ps(a, order) _mm512_shuffle_ps(a, a, order)

#undef _mm512_cvtph_ps
#define _mm512_cvtph_ps(a) emulated_mm512_cvtph_ps(a)
static inline __m512 emulated_mm512_cvtph_ps(__m256i a) {
  const __m256 low = _mm256_cvtph_ps(_mm256_castsi256_si128(a));
  const __m256 high = _mm256_cvtph_ps(_mm256_extractf128_si256(a, 1));
  return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

#endif
