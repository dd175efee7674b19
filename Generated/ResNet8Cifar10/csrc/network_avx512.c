/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* The kernels for avx512: register tiles, one function for each distinct layer, and the steps. */
#include "internal.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline, unused))
#ifdef __clang__
#define NO_UNROLL _Pragma("clang loop unroll(disable)")
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define NO_UNROLL _Pragma("GCC unroll 1")
#define UNROLL _Pragma("GCC unroll 64")
#endif

#include <immintrin.h>

INLINE int smaller(int a, int b) { return a < b ? a : b; }
INLINE int larger(int a, int b) { return a > b ? a : b; }

/* A thread's part of a step: a rectangle of tiles (or rows) by groups of panels. */
struct share {
  int first, first_end;
  int second, second_end;
};

/* What a register tile has to know of its convolution. Every call passes a constant one, which the
   compiler folds into addresses. Strides count elements. */
struct tile_shape {
  int count[4];        /* iterations of the reduction, outermost loop first */
  ptrdiff_t stride[4]; /* input between two iterations of each loop */
  ptrdiff_t panel;     /* elements of one panel of weights */
  ptrdiff_t in_pixel, in_row;
  ptrdiff_t in_wrap, out_wrap, res_wrap; /* from a row's end to the next row, if tiles wrap */
  ptrdiff_t out_pixel, out_row, out_panel;
  ptrdiff_t out_channel; /* 1, or the size of a channel plane */
  ptrdiff_t res_row, res_panel, res_channel;
  int residual, relu;
};

/* Loads 16 channels that lie `stride` apart, of which `count` exist. */
INLINE __m512 load_channels(const float *p, ptrdiff_t stride, int count) {
  if (stride == 1)
    return _mm512_loadu_ps(p);
  float lane[16] = {0};
  for (int i = 0; i < 16 && i < count; i++)
    lane[i] = p[i * stride];
  return _mm512_loadu_ps(lane);
}

/* Stores 16 channels that lie `stride` apart, of which `count` exist. */
INLINE void store_channels(float *p, __m512 v, ptrdiff_t stride, int count) {
  if (stride == 1) {
    _mm512_storeu_ps(p, v);
    return;
  }
  float lane[16];
  _mm512_storeu_ps(lane, v);
  for (int i = 0; i < 16 && i < count; i++)
    p[i * stride] = lane[i];
}

/* The epilogue of one vector of sums: add the residual, ReLU, store. */
INLINE void finish(
    const struct tile_shape *s, __m512 sum, const float *residual, float *out, int count) {
  if (s->residual)
    sum = _mm512_add_ps(sum, load_channels(residual, s->res_channel, count));
  if (s->relu)
    sum = _mm512_max_ps(_mm512_setzero_ps(), sum); /* in this order a NaN stays */
  store_channels(out, sum, s->out_channel, count);
}

/*
 * A register tile of 1 × 1 pixels × 1 panel: 1 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_1x1x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  __m512 c0_0 = b0;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
}

/*
 * A register tile of 16 × 1 pixels × 1 panel: 16 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_16x1x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  __m512 c0_0 = b0;
  __m512 c1_0 = b0;
  __m512 c2_0 = b0;
  __m512 c3_0 = b0;
  __m512 c4_0 = b0;
  __m512 c5_0 = b0;
  __m512 c6_0 = b0;
  __m512 c7_0 = b0;
  __m512 c8_0 = b0;
  __m512 c9_0 = b0;
  __m512 c10_0 = b0;
  __m512 c11_0 = b0;
  __m512 c12_0 = b0;
  __m512 c13_0 = b0;
  __m512 c14_0 = b0;
  __m512 c15_0 = b0;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          x = _mm512_set1_ps(a[5 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          x = _mm512_set1_ps(a[6 * s->in_pixel]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          x = _mm512_set1_ps(a[7 * s->in_pixel]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          x = _mm512_set1_ps(a[8 * s->in_pixel]);
          c8_0 = _mm512_fmadd_ps(x, w0, c8_0);
          x = _mm512_set1_ps(a[9 * s->in_pixel]);
          c9_0 = _mm512_fmadd_ps(x, w0, c9_0);
          x = _mm512_set1_ps(a[10 * s->in_pixel]);
          c10_0 = _mm512_fmadd_ps(x, w0, c10_0);
          x = _mm512_set1_ps(a[11 * s->in_pixel]);
          c11_0 = _mm512_fmadd_ps(x, w0, c11_0);
          x = _mm512_set1_ps(a[12 * s->in_pixel]);
          c12_0 = _mm512_fmadd_ps(x, w0, c12_0);
          x = _mm512_set1_ps(a[13 * s->in_pixel]);
          c13_0 = _mm512_fmadd_ps(x, w0, c13_0);
          x = _mm512_set1_ps(a[14 * s->in_pixel]);
          c14_0 = _mm512_fmadd_ps(x, w0, c14_0);
          x = _mm512_set1_ps(a[15 * s->in_pixel]);
          c15_0 = _mm512_fmadd_ps(x, w0, c15_0);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  r = residual + 5 * s->out_pixel;
  o = out + 5 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  r = residual + 6 * s->out_pixel;
  o = out + 6 * s->out_pixel;
  finish(s, c6_0, r, o, channels);
  r = residual + 7 * s->out_pixel;
  o = out + 7 * s->out_pixel;
  finish(s, c7_0, r, o, channels);
  r = residual + 8 * s->out_pixel;
  o = out + 8 * s->out_pixel;
  finish(s, c8_0, r, o, channels);
  r = residual + 9 * s->out_pixel;
  o = out + 9 * s->out_pixel;
  finish(s, c9_0, r, o, channels);
  r = residual + 10 * s->out_pixel;
  o = out + 10 * s->out_pixel;
  finish(s, c10_0, r, o, channels);
  r = residual + 11 * s->out_pixel;
  o = out + 11 * s->out_pixel;
  finish(s, c11_0, r, o, channels);
  r = residual + 12 * s->out_pixel;
  o = out + 12 * s->out_pixel;
  finish(s, c12_0, r, o, channels);
  r = residual + 13 * s->out_pixel;
  o = out + 13 * s->out_pixel;
  finish(s, c13_0, r, o, channels);
  r = residual + 14 * s->out_pixel;
  o = out + 14 * s->out_pixel;
  finish(s, c14_0, r, o, channels);
  r = residual + 15 * s->out_pixel;
  o = out + 15 * s->out_pixel;
  finish(s, c15_0, r, o, channels);
}

/*
 * A register tile of 6 × 4 pixels × 1 panel: 24 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_6x4x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  __m512 c0_0 = b0;
  __m512 c1_0 = b0;
  __m512 c2_0 = b0;
  __m512 c3_0 = b0;
  __m512 c4_0 = b0;
  __m512 c5_0 = b0;
  __m512 c6_0 = b0;
  __m512 c7_0 = b0;
  __m512 c8_0 = b0;
  __m512 c9_0 = b0;
  __m512 c10_0 = b0;
  __m512 c11_0 = b0;
  __m512 c12_0 = b0;
  __m512 c13_0 = b0;
  __m512 c14_0 = b0;
  __m512 c15_0 = b0;
  __m512 c16_0 = b0;
  __m512 c17_0 = b0;
  __m512 c18_0 = b0;
  __m512 c19_0 = b0;
  __m512 c20_0 = b0;
  __m512 c21_0 = b0;
  __m512 c22_0 = b0;
  __m512 c23_0 = b0;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          x = _mm512_set1_ps(a[5 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          x = _mm512_set1_ps(a[s->in_row]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          x = _mm512_set1_ps(a[s->in_row + 2 * s->in_pixel]);
          c8_0 = _mm512_fmadd_ps(x, w0, c8_0);
          x = _mm512_set1_ps(a[s->in_row + 3 * s->in_pixel]);
          c9_0 = _mm512_fmadd_ps(x, w0, c9_0);
          x = _mm512_set1_ps(a[s->in_row + 4 * s->in_pixel]);
          c10_0 = _mm512_fmadd_ps(x, w0, c10_0);
          x = _mm512_set1_ps(a[s->in_row + 5 * s->in_pixel]);
          c11_0 = _mm512_fmadd_ps(x, w0, c11_0);
          x = _mm512_set1_ps(a[2 * s->in_row]);
          c12_0 = _mm512_fmadd_ps(x, w0, c12_0);
          x = _mm512_set1_ps(a[2 * s->in_row + s->in_pixel]);
          c13_0 = _mm512_fmadd_ps(x, w0, c13_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 2 * s->in_pixel]);
          c14_0 = _mm512_fmadd_ps(x, w0, c14_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 3 * s->in_pixel]);
          c15_0 = _mm512_fmadd_ps(x, w0, c15_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 4 * s->in_pixel]);
          c16_0 = _mm512_fmadd_ps(x, w0, c16_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 5 * s->in_pixel]);
          c17_0 = _mm512_fmadd_ps(x, w0, c17_0);
          x = _mm512_set1_ps(a[3 * s->in_row]);
          c18_0 = _mm512_fmadd_ps(x, w0, c18_0);
          x = _mm512_set1_ps(a[3 * s->in_row + s->in_pixel]);
          c19_0 = _mm512_fmadd_ps(x, w0, c19_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 2 * s->in_pixel]);
          c20_0 = _mm512_fmadd_ps(x, w0, c20_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 3 * s->in_pixel]);
          c21_0 = _mm512_fmadd_ps(x, w0, c21_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 4 * s->in_pixel]);
          c22_0 = _mm512_fmadd_ps(x, w0, c22_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 5 * s->in_pixel]);
          c23_0 = _mm512_fmadd_ps(x, w0, c23_0);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  r = residual + 5 * s->out_pixel;
  o = out + 5 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c6_0, r, o, channels);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c7_0, r, o, channels);
  r = residual + s->res_row + 2 * s->out_pixel;
  o = out + s->out_row + 2 * s->out_pixel;
  finish(s, c8_0, r, o, channels);
  r = residual + s->res_row + 3 * s->out_pixel;
  o = out + s->out_row + 3 * s->out_pixel;
  finish(s, c9_0, r, o, channels);
  r = residual + s->res_row + 4 * s->out_pixel;
  o = out + s->out_row + 4 * s->out_pixel;
  finish(s, c10_0, r, o, channels);
  r = residual + s->res_row + 5 * s->out_pixel;
  o = out + s->out_row + 5 * s->out_pixel;
  finish(s, c11_0, r, o, channels);
  r = residual + 2 * s->res_row;
  o = out + 2 * s->out_row;
  finish(s, c12_0, r, o, channels);
  r = residual + 2 * s->res_row + s->out_pixel;
  o = out + 2 * s->out_row + s->out_pixel;
  finish(s, c13_0, r, o, channels);
  r = residual + 2 * s->res_row + 2 * s->out_pixel;
  o = out + 2 * s->out_row + 2 * s->out_pixel;
  finish(s, c14_0, r, o, channels);
  r = residual + 2 * s->res_row + 3 * s->out_pixel;
  o = out + 2 * s->out_row + 3 * s->out_pixel;
  finish(s, c15_0, r, o, channels);
  r = residual + 2 * s->res_row + 4 * s->out_pixel;
  o = out + 2 * s->out_row + 4 * s->out_pixel;
  finish(s, c16_0, r, o, channels);
  r = residual + 2 * s->res_row + 5 * s->out_pixel;
  o = out + 2 * s->out_row + 5 * s->out_pixel;
  finish(s, c17_0, r, o, channels);
  r = residual + 3 * s->res_row;
  o = out + 3 * s->out_row;
  finish(s, c18_0, r, o, channels);
  r = residual + 3 * s->res_row + s->out_pixel;
  o = out + 3 * s->out_row + s->out_pixel;
  finish(s, c19_0, r, o, channels);
  r = residual + 3 * s->res_row + 2 * s->out_pixel;
  o = out + 3 * s->out_row + 2 * s->out_pixel;
  finish(s, c20_0, r, o, channels);
  r = residual + 3 * s->res_row + 3 * s->out_pixel;
  o = out + 3 * s->out_row + 3 * s->out_pixel;
  finish(s, c21_0, r, o, channels);
  r = residual + 3 * s->res_row + 4 * s->out_pixel;
  o = out + 3 * s->out_row + 4 * s->out_pixel;
  finish(s, c22_0, r, o, channels);
  r = residual + 3 * s->res_row + 5 * s->out_pixel;
  o = out + 3 * s->out_row + 5 * s->out_pixel;
  finish(s, c23_0, r, o, channels);
}

/*
 * A register tile of 7 × 4 pixels × 1 panel: 28 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_7x4x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  __m512 c0_0 = b0;
  __m512 c1_0 = b0;
  __m512 c2_0 = b0;
  __m512 c3_0 = b0;
  __m512 c4_0 = b0;
  __m512 c5_0 = b0;
  __m512 c6_0 = b0;
  __m512 c7_0 = b0;
  __m512 c8_0 = b0;
  __m512 c9_0 = b0;
  __m512 c10_0 = b0;
  __m512 c11_0 = b0;
  __m512 c12_0 = b0;
  __m512 c13_0 = b0;
  __m512 c14_0 = b0;
  __m512 c15_0 = b0;
  __m512 c16_0 = b0;
  __m512 c17_0 = b0;
  __m512 c18_0 = b0;
  __m512 c19_0 = b0;
  __m512 c20_0 = b0;
  __m512 c21_0 = b0;
  __m512 c22_0 = b0;
  __m512 c23_0 = b0;
  __m512 c24_0 = b0;
  __m512 c25_0 = b0;
  __m512 c26_0 = b0;
  __m512 c27_0 = b0;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          x = _mm512_set1_ps(a[5 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          x = _mm512_set1_ps(a[6 * s->in_pixel]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          x = _mm512_set1_ps(a[s->in_row]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c8_0 = _mm512_fmadd_ps(x, w0, c8_0);
          x = _mm512_set1_ps(a[s->in_row + 2 * s->in_pixel]);
          c9_0 = _mm512_fmadd_ps(x, w0, c9_0);
          x = _mm512_set1_ps(a[s->in_row + 3 * s->in_pixel]);
          c10_0 = _mm512_fmadd_ps(x, w0, c10_0);
          x = _mm512_set1_ps(a[s->in_row + 4 * s->in_pixel]);
          c11_0 = _mm512_fmadd_ps(x, w0, c11_0);
          x = _mm512_set1_ps(a[s->in_row + 5 * s->in_pixel]);
          c12_0 = _mm512_fmadd_ps(x, w0, c12_0);
          x = _mm512_set1_ps(a[s->in_row + 6 * s->in_pixel]);
          c13_0 = _mm512_fmadd_ps(x, w0, c13_0);
          x = _mm512_set1_ps(a[2 * s->in_row]);
          c14_0 = _mm512_fmadd_ps(x, w0, c14_0);
          x = _mm512_set1_ps(a[2 * s->in_row + s->in_pixel]);
          c15_0 = _mm512_fmadd_ps(x, w0, c15_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 2 * s->in_pixel]);
          c16_0 = _mm512_fmadd_ps(x, w0, c16_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 3 * s->in_pixel]);
          c17_0 = _mm512_fmadd_ps(x, w0, c17_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 4 * s->in_pixel]);
          c18_0 = _mm512_fmadd_ps(x, w0, c18_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 5 * s->in_pixel]);
          c19_0 = _mm512_fmadd_ps(x, w0, c19_0);
          x = _mm512_set1_ps(a[2 * s->in_row + 6 * s->in_pixel]);
          c20_0 = _mm512_fmadd_ps(x, w0, c20_0);
          x = _mm512_set1_ps(a[3 * s->in_row]);
          c21_0 = _mm512_fmadd_ps(x, w0, c21_0);
          x = _mm512_set1_ps(a[3 * s->in_row + s->in_pixel]);
          c22_0 = _mm512_fmadd_ps(x, w0, c22_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 2 * s->in_pixel]);
          c23_0 = _mm512_fmadd_ps(x, w0, c23_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 3 * s->in_pixel]);
          c24_0 = _mm512_fmadd_ps(x, w0, c24_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 4 * s->in_pixel]);
          c25_0 = _mm512_fmadd_ps(x, w0, c25_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 5 * s->in_pixel]);
          c26_0 = _mm512_fmadd_ps(x, w0, c26_0);
          x = _mm512_set1_ps(a[3 * s->in_row + 6 * s->in_pixel]);
          c27_0 = _mm512_fmadd_ps(x, w0, c27_0);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  r = residual + 5 * s->out_pixel;
  o = out + 5 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  r = residual + 6 * s->out_pixel;
  o = out + 6 * s->out_pixel;
  finish(s, c6_0, r, o, channels);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c7_0, r, o, channels);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c8_0, r, o, channels);
  r = residual + s->res_row + 2 * s->out_pixel;
  o = out + s->out_row + 2 * s->out_pixel;
  finish(s, c9_0, r, o, channels);
  r = residual + s->res_row + 3 * s->out_pixel;
  o = out + s->out_row + 3 * s->out_pixel;
  finish(s, c10_0, r, o, channels);
  r = residual + s->res_row + 4 * s->out_pixel;
  o = out + s->out_row + 4 * s->out_pixel;
  finish(s, c11_0, r, o, channels);
  r = residual + s->res_row + 5 * s->out_pixel;
  o = out + s->out_row + 5 * s->out_pixel;
  finish(s, c12_0, r, o, channels);
  r = residual + s->res_row + 6 * s->out_pixel;
  o = out + s->out_row + 6 * s->out_pixel;
  finish(s, c13_0, r, o, channels);
  r = residual + 2 * s->res_row;
  o = out + 2 * s->out_row;
  finish(s, c14_0, r, o, channels);
  r = residual + 2 * s->res_row + s->out_pixel;
  o = out + 2 * s->out_row + s->out_pixel;
  finish(s, c15_0, r, o, channels);
  r = residual + 2 * s->res_row + 2 * s->out_pixel;
  o = out + 2 * s->out_row + 2 * s->out_pixel;
  finish(s, c16_0, r, o, channels);
  r = residual + 2 * s->res_row + 3 * s->out_pixel;
  o = out + 2 * s->out_row + 3 * s->out_pixel;
  finish(s, c17_0, r, o, channels);
  r = residual + 2 * s->res_row + 4 * s->out_pixel;
  o = out + 2 * s->out_row + 4 * s->out_pixel;
  finish(s, c18_0, r, o, channels);
  r = residual + 2 * s->res_row + 5 * s->out_pixel;
  o = out + 2 * s->out_row + 5 * s->out_pixel;
  finish(s, c19_0, r, o, channels);
  r = residual + 2 * s->res_row + 6 * s->out_pixel;
  o = out + 2 * s->out_row + 6 * s->out_pixel;
  finish(s, c20_0, r, o, channels);
  r = residual + 3 * s->res_row;
  o = out + 3 * s->out_row;
  finish(s, c21_0, r, o, channels);
  r = residual + 3 * s->res_row + s->out_pixel;
  o = out + 3 * s->out_row + s->out_pixel;
  finish(s, c22_0, r, o, channels);
  r = residual + 3 * s->res_row + 2 * s->out_pixel;
  o = out + 3 * s->out_row + 2 * s->out_pixel;
  finish(s, c23_0, r, o, channels);
  r = residual + 3 * s->res_row + 3 * s->out_pixel;
  o = out + 3 * s->out_row + 3 * s->out_pixel;
  finish(s, c24_0, r, o, channels);
  r = residual + 3 * s->res_row + 4 * s->out_pixel;
  o = out + 3 * s->out_row + 4 * s->out_pixel;
  finish(s, c25_0, r, o, channels);
  r = residual + 3 * s->res_row + 5 * s->out_pixel;
  o = out + 3 * s->out_row + 5 * s->out_pixel;
  finish(s, c26_0, r, o, channels);
  r = residual + 3 * s->res_row + 6 * s->out_pixel;
  o = out + 3 * s->out_row + 6 * s->out_pixel;
  finish(s, c27_0, r, o, channels);
}

/*
 * A register tile of 4 × 1 pixels × 2 panels: 8 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_4x1x2(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  __m512 c0_0 = b0, c0_1 = b1;
  __m512 c1_0 = b0, c1_1 = b1;
  __m512 c2_0 = b0, c2_1 = b1;
  __m512 c3_0 = b0, c3_1 = b1;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
}

/*
 * A register tile of 8 × 1 pixels × 2 panels: 16 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_8x1x2(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  __m512 c0_0 = b0, c0_1 = b1;
  __m512 c1_0 = b0, c1_1 = b1;
  __m512 c2_0 = b0, c2_1 = b1;
  __m512 c3_0 = b0, c3_1 = b1;
  __m512 c4_0 = b0, c4_1 = b1;
  __m512 c5_0 = b0, c5_1 = b1;
  __m512 c6_0 = b0, c6_1 = b1;
  __m512 c7_0 = b0, c7_1 = b1;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          c4_1 = _mm512_fmadd_ps(x, w1, c4_1);
          x = _mm512_set1_ps(a[5 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          c5_1 = _mm512_fmadd_ps(x, w1, c5_1);
          x = _mm512_set1_ps(a[6 * s->in_pixel]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          c6_1 = _mm512_fmadd_ps(x, w1, c6_1);
          x = _mm512_set1_ps(a[7 * s->in_pixel]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          c7_1 = _mm512_fmadd_ps(x, w1, c7_1);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  finish(s, c4_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 5 * s->out_pixel;
  o = out + 5 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  finish(s, c5_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 6 * s->out_pixel;
  o = out + 6 * s->out_pixel;
  finish(s, c6_0, r, o, channels);
  finish(s, c6_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 7 * s->out_pixel;
  o = out + 7 * s->out_pixel;
  finish(s, c7_0, r, o, channels);
  finish(s, c7_1, r + s->res_panel, o + s->out_panel, channels - 16);
}

/*
 * A register tile of 5 × 2 pixels × 2 panels: 20 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_5x2x2(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  __m512 c0_0 = b0, c0_1 = b1;
  __m512 c1_0 = b0, c1_1 = b1;
  __m512 c2_0 = b0, c2_1 = b1;
  __m512 c3_0 = b0, c3_1 = b1;
  __m512 c4_0 = b0, c4_1 = b1;
  __m512 c5_0 = b0, c5_1 = b1;
  __m512 c6_0 = b0, c6_1 = b1;
  __m512 c7_0 = b0, c7_1 = b1;
  __m512 c8_0 = b0, c8_1 = b1;
  __m512 c9_0 = b0, c9_1 = b1;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          c4_1 = _mm512_fmadd_ps(x, w1, c4_1);
          x = _mm512_set1_ps(a[s->in_row]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          c5_1 = _mm512_fmadd_ps(x, w1, c5_1);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          c6_1 = _mm512_fmadd_ps(x, w1, c6_1);
          x = _mm512_set1_ps(a[s->in_row + 2 * s->in_pixel]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          c7_1 = _mm512_fmadd_ps(x, w1, c7_1);
          x = _mm512_set1_ps(a[s->in_row + 3 * s->in_pixel]);
          c8_0 = _mm512_fmadd_ps(x, w0, c8_0);
          c8_1 = _mm512_fmadd_ps(x, w1, c8_1);
          x = _mm512_set1_ps(a[s->in_row + 4 * s->in_pixel]);
          c9_0 = _mm512_fmadd_ps(x, w0, c9_0);
          c9_1 = _mm512_fmadd_ps(x, w1, c9_1);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  finish(s, c4_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c5_0, r, o, channels);
  finish(s, c5_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c6_0, r, o, channels);
  finish(s, c6_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 2 * s->out_pixel;
  o = out + s->out_row + 2 * s->out_pixel;
  finish(s, c7_0, r, o, channels);
  finish(s, c7_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 3 * s->out_pixel;
  o = out + s->out_row + 3 * s->out_pixel;
  finish(s, c8_0, r, o, channels);
  finish(s, c8_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 4 * s->out_pixel;
  o = out + s->out_row + 4 * s->out_pixel;
  finish(s, c9_0, r, o, channels);
  finish(s, c9_1, r + s->res_panel, o + s->out_panel, channels - 16);
}

/*
 * A register tile of 6 × 2 pixels × 2 panels: 24 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_6x2x2(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  __m512 c0_0 = b0, c0_1 = b1;
  __m512 c1_0 = b0, c1_1 = b1;
  __m512 c2_0 = b0, c2_1 = b1;
  __m512 c3_0 = b0, c3_1 = b1;
  __m512 c4_0 = b0, c4_1 = b1;
  __m512 c5_0 = b0, c5_1 = b1;
  __m512 c6_0 = b0, c6_1 = b1;
  __m512 c7_0 = b0, c7_1 = b1;
  __m512 c8_0 = b0, c8_1 = b1;
  __m512 c9_0 = b0, c9_1 = b1;
  __m512 c10_0 = b0, c10_1 = b1;
  __m512 c11_0 = b0, c11_1 = b1;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          x = _mm512_set1_ps(a[4 * s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          c4_1 = _mm512_fmadd_ps(x, w1, c4_1);
          x = _mm512_set1_ps(a[5 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          c5_1 = _mm512_fmadd_ps(x, w1, c5_1);
          x = _mm512_set1_ps(a[s->in_row]);
          c6_0 = _mm512_fmadd_ps(x, w0, c6_0);
          c6_1 = _mm512_fmadd_ps(x, w1, c6_1);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c7_0 = _mm512_fmadd_ps(x, w0, c7_0);
          c7_1 = _mm512_fmadd_ps(x, w1, c7_1);
          x = _mm512_set1_ps(a[s->in_row + 2 * s->in_pixel]);
          c8_0 = _mm512_fmadd_ps(x, w0, c8_0);
          c8_1 = _mm512_fmadd_ps(x, w1, c8_1);
          x = _mm512_set1_ps(a[s->in_row + 3 * s->in_pixel]);
          c9_0 = _mm512_fmadd_ps(x, w0, c9_0);
          c9_1 = _mm512_fmadd_ps(x, w1, c9_1);
          x = _mm512_set1_ps(a[s->in_row + 4 * s->in_pixel]);
          c10_0 = _mm512_fmadd_ps(x, w0, c10_0);
          c10_1 = _mm512_fmadd_ps(x, w1, c10_1);
          x = _mm512_set1_ps(a[s->in_row + 5 * s->in_pixel]);
          c11_0 = _mm512_fmadd_ps(x, w0, c11_0);
          c11_1 = _mm512_fmadd_ps(x, w1, c11_1);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 4 * s->out_pixel;
  o = out + 4 * s->out_pixel;
  finish(s, c4_0, r, o, channels);
  finish(s, c4_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + 5 * s->out_pixel;
  o = out + 5 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  finish(s, c5_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c6_0, r, o, channels);
  finish(s, c6_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c7_0, r, o, channels);
  finish(s, c7_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 2 * s->out_pixel;
  o = out + s->out_row + 2 * s->out_pixel;
  finish(s, c8_0, r, o, channels);
  finish(s, c8_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 3 * s->out_pixel;
  o = out + s->out_row + 3 * s->out_pixel;
  finish(s, c9_0, r, o, channels);
  finish(s, c9_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 4 * s->out_pixel;
  o = out + s->out_row + 4 * s->out_pixel;
  finish(s, c10_0, r, o, channels);
  finish(s, c10_1, r + s->res_panel, o + s->out_panel, channels - 16);
  r = residual + s->res_row + 5 * s->out_pixel;
  o = out + s->out_row + 5 * s->out_pixel;
  finish(s, c11_0, r, o, channels);
  finish(s, c11_1, r + s->res_panel, o + s->out_panel, channels - 16);
}

/*
 * A register tile of 4 × 1 pixels × 4 panels: 16 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_4x1x4(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  const __m512 b2 = _mm512_loadu_ps(bias + 32);
  const __m512 b3 = _mm512_loadu_ps(bias + 48);
  __m512 c0_0 = b0, c0_1 = b1, c0_2 = b2, c0_3 = b3;
  __m512 c1_0 = b0, c1_1 = b1, c1_2 = b2, c1_3 = b3;
  __m512 c2_0 = b0, c2_1 = b1, c2_2 = b2, c2_3 = b3;
  __m512 c3_0 = b0, c3_1 = b1, c3_2 = b2, c3_3 = b3;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          const __m512 w2 = _mm512_loadu_ps(weights + 2 * s->panel);
          const __m512 w3 = _mm512_loadu_ps(weights + 3 * s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          c0_2 = _mm512_fmadd_ps(x, w2, c0_2);
          c0_3 = _mm512_fmadd_ps(x, w3, c0_3);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          c1_2 = _mm512_fmadd_ps(x, w2, c1_2);
          c1_3 = _mm512_fmadd_ps(x, w3, c1_3);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          c2_2 = _mm512_fmadd_ps(x, w2, c2_2);
          c2_3 = _mm512_fmadd_ps(x, w3, c2_3);
          x = _mm512_set1_ps(a[3 * s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          c3_2 = _mm512_fmadd_ps(x, w2, c3_2);
          c3_3 = _mm512_fmadd_ps(x, w3, c3_3);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c0_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c0_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c1_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c1_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c2_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c2_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + 3 * s->out_pixel;
  o = out + 3 * s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c3_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c3_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
}

/*
 * A register tile of 2 × 2 pixels × 4 panels: 16 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_2x2x4(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  const __m512 b2 = _mm512_loadu_ps(bias + 32);
  const __m512 b3 = _mm512_loadu_ps(bias + 48);
  __m512 c0_0 = b0, c0_1 = b1, c0_2 = b2, c0_3 = b3;
  __m512 c1_0 = b0, c1_1 = b1, c1_2 = b2, c1_3 = b3;
  __m512 c2_0 = b0, c2_1 = b1, c2_2 = b2, c2_3 = b3;
  __m512 c3_0 = b0, c3_1 = b1, c3_2 = b2, c3_3 = b3;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          const __m512 w2 = _mm512_loadu_ps(weights + 2 * s->panel);
          const __m512 w3 = _mm512_loadu_ps(weights + 3 * s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          c0_2 = _mm512_fmadd_ps(x, w2, c0_2);
          c0_3 = _mm512_fmadd_ps(x, w3, c0_3);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          c1_2 = _mm512_fmadd_ps(x, w2, c1_2);
          c1_3 = _mm512_fmadd_ps(x, w3, c1_3);
          x = _mm512_set1_ps(a[s->in_row]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          c2_2 = _mm512_fmadd_ps(x, w2, c2_2);
          c2_3 = _mm512_fmadd_ps(x, w3, c2_3);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          c3_2 = _mm512_fmadd_ps(x, w2, c3_2);
          c3_3 = _mm512_fmadd_ps(x, w3, c3_3);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c0_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c0_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c1_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c1_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c2_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c2_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c3_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c3_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
}

/*
 * A register tile of 3 × 2 pixels × 4 panels: 24 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_3x2x4(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const __m512 b0 = _mm512_loadu_ps(bias);
  const __m512 b1 = _mm512_loadu_ps(bias + 16);
  const __m512 b2 = _mm512_loadu_ps(bias + 32);
  const __m512 b3 = _mm512_loadu_ps(bias + 48);
  __m512 c0_0 = b0, c0_1 = b1, c0_2 = b2, c0_3 = b3;
  __m512 c1_0 = b0, c1_1 = b1, c1_2 = b2, c1_3 = b3;
  __m512 c2_0 = b0, c2_1 = b1, c2_2 = b2, c2_3 = b3;
  __m512 c3_0 = b0, c3_1 = b1, c3_2 = b2, c3_3 = b3;
  __m512 c4_0 = b0, c4_1 = b1, c4_2 = b2, c4_3 = b3;
  __m512 c5_0 = b0, c5_1 = b1, c5_2 = b2, c5_3 = b3;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const __m512 w0 = _mm512_loadu_ps(weights);
          const __m512 w1 = _mm512_loadu_ps(weights + s->panel);
          const __m512 w2 = _mm512_loadu_ps(weights + 2 * s->panel);
          const __m512 w3 = _mm512_loadu_ps(weights + 3 * s->panel);
          __m512 x;
          x = _mm512_set1_ps(a[0]);
          c0_0 = _mm512_fmadd_ps(x, w0, c0_0);
          c0_1 = _mm512_fmadd_ps(x, w1, c0_1);
          c0_2 = _mm512_fmadd_ps(x, w2, c0_2);
          c0_3 = _mm512_fmadd_ps(x, w3, c0_3);
          x = _mm512_set1_ps(a[s->in_pixel]);
          c1_0 = _mm512_fmadd_ps(x, w0, c1_0);
          c1_1 = _mm512_fmadd_ps(x, w1, c1_1);
          c1_2 = _mm512_fmadd_ps(x, w2, c1_2);
          c1_3 = _mm512_fmadd_ps(x, w3, c1_3);
          x = _mm512_set1_ps(a[2 * s->in_pixel]);
          c2_0 = _mm512_fmadd_ps(x, w0, c2_0);
          c2_1 = _mm512_fmadd_ps(x, w1, c2_1);
          c2_2 = _mm512_fmadd_ps(x, w2, c2_2);
          c2_3 = _mm512_fmadd_ps(x, w3, c2_3);
          x = _mm512_set1_ps(a[s->in_row]);
          c3_0 = _mm512_fmadd_ps(x, w0, c3_0);
          c3_1 = _mm512_fmadd_ps(x, w1, c3_1);
          c3_2 = _mm512_fmadd_ps(x, w2, c3_2);
          c3_3 = _mm512_fmadd_ps(x, w3, c3_3);
          x = _mm512_set1_ps(a[s->in_row + s->in_pixel]);
          c4_0 = _mm512_fmadd_ps(x, w0, c4_0);
          c4_1 = _mm512_fmadd_ps(x, w1, c4_1);
          c4_2 = _mm512_fmadd_ps(x, w2, c4_2);
          c4_3 = _mm512_fmadd_ps(x, w3, c4_3);
          x = _mm512_set1_ps(a[s->in_row + 2 * s->in_pixel]);
          c5_0 = _mm512_fmadd_ps(x, w0, c5_0);
          c5_1 = _mm512_fmadd_ps(x, w1, c5_1);
          c5_2 = _mm512_fmadd_ps(x, w2, c5_2);
          c5_3 = _mm512_fmadd_ps(x, w3, c5_3);
          a += s->stride[3];
          weights += 16;
          line += 64;
        }
      }
    }
  }

  const float *r;
  float *o;
  r = residual;
  o = out;
  finish(s, c0_0, r, o, channels);
  finish(s, c0_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c0_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c0_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c1_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c1_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + 2 * s->out_pixel;
  o = out + 2 * s->out_pixel;
  finish(s, c2_0, r, o, channels);
  finish(s, c2_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c2_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c2_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->res_row;
  o = out + s->out_row;
  finish(s, c3_0, r, o, channels);
  finish(s, c3_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c3_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c3_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->res_row + s->out_pixel;
  o = out + s->out_row + s->out_pixel;
  finish(s, c4_0, r, o, channels);
  finish(s, c4_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c4_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c4_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
  r = residual + s->res_row + 2 * s->out_pixel;
  o = out + s->out_row + 2 * s->out_pixel;
  finish(s, c5_0, r, o, channels);
  finish(s, c5_1, r + s->res_panel, o + s->out_panel, channels - 16);
  finish(s, c5_2, r + 2 * s->res_panel, o + 2 * s->out_panel, channels - 32);
  finish(s, c5_3, r + 3 * s->res_panel, o + 3 * s->out_panel, channels - 48);
}

/* The input transform Bᵀd of Winograd's F(4, 1) at ±0.5 and ±1.5. */
INLINE void winograd_input_line_4_1of2(const __m512 *d, __m512 *out) {
  const __m512 c2_25 = _mm512_set1_ps(2.25f);
  const __m512 c0_5 = _mm512_set1_ps(0.5f);
  const __m512 c0_25 = _mm512_set1_ps(0.25f);
  const __m512 c1_5 = _mm512_set1_ps(1.5f);
  /* ±0.5 */
  const __m512 q1 = _mm512_fnmadd_ps(c2_25, d[0], d[2]);
  const __m512 xq1 = _mm512_fnmadd_ps(c2_25, d[1], d[3]);
  out[0] = _mm512_fmadd_ps(c0_5, q1, xq1);
  out[1] = _mm512_fnmadd_ps(c0_5, q1, xq1);
  /* ±1.5 */
  const __m512 q3 = _mm512_fnmadd_ps(c0_25, d[0], d[2]);
  const __m512 xq3 = _mm512_fnmadd_ps(c0_25, d[1], d[3]);
  out[2] = _mm512_fmadd_ps(c1_5, q3, xq3);
  out[3] = _mm512_fnmadd_ps(c1_5, q3, xq3);
}

/* The input transform Bᵀd of Winograd's F(4, 2) at ±0.5, ±1.5 and infinity. */
INLINE void winograd_input_line_4_2(const __m512 *d, __m512 *out) {
  const __m512 c2_25 = _mm512_set1_ps(2.25f);
  const __m512 c0_5 = _mm512_set1_ps(0.5f);
  const __m512 c0_25 = _mm512_set1_ps(0.25f);
  const __m512 c1_5 = _mm512_set1_ps(1.5f);
  const __m512 c2_5 = _mm512_set1_ps(2.5f);
  const __m512 c0_5625 = _mm512_set1_ps(0.5625f);
  /* ±0.5 */
  const __m512 q1 = _mm512_fnmadd_ps(c2_25, d[0], d[2]);
  const __m512 xq1 = _mm512_fnmadd_ps(c2_25, d[1], d[3]);
  out[0] = _mm512_fmadd_ps(c0_5, q1, xq1);
  out[1] = _mm512_fnmadd_ps(c0_5, q1, xq1);
  /* ±1.5 */
  const __m512 q3 = _mm512_fnmadd_ps(c0_25, d[0], d[2]);
  const __m512 xq3 = _mm512_fnmadd_ps(c0_25, d[1], d[3]);
  out[2] = _mm512_fmadd_ps(c1_5, q3, xq3);
  out[3] = _mm512_fnmadd_ps(c1_5, q3, xq3);
  out[4] = _mm512_fmadd_ps(c0_5625, d[0], _mm512_fnmadd_ps(c2_5, d[2], d[4]));
}

/* The input transform Bᵀd of Winograd's F(4, 3) at 0, ±0.75, ±1.5 and infinity. */
INLINE void winograd_input_line_4_3(const __m512 *d, __m512 *out) {
  const __m512 c2_8125 = _mm512_set1_ps(2.8125f);
  const __m512 c1_265625 = _mm512_set1_ps(1.265625f);
  const __m512 c2_25 = _mm512_set1_ps(2.25f);
  const __m512 c0_75 = _mm512_set1_ps(0.75f);
  const __m512 c0_5625 = _mm512_set1_ps(0.5625f);
  const __m512 c1_5 = _mm512_set1_ps(1.5f);
  out[0] = _mm512_fmadd_ps(c1_265625, d[0], _mm512_fnmadd_ps(c2_8125, d[2], d[4]));
  /* ±0.75 */
  const __m512 q2 = _mm512_fnmadd_ps(c2_25, d[1], d[3]);
  const __m512 xq2 = _mm512_fnmadd_ps(c2_25, d[2], d[4]);
  out[1] = _mm512_fmadd_ps(c0_75, q2, xq2);
  out[2] = _mm512_fnmadd_ps(c0_75, q2, xq2);
  /* ±1.5 */
  const __m512 q4 = _mm512_fnmadd_ps(c0_5625, d[1], d[3]);
  const __m512 xq4 = _mm512_fnmadd_ps(c0_5625, d[2], d[4]);
  out[3] = _mm512_fmadd_ps(c1_5, q4, xq4);
  out[4] = _mm512_fnmadd_ps(c1_5, q4, xq4);
  out[5] = _mm512_fmadd_ps(c1_265625, d[1], _mm512_fnmadd_ps(c2_8125, d[3], d[5]));
}

/* The output transform Aᵀm of Winograd's F(4, 2) at ±0.5, ±1.5 and infinity. */
INLINE void winograd_output_line_4_2(const __m512 *m, __m512 *out) {
  const __m512 c1_5 = _mm512_set1_ps(1.5f);
  const __m512 c0_5 = _mm512_set1_ps(0.5f);
  const __m512 c2_25 = _mm512_set1_ps(2.25f);
  const __m512 c0_25 = _mm512_set1_ps(0.25f);
  const __m512 c3_375 = _mm512_set1_ps(3.375f);
  const __m512 c0_125 = _mm512_set1_ps(0.125f);
  const __m512 sum1 = _mm512_add_ps(m[0], m[1]);
  const __m512 difference1 = _mm512_sub_ps(m[0], m[1]);
  const __m512 sum3 = _mm512_add_ps(m[2], m[3]);
  const __m512 difference3 = _mm512_sub_ps(m[2], m[3]);
  out[0] = _mm512_add_ps(sum1, sum3);
  out[1] = _mm512_fmadd_ps(c0_5, difference1, _mm512_mul_ps(c1_5, difference3));
  out[2] = _mm512_fmadd_ps(c0_25, sum1, _mm512_mul_ps(c2_25, sum3));
  out[3] = _mm512_fmadd_ps(c0_125, difference1, _mm512_fmadd_ps(c3_375, difference3, m[4]));
}

/* The output transform Aᵀm of Winograd's F(4, 3) at 0, ±0.75, ±1.5 and infinity. */
INLINE void winograd_output_line_4_3(const __m512 *m, __m512 *out) {
  const __m512 c1_5 = _mm512_set1_ps(1.5f);
  const __m512 c0_75 = _mm512_set1_ps(0.75f);
  const __m512 c2_25 = _mm512_set1_ps(2.25f);
  const __m512 c0_5625 = _mm512_set1_ps(0.5625f);
  const __m512 c3_375 = _mm512_set1_ps(3.375f);
  const __m512 c0_421875 = _mm512_set1_ps(0.421875f);
  const __m512 sum2 = _mm512_add_ps(m[1], m[2]);
  const __m512 difference2 = _mm512_sub_ps(m[1], m[2]);
  const __m512 sum4 = _mm512_add_ps(m[3], m[4]);
  const __m512 difference4 = _mm512_sub_ps(m[3], m[4]);
  out[0] = _mm512_add_ps(_mm512_add_ps(m[0], sum2), sum4);
  out[1] = _mm512_fmadd_ps(c0_75, difference2, _mm512_mul_ps(c1_5, difference4));
  out[2] = _mm512_fmadd_ps(c0_5625, sum2, _mm512_mul_ps(c2_25, sum4));
  out[3] = _mm512_fmadd_ps(c3_375, difference4, m[5]);
  out[3] = _mm512_fmadd_ps(c0_421875, difference2, out[3]);
}

/* The input transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_input_4_1of2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  __m512 d[4], lines[4][4], line[4];
  UNROLL
  for (int x = 0; x < 4; x++) {
    UNROLL
    for (int y = 0; y < 4; y++)
      d[y] = _mm512_loadu_ps(in + y * row + x * pixel);
    winograd_input_line_4_1of2(d, line);
    UNROLL
    for (int i = 0; i < 4; i++)
      lines[i][x] = line[i];
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    winograd_input_line_4_1of2(lines[i], line);
    UNROLL
    for (int j = 0; j < 4; j++)
      _mm512_storeu_ps(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_input_4_1of2_by_4_2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  __m512 d[4], lines[4][5], line[5];
  UNROLL
  for (int x = 0; x < 5; x++) {
    UNROLL
    for (int y = 0; y < 4; y++)
      d[y] = _mm512_loadu_ps(in + y * row + x * pixel);
    winograd_input_line_4_1of2(d, line);
    UNROLL
    for (int i = 0; i < 4; i++)
      lines[i][x] = line[i];
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    winograd_input_line_4_2(lines[i], line);
    UNROLL
    for (int j = 0; j < 5; j++)
      _mm512_storeu_ps(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_input_4_2_by_4_1of2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  __m512 d[5], lines[5][4], line[5];
  UNROLL
  for (int x = 0; x < 4; x++) {
    UNROLL
    for (int y = 0; y < 5; y++)
      d[y] = _mm512_loadu_ps(in + y * row + x * pixel);
    winograd_input_line_4_2(d, line);
    UNROLL
    for (int i = 0; i < 5; i++)
      lines[i][x] = line[i];
  }
  UNROLL
  for (int i = 0; i < 5; i++) {
    winograd_input_line_4_1of2(lines[i], line);
    UNROLL
    for (int j = 0; j < 4; j++)
      _mm512_storeu_ps(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_input_4_2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  __m512 d[5], lines[5][5], line[5];
  UNROLL
  for (int x = 0; x < 5; x++) {
    UNROLL
    for (int y = 0; y < 5; y++)
      d[y] = _mm512_loadu_ps(in + y * row + x * pixel);
    winograd_input_line_4_2(d, line);
    UNROLL
    for (int i = 0; i < 5; i++)
      lines[i][x] = line[i];
  }
  UNROLL
  for (int i = 0; i < 5; i++) {
    winograd_input_line_4_2(lines[i], line);
    UNROLL
    for (int j = 0; j < 5; j++)
      _mm512_storeu_ps(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_input_4_3(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  __m512 d[6], lines[6][6], line[6];
  UNROLL
  for (int x = 0; x < 6; x++) {
    UNROLL
    for (int y = 0; y < 6; y++)
      d[y] = _mm512_loadu_ps(in + y * row + x * pixel);
    winograd_input_line_4_3(d, line);
    UNROLL
    for (int i = 0; i < 6; i++)
      lines[i][x] = line[i];
  }
  UNROLL
  for (int i = 0; i < 6; i++) {
    winograd_input_line_4_3(lines[i], line);
    UNROLL
    for (int j = 0; j < 6; j++)
      _mm512_storeu_ps(out + (6 * i + j) * plane, line[j]);
  }
}

/* The output transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_output_4_2(const float *in, ptrdiff_t plane, __m512 out[4][4]) {
  __m512 d[5], lines[4][5], line[4];
  UNROLL
  for (int j = 0; j < 5; j++) {
    UNROLL
    for (int i = 0; i < 5; i++)
      d[i] = _mm512_loadu_ps(in + (5 * i + j) * plane);
    winograd_output_line_4_2(d, line);
    UNROLL
    for (int y = 0; y < 4; y++)
      lines[y][j] = line[y];
  }
  UNROLL
  for (int y = 0; y < 4; y++)
    winograd_output_line_4_2(lines[y], out[y]);
}

/* The output transform in two dimensions, of 16 channels of one tile. */
INLINE void winograd_output_4_3(const float *in, ptrdiff_t plane, __m512 out[4][4]) {
  __m512 d[6], lines[4][6], line[4];
  UNROLL
  for (int j = 0; j < 6; j++) {
    UNROLL
    for (int i = 0; i < 6; i++)
      d[i] = _mm512_loadu_ps(in + (6 * i + j) * plane);
    winograd_output_line_4_3(d, line);
    UNROLL
    for (int y = 0; y < 4; y++)
      lines[y][j] = line[y];
  }
  UNROLL
  for (int y = 0; y < 4; y++)
    winograd_output_line_4_3(lines[y], out[y]);
}

/* Copy 3 × 32 × 32 nchw → 3 × 32 × 32 nhwc.
   Layers: input.
   0.0 kFLOP, 26.16 kB of activations. */
static void nchw_to_nhwc_3_32x32(
    const float *restrict in, float *restrict out, struct share share) {
  for (int line = share.first; line < share.first_end; line++) {
    const int image = line / 32, y = line % 32;
    for (int x = 0; x < 32; x++) {
      for (int c = 0; c < 3; c++) {
        float *o = out + y * 102 + x * 3 + c;
        *o = in[y * 32 + x + c * 1024];
      }
    }
  }
}

/* Clears the border around 1 plane of 32 × 32 pixels. */
static void clear_halo_3_32x32(float *buffer, int thread, int threads) {
  for (int line = thread; line < 34; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 102;
    const int y = line % 34;
    if (y < 1 || y >= 33) {
      memset(row, 0, 102 * sizeof *row);
    } else {
      memset(row, 0, 3 * sizeof *row);
      memset(row + 99, 0, 3 * sizeof *row);
    }
  }
}

/* Convolution 3 × 3, stride 1: 3 × 32 × 32 nhwc → 16 × 32 × 32 nhwc, ReLU.
   Layers: stem.conv.
   884.74 kFLOP, 87.86 kB of activations, 1.73 kB of weights.
   Register tile 7 × 4 pixels × 1 panel; 40 tiles, 40 a cache block. */
static void conv_3x3_3_16_32x32_relu(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 3, 9}, .stride = {0, 0, 102, 1}, .panel = 432,
    .in_pixel = 3, .in_row = 102,
    .out_pixel = 16, .out_row = 544, .out_panel = 16,
    .out_channel = 1, .relu = 1,
  };
  for (int block = share.first; block < share.first_end; block += 40) {
    const int block_end = smaller(block + 40, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 432;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 5;
        const int band = tile / 5;
        const int x = column * 7 - larger(column - 2, 0);
        const int y = band * 4;
        const float *a = in + y * 102 + x * 3;
        float *o = out + y * 544 + x * 16 + group * 16;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 1 ? w + 432 + ahead * shape.panel : w;
        const float *b = bias + group * 16;
        const int channels = 16 - group * 16;
        if (column < 2) tile_7x4x1(&shape, a, w, next, b, o, o, channels);
        else tile_6x4x1(&shape, a, w, next, b, o, o, channels);
      }
    }
  }
}

/* Clears the border around 1 plane of 32 × 32 pixels. */
static void clear_halo_16_32x32(float *buffer, int thread, int threads) {
  for (int line = thread; line < 34; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 544;
    const int y = line % 34;
    if (y < 1 || y >= 33) {
      memset(row, 0, 544 * sizeof *row);
    } else {
      memset(row, 0, 16 * sizeof *row);
      memset(row + 528, 0, 16 * sizeof *row);
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_16_16_32x32_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 8;
    const int band = (tile_0 + tile) / 8;
    const float *a = in + band * 2176 + column * 64;
    float *o = points + tile * 16;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_3(a + c, 544, 16, o + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_16_16_32x32_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 16}, .stride = {0, 0, 0, 1}, .panel = 256,
    .in_pixel = 16, .out_pixel = 16, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 528;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 1 * shape.panel + first_group * 1 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 16;
        float *o = products + point * 528 + x * 16 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_16x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 16;
        }
      }
    }
    weights += 1 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 16 × 32 × 32 nhwc → 16 × 32 × 32 nhwc, ReLU.
   Layers: layer1.0.conv1.
   4.72 MFLOP, 147.97 kB of activations, 36.86 kB of weights.
   Register tile 16 × 1 pixels × 1 panel; 2 tiles, 2 a cache block. */
static void winograd4_3x3_16_16_32x32_relu(
    const float *in, const float *weights, const float *bias,
    float *out, float *points, struct share share) {
  float *products = points + 19008;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = block * 32, tiles = 32;
    winograd4_3x3_16_16_32x32_relu_input(in, points, tile_0, 0, tiles, 0, 16);
    winograd4_3x3_16_16_32x32_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 8;
      const int band = (tile_0 + tile) / 8;
      const int rows = smaller(4, 32 - 4 * band);
      const int columns = smaller(4, 32 - 4 * column);
      float *o = out + band * 2176 + column * 64;
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_3(products + tile * 16 + c, 528, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 544 + j * 16 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_16_16_32x32_add_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 8;
    const int band = (tile_0 + tile) / 8;
    const float *a = in + band * 2176 + column * 64;
    float *o = points + tile * 16;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_3(a + c, 544, 16, o + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_16_16_32x32_add_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 16}, .stride = {0, 0, 0, 1}, .panel = 256,
    .in_pixel = 16, .out_pixel = 16, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 528;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 1 * shape.panel + first_group * 1 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 16;
        float *o = products + point * 528 + x * 16 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_16x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 16;
        }
      }
    }
    weights += 1 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 16 × 32 × 32 nhwc → 16 × 32 × 32 nhwc, + residual,
   ReLU.
   Layers: layer1.0.conv2.
   4.72 MFLOP, 143.68 kB of activations, 36.86 kB of weights.
   Register tile 16 × 1 pixels × 1 panel; 2 tiles, 2 a cache block. */
static void winograd4_3x3_16_16_32x32_add_relu(
    const float *in, const float *weights, const float *bias,
    const float *residual, float *out, float *points, struct share share) {
  float *products = points + 19008;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = block * 32, tiles = 32;
    winograd4_3x3_16_16_32x32_add_relu_input(in, points, tile_0, 0, tiles, 0, 16);
    winograd4_3x3_16_16_32x32_add_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias, residual and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 8;
      const int band = (tile_0 + tile) / 8;
      const int rows = smaller(4, 32 - 4 * band);
      const int columns = smaller(4, 32 - 4 * column);
      float *o = out + band * 2112 + column * 64;
      const float *r = residual + band * 2176 + column * 64;
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_3(products + tile * 16 + c, 528, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_add_ps(v, _mm512_loadu_ps(r + i * 544 + j * 16 + c));
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 528 + j * 16 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Clears the border around 1 plane of 32 × 32 pixels. */
static void clear_halo_16_32x32_v2(float *buffer, int thread, int threads) {
  for (int line = thread; line < 33; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 528;
    const int y = line % 33;
    if (y < 0 || y >= 32) {
      memset(row, 0, 528 * sizeof *row);
    } else {
      memset(row + 512, 0, 16 * sizeof *row);
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_s2_16_32_16x16_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 4;
    const int band = (tile_0 + tile) / 4;
    const float *a = in + band * 4224 + column * 128;
    float *o = points + tile * 64;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_1of2_by_4_2(a + 528 + c, 1056, 32, o + c, 1040);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_2(a + c, 1056, 32, o + 16 + c, 1040);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_2_by_4_1of2(a + 16 + c, 1056, 32, o + 32 + c, 1040);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_1of2(a + 544 + c, 1056, 32, o + 48 + c, 1040);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_s2_16_32_16x16_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[32];
  /* The phases that each point has: where they begin in a tile, and their channels together. */
  static const int begin[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 16, 16, 16, 16,
  };
  static const int length[] = {
    64, 64, 64, 64, 32, 64, 64, 64, 64, 32, 64, 64, 64, 64, 32, 64, 64, 64, 64, 32, 32, 32, 32, 32,
      16, 16,
  };
  struct tile_shape shape = {
    .count = {1, 1, 1, 0}, .stride = {0, 0, 0, 1}, .in_pixel = 64,
    .out_pixel = 32, .out_panel = 16, .out_channel = 1,
  };
  for (int point = 0; point < 25; point++) {
    shape.count[3] = length[point];
    shape.panel = length[point] * 16;
    const float *of_point = points + point * 1040 + begin[point];
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 2 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 2 * shape.panel
          : weights + 2 * shape.panel + first_group * 2 * length[point + 1] * 16;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 64;
        float *o = products + point * 528 + x * 32 + group * 32;
        const float *next = tile < 2 ? following + tile * shape.panel : w;
        {
          tile_8x1x2(&shape, a, w, next, no_bias, o, o, 32);
          x += 8;
        }
      }
    }
    weights += 2 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 2: 16 × 32 × 32 nhwc → 32 × 16 × 16 nhwc, ReLU.
   Layers: layer2.0.conv1.
   2.36 MFLOP, 111.17 kB of activations, 165.89 kB of weights.
   Register tile 8 × 1 pixels × 2 panels; 2 tiles, 2 a cache block. */
static void winograd4_3x3_s2_16_32_16x16_relu(
    const float *in, const float *weights, const float *bias,
    float *out, float *points, struct share share) {
  float *products = points + 26000;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = 0, tiles = 16;
    winograd4_3x3_s2_16_32_16x16_relu_input(in, points, tile_0, 0, tiles, 0, 16);
    winograd4_3x3_s2_16_32_16x16_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 4;
      const int band = (tile_0 + tile) / 4;
      const int rows = smaller(4, 16 - 4 * band);
      const int columns = smaller(4, 16 - 4 * column);
      float *o = out + band * 2304 + column * 128;
      const int end = share.second_end * 32;
      for (int c = share.second * 32; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_2(products + tile * 32 + c, 528, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 576 + j * 32 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Clears the border around 1 plane of 16 × 16 pixels. */
static void clear_halo_32_16x16(float *buffer, int thread, int threads) {
  for (int line = thread; line < 18; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 576;
    const int y = line % 18;
    if (y < 1 || y >= 17) {
      memset(row, 0, 576 * sizeof *row);
    } else {
      memset(row, 0, 32 * sizeof *row);
      memset(row + 544, 0, 32 * sizeof *row);
    }
  }
}

/* Convolution 1 × 1, stride 2: 16 × 32 × 32 nhwc → 32 × 16 × 16 nhwc.
   Layers: layer2.0.downsample.
   262.14 kFLOP, 102.46 kB of activations, 2.05 kB of weights.
   Register tile 6 × 2 pixels × 2 panels; 24 tiles, 24 a cache block. */
static void conv_1x1_s2_16_32_16x16(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 16}, .stride = {0, 0, 0, 1}, .panel = 256,
    .in_pixel = 32, .in_row = 1056,
    .out_pixel = 32, .out_row = 512, .out_panel = 16,
    .out_channel = 1, .relu = 0,
  };
  for (int block = share.first; block < share.first_end; block += 24) {
    const int block_end = smaller(block + 24, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 512;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 3;
        const int band = tile / 3;
        const int x = column * 6 - larger(column - 1, 0);
        const int y = band * 2;
        const float *a = in + y * 1056 + x * 32;
        float *o = out + y * 512 + x * 32 + group * 32;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 2 ? w + 512 + ahead * shape.panel : w;
        const float *b = bias + group * 32;
        const int channels = 32 - group * 32;
        if (column < 1) tile_6x2x2(&shape, a, w, next, b, o, o, channels);
        else tile_5x2x2(&shape, a, w, next, b, o, o, channels);
      }
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_32_32_16x16_add_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 4;
    const int band = (tile_0 + tile) / 4;
    const float *a = in + band * 2304 + column * 128;
    float *o = points + tile * 32;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_3(a + c, 576, 32, o + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_32_32_16x16_add_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[32];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 32}, .stride = {0, 0, 0, 1}, .panel = 512,
    .in_pixel = 32, .out_pixel = 32, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 528;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 2 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 2 * shape.panel
          : weights + 2 * shape.panel + first_group * 2 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 32;
        float *o = products + point * 528 + x * 32 + group * 32;
        const float *next = tile < 2 ? following + tile * shape.panel : w;
        {
          tile_8x1x2(&shape, a, w, next, no_bias, o, o, 32);
          x += 8;
        }
      }
    }
    weights += 2 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 32 × 16 × 16 nhwc → 32 × 16 × 16 nhwc, + residual,
   ReLU.
   Layers: layer2.0.conv2.
   4.72 MFLOP, 78.46 kB of activations, 147.46 kB of weights.
   Register tile 8 × 1 pixels × 2 panels; 2 tiles, 2 a cache block. */
static void winograd4_3x3_32_32_16x16_add_relu(
    const float *in, const float *weights, const float *bias,
    const float *residual, float *out, float *points, struct share share) {
  float *products = points + 19008;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = 0, tiles = 16;
    winograd4_3x3_32_32_16x16_add_relu_input(in, points, tile_0, 0, tiles, 0, 32);
    winograd4_3x3_32_32_16x16_add_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias, residual and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 4;
      const int band = (tile_0 + tile) / 4;
      const int rows = smaller(4, 16 - 4 * band);
      const int columns = smaller(4, 16 - 4 * column);
      float *o = out + band * 2176 + column * 128;
      const float *r = residual + band * 2048 + column * 128;
      const int end = share.second_end * 32;
      for (int c = share.second * 32; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_3(products + tile * 32 + c, 528, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_add_ps(v, _mm512_loadu_ps(r + i * 512 + j * 32 + c));
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 544 + j * 32 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Clears the border around 1 plane of 16 × 16 pixels. */
static void clear_halo_32_16x16_v2(float *buffer, int thread, int threads) {
  for (int line = thread; line < 17; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 544;
    const int y = line % 17;
    if (y < 0 || y >= 16) {
      memset(row, 0, 544 * sizeof *row);
    } else {
      memset(row + 512, 0, 32 * sizeof *row);
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_s2_32_64_8x8_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 2;
    const int band = (tile_0 + tile) / 2;
    const float *a = in + band * 4352 + column * 256;
    float *o = points + tile * 128;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_1of2_by_4_2(a + 544 + c, 1088, 64, o + c, 528);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_2(a + c, 1088, 64, o + 32 + c, 528);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_2_by_4_1of2(a + 32 + c, 1088, 64, o + 64 + c, 528);
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_1of2(a + 576 + c, 1088, 64, o + 96 + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_s2_32_64_8x8_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[32];
  /* The phases that each point has: where they begin in a tile, and their channels together. */
  static const int begin[] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 32, 32, 32, 32,
  };
  static const int length[] = {
    128, 128, 128, 128, 64, 128, 128, 128, 128, 64, 128, 128, 128, 128, 64, 128, 128, 128, 128, 64,
      64, 64, 64, 64, 32, 32,
  };
  struct tile_shape shape = {
    .count = {1, 1, 1, 0}, .stride = {0, 0, 0, 1}, .in_pixel = 128,
    .out_pixel = 64, .out_panel = 16, .out_channel = 1,
  };
  for (int point = 0; point < 25; point++) {
    shape.count[3] = length[point];
    shape.panel = length[point] * 16;
    const float *of_point = points + point * 528 + begin[point];
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 2 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 2 * shape.panel
          : weights + 4 * shape.panel + first_group * 2 * length[point + 1] * 16;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 128;
        float *o = products + point * 272 + x * 64 + group * 32;
        const float *next = tile < 2 ? following + tile * shape.panel : w;
        {
          tile_4x1x2(&shape, a, w, next, no_bias, o, o, 32);
          x += 4;
        }
      }
    }
    weights += 4 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 2: 32 × 16 × 16 nhwc → 64 × 8 × 8 nhwc, ReLU.
   Layers: layer3.0.conv1.
   2.36 MFLOP, 62.59 kB of activations, 663.55 kB of weights.
   Register tile 4 × 1 pixels × 2 panels; 1 tile, 1 a cache block. */
static void winograd4_3x3_s2_32_64_8x8_relu(
    const float *in, const float *weights, const float *bias,
    float *out, float *points, struct share share) {
  float *products = points + 13200;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = 0, tiles = 4;
    winograd4_3x3_s2_32_64_8x8_relu_input(in, points, tile_0, 0, tiles, 0, 32);
    winograd4_3x3_s2_32_64_8x8_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 2;
      const int band = (tile_0 + tile) / 2;
      const int rows = smaller(4, 8 - 4 * band);
      const int columns = smaller(4, 8 - 4 * column);
      float *o = out + band * 2560 + column * 256;
      const int end = share.second_end * 32;
      for (int c = share.second * 32; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_2(products + tile * 64 + c, 272, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 640 + j * 64 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Clears the border around 1 plane of 8 × 8 pixels. */
static void clear_halo_64_8x8(float *buffer, int thread, int threads) {
  for (int line = thread; line < 10; line += threads) {
    float *row = buffer + (ptrdiff_t)line * 640;
    const int y = line % 10;
    if (y < 1 || y >= 9) {
      memset(row, 0, 640 * sizeof *row);
    } else {
      memset(row, 0, 64 * sizeof *row);
      memset(row + 576, 0, 64 * sizeof *row);
    }
  }
}

/* Convolution 1 × 1, stride 2: 32 × 16 × 16 nhwc → 64 × 8 × 8 nhwc.
   Layers: layer3.0.downsample.
   262.14 kFLOP, 53.38 kB of activations, 8.19 kB of weights.
   Register tile 3 × 2 pixels × 4 panels; 12 tiles, 12 a cache block. */
static void conv_1x1_s2_32_64_8x8(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 32}, .stride = {0, 0, 0, 1}, .panel = 512,
    .in_pixel = 64, .in_row = 1088,
    .out_pixel = 64, .out_row = 512, .out_panel = 16,
    .out_channel = 1, .relu = 0,
  };
  for (int block = share.first; block < share.first_end; block += 12) {
    const int block_end = smaller(block + 12, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 2048;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 3;
        const int band = tile / 3;
        const int x = column * 3 - larger(column - 2, 0);
        const int y = band * 2;
        const float *a = in + y * 1088 + x * 64;
        float *o = out + y * 512 + x * 64 + group * 64;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 4 ? w + 2048 + ahead * shape.panel : w;
        const float *b = bias + group * 64;
        const int channels = 64 - group * 64;
        if (column < 2) tile_3x2x4(&shape, a, w, next, b, o, o, channels);
        else tile_2x2x4(&shape, a, w, next, b, o, o, channels);
      }
    }
  }
}

/* Transforms the input of tiles first to end - 1 of a block that begins at tile tile_0: channels
   channel to channel_end - 1 of each phase. Point p of tile t is points[p][t]. */
static void winograd4_3x3_64_64_8x8_add_relu_input(
    const float *in, float *points, int tile_0, int first, int end, int channel, int channel_end) {
  for (int tile = first; tile < end; tile++) {
    const int column = (tile_0 + tile) % 2;
    const int band = (tile_0 + tile) / 2;
    const float *a = in + band * 2560 + column * 256;
    float *o = points + tile * 64;
    for (int c = channel; c < channel_end; c += 16)
      winograd_input_4_3(a + c, 640, 64, o + c, 272);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_64_64_8x8_add_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[64];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 64}, .stride = {0, 0, 0, 1}, .panel = 1024,
    .in_pixel = 64, .out_pixel = 64, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 272;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 4 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 4 * shape.panel
          : weights + 4 * shape.panel + first_group * 4 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 64;
        float *o = products + point * 272 + x * 64 + group * 64;
        const float *next = tile < 4 ? following + tile * shape.panel : w;
        {
          tile_4x1x4(&shape, a, w, next, no_bias, o, o, 64);
          x += 4;
        }
      }
    }
    weights += 4 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 64 × 8 × 8 nhwc → 64 × 8 × 8 nhwc, + residual, ReLU.
   Layers: layer3.0.conv2.
   4.72 MFLOP, 41.98 kB of activations, 589.82 kB of weights.
   Register tile 4 × 1 pixels × 4 panels; 1 tile, 1 a cache block. */
static void winograd4_3x3_64_64_8x8_add_relu(
    const float *in, const float *weights, const float *bias,
    const float *residual, float *out, float *points, struct share share) {
  float *products = points + 9792;
  for (int block = share.first; block < share.first_end; block++) {
    const int tile_0 = 0, tiles = 4;
    winograd4_3x3_64_64_8x8_add_relu_input(in, points, tile_0, 0, tiles, 0, 64);
    winograd4_3x3_64_64_8x8_add_relu_multiply(
        points, weights, products, tiles, share.second, share.second_end);

    /* Transform back, with bias, residual and ReLU. */
    for (int tile = 0; tile < tiles; tile++) {
      const int column = (tile_0 + tile) % 2;
      const int band = (tile_0 + tile) / 2;
      const int rows = smaller(4, 8 - 4 * band);
      const int columns = smaller(4, 8 - 4 * column);
      float *o = out + band * 2048 + column * 256;
      const float *r = residual + band * 2048 + column * 256;
      const int end = share.second_end * 64;
      for (int c = share.second * 64; c < end; c += 16) {
        __m512 y[4][4];
        winograd_output_4_3(products + tile * 64 + c, 272, y);
        const __m512 b = _mm512_loadu_ps(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              __m512 v = _mm512_add_ps(y[i][j], b);
              v = _mm512_add_ps(v, _mm512_loadu_ps(r + i * 512 + j * 64 + c));
              v = _mm512_max_ps(_mm512_setzero_ps(), v); /* in this order a NaN stays */
              _mm512_storeu_ps(o + i * 512 + j * 64 + c, v);
            }
          }
        }
      }
    }
  }
}

/* Mean over all pixels of 64 × 8 × 8 nhwc. */
static void global_pool_64_8x8(
    const float *restrict in, float *restrict out, struct share share) {
  for (int image = share.first; image < share.first_end; image++) {
    for (int panel = share.second; panel < share.second_end; panel++) {
      const float *a = in + image * 4096 + (ptrdiff_t)panel * 16;
      float *o = out + image * 64 + panel * 16;
      for (int c = 0; c < 16; c += 16) {
        __m512 sum = _mm512_setzero_ps();
        for (int y = 0; y < 8; y++)
          for (int x = 0; x < 8; x++)
            sum = _mm512_add_ps(sum, _mm512_loadu_ps(a + y * 512 + x * 64 + c));
        _mm512_storeu_ps(o + c, _mm512_mul_ps(sum, _mm512_set1_ps(1.0f / 64.0f)));
      }
    }
  }
}

/* Convolution 1 × 1, stride 1: 64 × 1 × 1 nhwc → 10 × 1 × 1 nhwc. */
static void conv_1x1_64_10_1x1(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 64}, .stride = {0, 0, 0, 1}, .panel = 1024,
    .in_pixel = 64, .in_row = 64,
    .out_pixel = 16, .out_row = 16, .out_panel = 16,
    .out_channel = 1, .relu = 0,
  };
  for (int block = share.first; block < share.first_end; block += 1) {
    const int block_end = smaller(block + 1, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 1024;
      for (int tile = block; tile < block_end; tile++) {
        const float *a = in + 0;
        float *o = out + group * 16;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 1 ? w + 1024 + ahead * shape.panel : w;
        const float *b = bias + group * 16;
        const int channels = 10 - group * 16;
        tile_1x1x1(&shape, a, w, next, b, o, o, channels);
      }
    }
  }
}

/* Mean over 8 × 8 pixels, then a linear layer: 64 → 10 features.
   Layers: fc.
   5.38 kFLOP, 16.96 kB of activations, 4.1 kB of weights.
   Register tile 1 × 1 pixels × 1 panel; 1 tile, 1 a cache block. */
static void pooled_linear_64_10(
    const float *in, const float *weights, const float *bias, float *out,
    float *means, struct share share) {
  const struct share all = {0, 1, 0, 4};
  global_pool_64_8x8(in, means, all);
  conv_1x1_64_10_1x1(means, weights, bias, out, share);
}

/* Copy 10 × 1 × 1 nhwc → 10 × 1 × 1 nchw.
   Layers: output.
   0.0 kFLOP, 0.1 kB of activations. */
static void nhwc_to_nchw_10_1x1(
    const float *restrict in, float *restrict out, struct share share) {
  for (int line = share.first; line < share.first_end; line++) {
    const int image = line / 1, y = line % 1;
    for (int x = 0; x < 1; x++) {
      for (int c = 0; c < 10; c++) {
        float *o = out + y + x + c;
        *o = in[y * 16 + x * 16 + c];
      }
    }
  }
}


/*
 * The shares of each step for 1 to 8 threads: those of t threads begin at t (t - 1) / 2. Indented
 * lines go on with the threads of the line above.
 */
static const struct share shares_0[] = {
  {0, 32, 0, 1},
  {0, 16, 0, 1}, {16, 32, 0, 1},
  {0, 11, 0, 1}, {11, 21, 0, 1}, {21, 32, 0, 1},
  {0, 8, 0, 1}, {8, 16, 0, 1}, {16, 24, 0, 1}, {24, 32, 0, 1},
  {0, 6, 0, 1}, {6, 12, 0, 1}, {12, 19, 0, 1}, {19, 25, 0, 1}, {25, 32, 0, 1},
  {0, 5, 0, 1}, {5, 10, 0, 1}, {10, 15, 0, 1}, {15, 21, 0, 1}, {21, 26, 0, 1}, {26, 32, 0, 1},
  {0, 5, 0, 1}, {5, 9, 0, 1}, {9, 14, 0, 1}, {14, 18, 0, 1}, {18, 23, 0, 1}, {23, 27, 0, 1},
    {27, 32, 0, 1},
  {0, 4, 0, 1}, {4, 8, 0, 1}, {8, 12, 0, 1}, {12, 16, 0, 1}, {16, 20, 0, 1}, {20, 24, 0, 1},
    {24, 28, 0, 1}, {28, 32, 0, 1},
};
static const struct share shares_1[] = {
  {0, 40, 0, 1},
  {0, 20, 0, 1}, {20, 40, 0, 1},
  {0, 13, 0, 1}, {13, 26, 0, 1}, {26, 40, 0, 1},
  {0, 10, 0, 1}, {10, 20, 0, 1}, {20, 30, 0, 1}, {30, 40, 0, 1},
  {0, 8, 0, 1}, {8, 16, 0, 1}, {16, 24, 0, 1}, {24, 32, 0, 1}, {32, 40, 0, 1},
  {0, 6, 0, 1}, {6, 12, 0, 1}, {12, 19, 0, 1}, {19, 26, 0, 1}, {26, 33, 0, 1}, {33, 40, 0, 1},
  {0, 6, 0, 1}, {6, 12, 0, 1}, {12, 18, 0, 1}, {18, 23, 0, 1}, {23, 29, 0, 1}, {29, 34, 0, 1},
    {34, 40, 0, 1},
  {0, 5, 0, 1}, {5, 10, 0, 1}, {10, 15, 0, 1}, {15, 20, 0, 1}, {20, 25, 0, 1}, {25, 30, 0, 1},
    {30, 35, 0, 1}, {35, 40, 0, 1},
};
static const struct share shares_2[] = {
  {0, 2, 0, 1},
  {0, 1, 0, 1}, {1, 2, 0, 1},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {1, 2, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
    {0, 0, 0, 0},
};
static const struct share shares_3[] = {
  {0, 1, 0, 1},
  {0, 1, 0, 1}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
    {0, 0, 0, 0},
};
static const struct share shares_4[] = {
  {0, 24, 0, 1},
  {0, 12, 0, 1}, {12, 24, 0, 1},
  {0, 8, 0, 1}, {8, 16, 0, 1}, {16, 24, 0, 1},
  {0, 6, 0, 1}, {6, 12, 0, 1}, {12, 18, 0, 1}, {18, 24, 0, 1},
  {0, 5, 0, 1}, {5, 10, 0, 1}, {10, 15, 0, 1}, {15, 19, 0, 1}, {19, 24, 0, 1},
  {0, 4, 0, 1}, {4, 8, 0, 1}, {8, 12, 0, 1}, {12, 16, 0, 1}, {16, 20, 0, 1}, {20, 24, 0, 1},
  {0, 3, 0, 1}, {3, 6, 0, 1}, {6, 10, 0, 1}, {10, 13, 0, 1}, {13, 17, 0, 1}, {17, 20, 0, 1},
    {20, 24, 0, 1},
  {0, 3, 0, 1}, {3, 6, 0, 1}, {6, 9, 0, 1}, {9, 12, 0, 1}, {12, 15, 0, 1}, {15, 18, 0, 1},
    {18, 21, 0, 1}, {21, 24, 0, 1},
};
static const struct share shares_5[] = {
  {0, 1, 0, 2},
  {0, 1, 0, 1}, {0, 1, 1, 2},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
    {0, 0, 0, 0},
};
static const struct share shares_6[] = {
  {0, 12, 0, 1},
  {0, 6, 0, 1}, {6, 12, 0, 1},
  {0, 4, 0, 1}, {4, 8, 0, 1}, {8, 12, 0, 1},
  {0, 3, 0, 1}, {3, 6, 0, 1}, {6, 9, 0, 1}, {9, 12, 0, 1},
  {0, 3, 0, 1}, {3, 5, 0, 1}, {5, 7, 0, 1}, {7, 10, 0, 1}, {10, 12, 0, 1},
  {0, 2, 0, 1}, {2, 4, 0, 1}, {4, 6, 0, 1}, {6, 8, 0, 1}, {8, 10, 0, 1}, {10, 12, 0, 1},
  {0, 2, 0, 1}, {2, 4, 0, 1}, {4, 6, 0, 1}, {6, 7, 0, 1}, {7, 9, 0, 1}, {9, 10, 0, 1},
    {10, 12, 0, 1},
  {0, 1, 0, 1}, {1, 3, 0, 1}, {3, 4, 0, 1}, {4, 6, 0, 1}, {6, 7, 0, 1}, {7, 9, 0, 1}, {9, 10, 0, 1},
    {10, 12, 0, 1},
};

void resnet8_cifar10_avx512_steps(
    const float *weights, float *arena, float *scratch, const float *input, float *output,
    int first, int last, int thread, int threads) {
  const int mine = threads * (threads - 1) / 2 + thread;
  (void)scratch;
  for (int step = first; step < last; step++) {
    switch (step) {
    case 0: /* input */
      nchw_to_nhwc_3_32x32(input, arena + 18601, shares_0[mine]);
      clear_halo_3_32x32(arena + 18496, thread, threads);
      break;
    case 1: /* stem.conv */
      conv_3x3_3_16_32x32_relu(arena + 18496, weights + 16, weights, arena + 560, shares_1[mine]);
      clear_halo_16_32x32(arena, thread, threads);
      break;
    case 2: /* layer1.0.conv1 */
      winograd4_3x3_16_16_32x32_relu(arena, weights + 464, weights + 448, arena + 19056, scratch,
        shares_2[mine]);
      clear_halo_16_32x32(arena + 18496, thread, threads);
      break;
    case 3: /* layer1.0.conv2 */
      winograd4_3x3_16_16_32x32_add_relu(arena + 18496, weights + 9696, weights + 9680, arena + 560,
        arena + 36992, scratch, shares_2[mine]);
      clear_halo_16_32x32_v2(arena + 36992, thread, threads);
      break;
    case 4: /* layer2.0.conv1 */
      winograd4_3x3_s2_16_32_16x16_relu(arena + 36992, weights + 18944, weights + 18912,
        arena + 608, scratch, shares_3[mine]);
      clear_halo_32_16x16(arena, thread, threads);
      break;
    case 5: /* layer2.0.downsample */
      conv_1x1_s2_16_32_16x16(arena + 36992, weights + 60448, weights + 60416, arena + 19616,
        shares_4[mine]);
      break;
    case 6: /* layer2.0.conv2 */
      winograd4_3x3_32_32_16x16_add_relu(arena, weights + 60992, weights + 60960, arena + 19616,
        arena + 10368, scratch, shares_3[mine]);
      clear_halo_32_16x16_v2(arena + 10368, thread, threads);
      break;
    case 7: /* layer3.0.conv1 */
      winograd4_3x3_s2_32_64_8x8_relu(arena + 10368, weights + 97920, weights + 97856, arena + 704,
        scratch, shares_5[mine]);
      clear_halo_64_8x8(arena, thread, threads);
      break;
    case 8: /* layer3.0.downsample */
      conv_1x1_s2_32_64_8x8(arena + 10368, weights + 263872, weights + 263808, arena + 19616,
        shares_6[mine]);
      break;
    case 9: /* layer3.0.conv2 */
      winograd4_3x3_64_64_8x8_add_relu(arena, weights + 265984, weights + 265920, arena + 19616,
        arena + 19616, scratch, shares_3[mine]);
      break;
    case 10: /* fc */
      pooled_linear_64_10(arena + 19616, weights + 413456, weights + 413440, arena, scratch,
        shares_3[mine]);
      break;
    case 11: /* output */
      nhwc_to_nchw_10_1x1(arena, output, shares_3[mine]);
      break;
    }
    resnet8_cifar10_barrier(arena, threads);
  }
}
