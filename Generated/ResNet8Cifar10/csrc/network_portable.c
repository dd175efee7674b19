/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* The kernels for portable: register tiles, one function for each distinct layer, and the steps. */
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

/* Four float32 lanes in GNU C; every target compiles them to what it has. */
typedef float vec4 __attribute__((vector_size(16), may_alias, aligned(4)));

INLINE vec4 vec4_load(const float *p) { return *(const vec4 *)p; }
INLINE void vec4_store(float *p, vec4 v) { *(vec4 *)p = v; }
INLINE vec4 vec4_broadcast(float x) { return (vec4){x, x, x, x}; }
INLINE vec4 vec4_zero(void) { return (vec4){0, 0, 0, 0}; }
INLINE vec4 vec4_add(vec4 a, vec4 b) { return a + b; }
INLINE vec4 vec4_sub(vec4 a, vec4 b) { return a - b; }
INLINE vec4 vec4_mul(vec4 a, vec4 b) { return a * b; }
INLINE vec4 vec4_fma(vec4 a, vec4 b, vec4 c) { return a * b + c; }
INLINE vec4 vec4_fnmadd(vec4 a, vec4 b, vec4 c) { return c - a * b; }
INLINE vec4 vec4_div(vec4 a, vec4 b) { return a / b; }
INLINE vec4 vec4_permute(vec4 v, int control) {
  return (vec4){v[control & 3], v[control >> 2 & 3], v[control >> 4 & 3], v[control >> 6 & 3]};
}
INLINE vec4 vec4_max(vec4 a, vec4 b) {
  const vec4 r = {
    a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1],
    a[2] > b[2] ? a[2] : b[2], a[3] > b[3] ? a[3] : b[3],
  };
  return r;
}
INLINE vec4 vec4_min(vec4 a, vec4 b) {
  const vec4 r = {
    a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1],
    a[2] < b[2] ? a[2] : b[2], a[3] < b[3] ? a[3] : b[3],
  };
  return r;
}

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

/* Loads 4 channels that lie `stride` apart, of which `count` exist. */
INLINE vec4 load_channels(const float *p, ptrdiff_t stride, int count) {
  if (stride == 1)
    return vec4_load(p);
  float lane[4] = {0};
  for (int i = 0; i < 4 && i < count; i++)
    lane[i] = p[i * stride];
  return vec4_load(lane);
}

/* Stores 4 channels that lie `stride` apart, of which `count` exist. */
INLINE void store_channels(float *p, vec4 v, ptrdiff_t stride, int count) {
  if (stride == 1) {
    vec4_store(p, v);
    return;
  }
  float lane[4];
  vec4_store(lane, v);
  for (int i = 0; i < 4 && i < count; i++)
    p[i * stride] = lane[i];
}

/* The epilogue of one vector of sums: add the residual, ReLU, store. */
INLINE void finish(
    const struct tile_shape *s, vec4 sum, const float *residual, float *out, int count) {
  if (s->residual)
    sum = vec4_add(sum, load_channels(residual, s->res_channel, count));
  if (s->relu)
    sum = vec4_max(vec4_zero(), sum); /* in this order a NaN stays */
  store_channels(out, sum, s->out_channel, count);
}

/*
 * A register tile of 1 × 1 pixels × 1 panel: 4 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_1x1x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const vec4 b0 = vec4_load(bias);
  const vec4 b1 = vec4_load(bias + 4);
  const vec4 b2 = vec4_load(bias + 8);
  const vec4 b3 = vec4_load(bias + 12);
  vec4 c0_0 = b0, c0_1 = b1, c0_2 = b2, c0_3 = b3;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const vec4 w0 = vec4_load(weights);
          const vec4 w1 = vec4_load(weights + 4);
          const vec4 w2 = vec4_load(weights + 8);
          const vec4 w3 = vec4_load(weights + 12);
          vec4 x;
          x = vec4_broadcast(a[0]);
          c0_0 = vec4_fma(x, w0, c0_0);
          c0_1 = vec4_fma(x, w1, c0_1);
          c0_2 = vec4_fma(x, w2, c0_2);
          c0_3 = vec4_fma(x, w3, c0_3);
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
  finish(s, c0_1, r + 4 * s->res_channel, o + 4 * s->out_channel, channels - 4);
  finish(s, c0_2, r + 8 * s->res_channel, o + 8 * s->out_channel, channels - 8);
  finish(s, c0_3, r + 12 * s->res_channel, o + 12 * s->out_channel, channels - 12);
}

/*
 * A register tile of 2 × 1 pixels × 1 panel: 8 accumulators, c<pixel>_<vector>. Each step
 * of the reduction prefetches one line at `next`. `channels` are those that exist from the tile's
 * first on.
 */
INLINE void tile_2x1x1(
    const struct tile_shape *s, const float *in, const float *restrict weights, const void *next,
    const float *restrict bias, const float *residual, float *out, int channels) {
  const char *line = next;
  const vec4 b0 = vec4_load(bias);
  const vec4 b1 = vec4_load(bias + 4);
  const vec4 b2 = vec4_load(bias + 8);
  const vec4 b3 = vec4_load(bias + 12);
  vec4 c0_0 = b0, c0_1 = b1, c0_2 = b2, c0_3 = b3;
  vec4 c1_0 = b0, c1_1 = b1, c1_2 = b2, c1_3 = b3;

  for (int h = 0; h < s->count[0]; h++) {
    for (int i = 0; i < s->count[1]; i++) {
      for (int j = 0; j < s->count[2]; j++) {
        const float *a = in + h * s->stride[0] + i * s->stride[1] + j * s->stride[2];
        NO_UNROLL
        for (int k = 0; k < s->count[3]; k++) {
          __builtin_prefetch(line, 0, 3);
          const vec4 w0 = vec4_load(weights);
          const vec4 w1 = vec4_load(weights + 4);
          const vec4 w2 = vec4_load(weights + 8);
          const vec4 w3 = vec4_load(weights + 12);
          vec4 x;
          x = vec4_broadcast(a[0]);
          c0_0 = vec4_fma(x, w0, c0_0);
          c0_1 = vec4_fma(x, w1, c0_1);
          c0_2 = vec4_fma(x, w2, c0_2);
          c0_3 = vec4_fma(x, w3, c0_3);
          x = vec4_broadcast(a[s->in_pixel]);
          c1_0 = vec4_fma(x, w0, c1_0);
          c1_1 = vec4_fma(x, w1, c1_1);
          c1_2 = vec4_fma(x, w2, c1_2);
          c1_3 = vec4_fma(x, w3, c1_3);
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
  finish(s, c0_1, r + 4 * s->res_channel, o + 4 * s->out_channel, channels - 4);
  finish(s, c0_2, r + 8 * s->res_channel, o + 8 * s->out_channel, channels - 8);
  finish(s, c0_3, r + 12 * s->res_channel, o + 12 * s->out_channel, channels - 12);
  r = residual + s->out_pixel;
  o = out + s->out_pixel;
  finish(s, c1_0, r, o, channels);
  finish(s, c1_1, r + 4 * s->res_channel, o + 4 * s->out_channel, channels - 4);
  finish(s, c1_2, r + 8 * s->res_channel, o + 8 * s->out_channel, channels - 8);
  finish(s, c1_3, r + 12 * s->res_channel, o + 12 * s->out_channel, channels - 12);
}

/* The input transform Bᵀd of Winograd's F(4, 1) at ±0.5 and ±1.5. */
INLINE void winograd_input_line_4_1of2(const vec4 *d, vec4 *out) {
  const vec4 c2_25 = vec4_broadcast(2.25f);
  const vec4 c0_5 = vec4_broadcast(0.5f);
  const vec4 c0_25 = vec4_broadcast(0.25f);
  const vec4 c1_5 = vec4_broadcast(1.5f);
  /* ±0.5 */
  const vec4 q1 = vec4_fnmadd(c2_25, d[0], d[2]);
  const vec4 xq1 = vec4_fnmadd(c2_25, d[1], d[3]);
  out[0] = vec4_fma(c0_5, q1, xq1);
  out[1] = vec4_fnmadd(c0_5, q1, xq1);
  /* ±1.5 */
  const vec4 q3 = vec4_fnmadd(c0_25, d[0], d[2]);
  const vec4 xq3 = vec4_fnmadd(c0_25, d[1], d[3]);
  out[2] = vec4_fma(c1_5, q3, xq3);
  out[3] = vec4_fnmadd(c1_5, q3, xq3);
}

/* The input transform Bᵀd of Winograd's F(4, 2) at ±0.5, ±1.5 and infinity. */
INLINE void winograd_input_line_4_2(const vec4 *d, vec4 *out) {
  const vec4 c2_25 = vec4_broadcast(2.25f);
  const vec4 c0_5 = vec4_broadcast(0.5f);
  const vec4 c0_25 = vec4_broadcast(0.25f);
  const vec4 c1_5 = vec4_broadcast(1.5f);
  const vec4 c2_5 = vec4_broadcast(2.5f);
  const vec4 c0_5625 = vec4_broadcast(0.5625f);
  /* ±0.5 */
  const vec4 q1 = vec4_fnmadd(c2_25, d[0], d[2]);
  const vec4 xq1 = vec4_fnmadd(c2_25, d[1], d[3]);
  out[0] = vec4_fma(c0_5, q1, xq1);
  out[1] = vec4_fnmadd(c0_5, q1, xq1);
  /* ±1.5 */
  const vec4 q3 = vec4_fnmadd(c0_25, d[0], d[2]);
  const vec4 xq3 = vec4_fnmadd(c0_25, d[1], d[3]);
  out[2] = vec4_fma(c1_5, q3, xq3);
  out[3] = vec4_fnmadd(c1_5, q3, xq3);
  out[4] = vec4_fma(c0_5625, d[0], vec4_fnmadd(c2_5, d[2], d[4]));
}

/* The input transform Bᵀd of Winograd's F(4, 3) at 0, ±0.75, ±1.5 and infinity. */
INLINE void winograd_input_line_4_3(const vec4 *d, vec4 *out) {
  const vec4 c2_8125 = vec4_broadcast(2.8125f);
  const vec4 c1_265625 = vec4_broadcast(1.265625f);
  const vec4 c2_25 = vec4_broadcast(2.25f);
  const vec4 c0_75 = vec4_broadcast(0.75f);
  const vec4 c0_5625 = vec4_broadcast(0.5625f);
  const vec4 c1_5 = vec4_broadcast(1.5f);
  out[0] = vec4_fma(c1_265625, d[0], vec4_fnmadd(c2_8125, d[2], d[4]));
  /* ±0.75 */
  const vec4 q2 = vec4_fnmadd(c2_25, d[1], d[3]);
  const vec4 xq2 = vec4_fnmadd(c2_25, d[2], d[4]);
  out[1] = vec4_fma(c0_75, q2, xq2);
  out[2] = vec4_fnmadd(c0_75, q2, xq2);
  /* ±1.5 */
  const vec4 q4 = vec4_fnmadd(c0_5625, d[1], d[3]);
  const vec4 xq4 = vec4_fnmadd(c0_5625, d[2], d[4]);
  out[3] = vec4_fma(c1_5, q4, xq4);
  out[4] = vec4_fnmadd(c1_5, q4, xq4);
  out[5] = vec4_fma(c1_265625, d[1], vec4_fnmadd(c2_8125, d[3], d[5]));
}

/* The output transform Aᵀm of Winograd's F(4, 2) at ±0.5, ±1.5 and infinity. */
INLINE void winograd_output_line_4_2(const vec4 *m, vec4 *out) {
  const vec4 c1_5 = vec4_broadcast(1.5f);
  const vec4 c0_5 = vec4_broadcast(0.5f);
  const vec4 c2_25 = vec4_broadcast(2.25f);
  const vec4 c0_25 = vec4_broadcast(0.25f);
  const vec4 c3_375 = vec4_broadcast(3.375f);
  const vec4 c0_125 = vec4_broadcast(0.125f);
  const vec4 sum1 = vec4_add(m[0], m[1]);
  const vec4 difference1 = vec4_sub(m[0], m[1]);
  const vec4 sum3 = vec4_add(m[2], m[3]);
  const vec4 difference3 = vec4_sub(m[2], m[3]);
  out[0] = vec4_add(sum1, sum3);
  out[1] = vec4_fma(c0_5, difference1, vec4_mul(c1_5, difference3));
  out[2] = vec4_fma(c0_25, sum1, vec4_mul(c2_25, sum3));
  out[3] = vec4_fma(c0_125, difference1, vec4_fma(c3_375, difference3, m[4]));
}

/* The output transform Aᵀm of Winograd's F(4, 3) at 0, ±0.75, ±1.5 and infinity. */
INLINE void winograd_output_line_4_3(const vec4 *m, vec4 *out) {
  const vec4 c1_5 = vec4_broadcast(1.5f);
  const vec4 c0_75 = vec4_broadcast(0.75f);
  const vec4 c2_25 = vec4_broadcast(2.25f);
  const vec4 c0_5625 = vec4_broadcast(0.5625f);
  const vec4 c3_375 = vec4_broadcast(3.375f);
  const vec4 c0_421875 = vec4_broadcast(0.421875f);
  const vec4 sum2 = vec4_add(m[1], m[2]);
  const vec4 difference2 = vec4_sub(m[1], m[2]);
  const vec4 sum4 = vec4_add(m[3], m[4]);
  const vec4 difference4 = vec4_sub(m[3], m[4]);
  out[0] = vec4_add(vec4_add(m[0], sum2), sum4);
  out[1] = vec4_fma(c0_75, difference2, vec4_mul(c1_5, difference4));
  out[2] = vec4_fma(c0_5625, sum2, vec4_mul(c2_25, sum4));
  out[3] = vec4_fma(c0_421875, difference2, vec4_fma(c3_375, difference4, m[5]));
}

/* The input transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_input_4_1of2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  vec4 d[4], lines[4][4], line[4];
  UNROLL
  for (int x = 0; x < 4; x++) {
    UNROLL
    for (int y = 0; y < 4; y++)
      d[y] = vec4_load(in + y * row + x * pixel);
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
      vec4_store(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_input_4_1of2_by_4_2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  vec4 d[4], lines[4][5], line[5];
  UNROLL
  for (int x = 0; x < 5; x++) {
    UNROLL
    for (int y = 0; y < 4; y++)
      d[y] = vec4_load(in + y * row + x * pixel);
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
      vec4_store(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_input_4_2_by_4_1of2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  vec4 d[5], lines[5][4], line[5];
  UNROLL
  for (int x = 0; x < 4; x++) {
    UNROLL
    for (int y = 0; y < 5; y++)
      d[y] = vec4_load(in + y * row + x * pixel);
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
      vec4_store(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_input_4_2(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  vec4 d[5], lines[5][5], line[5];
  UNROLL
  for (int x = 0; x < 5; x++) {
    UNROLL
    for (int y = 0; y < 5; y++)
      d[y] = vec4_load(in + y * row + x * pixel);
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
      vec4_store(out + (5 * i + j) * plane, line[j]);
  }
}

/* The input transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_input_4_3(
    const float *in, ptrdiff_t row, ptrdiff_t pixel, float *out, ptrdiff_t plane) {
  vec4 d[6], lines[6][6], line[6];
  UNROLL
  for (int x = 0; x < 6; x++) {
    UNROLL
    for (int y = 0; y < 6; y++)
      d[y] = vec4_load(in + y * row + x * pixel);
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
      vec4_store(out + (6 * i + j) * plane, line[j]);
  }
}

/* The output transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_output_4_2(const float *in, ptrdiff_t plane, vec4 out[4][4]) {
  vec4 d[5], lines[4][5], line[4];
  UNROLL
  for (int j = 0; j < 5; j++) {
    UNROLL
    for (int i = 0; i < 5; i++)
      d[i] = vec4_load(in + (5 * i + j) * plane);
    winograd_output_line_4_2(d, line);
    UNROLL
    for (int y = 0; y < 4; y++)
      lines[y][j] = line[y];
  }
  UNROLL
  for (int y = 0; y < 4; y++)
    winograd_output_line_4_2(lines[y], out[y]);
}

/* The output transform in two dimensions, of 4 channels of one tile. */
INLINE void winograd_output_4_3(const float *in, ptrdiff_t plane, vec4 out[4][4]) {
  vec4 d[6], lines[4][6], line[4];
  UNROLL
  for (int j = 0; j < 6; j++) {
    UNROLL
    for (int i = 0; i < 6; i++)
      d[i] = vec4_load(in + (6 * i + j) * plane);
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
   Register tile 2 × 1 pixels × 1 panel; 512 tiles, 512 a cache block. */
static void conv_3x3_3_16_32x32_relu(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 3, 9}, .stride = {0, 0, 102, 1}, .panel = 432,
    .in_pixel = 3, .in_row = 102,
    .out_pixel = 16, .out_row = 544, .out_panel = 16,
    .out_channel = 1, .relu = 1,
  };
  for (int block = share.first; block < share.first_end; block += 512) {
    const int block_end = smaller(block + 512, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 432;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 16;
        const int band = tile / 16;
        const int x = column * 2;
        const int y = band;
        const float *a = in + y * 102 + x * 3;
        float *o = out + y * 544 + x * 16 + group * 16;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 1 ? w + 432 + ahead * shape.panel : w;
        const float *b = bias + group * 16;
        const int channels = 16 - group * 16;
        tile_2x1x1(&shape, a, w, next, b, o, o, channels);
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
    for (int c = channel; c < channel_end; c += 4)
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
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
        }
      }
    }
    weights += 1 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 16 × 32 × 32 nhwc → 16 × 32 × 32 nhwc, ReLU.
   Layers: layer1.0.conv1.
   4.72 MFLOP, 147.97 kB of activations, 36.86 kB of weights.
   Register tile 2 × 1 pixels × 1 panel; 16 tiles, 16 a cache block. */
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
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_3(products + tile * 16 + c, 528, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 544 + j * 16 + c, v);
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
    for (int c = channel; c < channel_end; c += 4)
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
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
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
   Register tile 2 × 1 pixels × 1 panel; 16 tiles, 16 a cache block. */
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
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_3(products + tile * 16 + c, 528, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_add(v, vec4_load(r + i * 544 + j * 16 + c));
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 528 + j * 16 + c, v);
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
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_1of2_by_4_2(a + 528 + c, 1056, 32, o + c, 1040);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_2(a + c, 1056, 32, o + 16 + c, 1040);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_2_by_4_1of2(a + 16 + c, 1056, 32, o + 32 + c, 1040);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_1of2(a + 544 + c, 1056, 32, o + 48 + c, 1040);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_s2_16_32_16x16_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
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
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 2 * shape.panel + first_group * 1 * length[point + 1] * 16;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 64;
        float *o = products + point * 528 + x * 32 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
        }
      }
    }
    weights += 2 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 2: 16 × 32 × 32 nhwc → 32 × 16 × 16 nhwc, ReLU.
   Layers: layer2.0.conv1.
   2.36 MFLOP, 111.17 kB of activations, 165.89 kB of weights.
   Register tile 2 × 1 pixels × 1 panel; 8 tiles, 8 a cache block. */
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
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_2(products + tile * 32 + c, 528, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 576 + j * 32 + c, v);
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
   Register tile 2 × 1 pixels × 1 panel; 128 tiles, 128 a cache block. */
static void conv_1x1_s2_16_32_16x16(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 16}, .stride = {0, 0, 0, 1}, .panel = 256,
    .in_pixel = 32, .in_row = 1056,
    .out_pixel = 32, .out_row = 512, .out_panel = 16,
    .out_channel = 1, .relu = 0,
  };
  for (int block = share.first; block < share.first_end; block += 128) {
    const int block_end = smaller(block + 128, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 256;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 8;
        const int band = tile / 8;
        const int x = column * 2;
        const int y = band;
        const float *a = in + y * 1056 + x * 32;
        float *o = out + y * 512 + x * 32 + group * 16;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 1 ? w + 256 + ahead * shape.panel : w;
        const float *b = bias + group * 16;
        const int channels = 32 - group * 16;
        tile_2x1x1(&shape, a, w, next, b, o, o, channels);
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
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_3(a + c, 576, 32, o + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_32_32_16x16_add_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 32}, .stride = {0, 0, 0, 1}, .panel = 512,
    .in_pixel = 32, .out_pixel = 32, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 528;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 2 * shape.panel + first_group * 1 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 32;
        float *o = products + point * 528 + x * 32 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
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
   Register tile 2 × 1 pixels × 1 panel; 8 tiles, 8 a cache block. */
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
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_3(products + tile * 32 + c, 528, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_add(v, vec4_load(r + i * 512 + j * 32 + c));
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 544 + j * 32 + c, v);
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
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_1of2_by_4_2(a + 544 + c, 1088, 64, o + c, 528);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_2(a + c, 1088, 64, o + 32 + c, 528);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_2_by_4_1of2(a + 32 + c, 1088, 64, o + 64 + c, 528);
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_1of2(a + 576 + c, 1088, 64, o + 96 + c, 528);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_s2_32_64_8x8_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
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
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 4 * shape.panel + first_group * 1 * length[point + 1] * 16;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 128;
        float *o = products + point * 272 + x * 64 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
        }
      }
    }
    weights += 4 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 2: 32 × 16 × 16 nhwc → 64 × 8 × 8 nhwc, ReLU.
   Layers: layer3.0.conv1.
   2.36 MFLOP, 62.59 kB of activations, 663.55 kB of weights.
   Register tile 2 × 1 pixels × 1 panel; 2 tiles, 2 a cache block. */
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
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_2(products + tile * 64 + c, 272, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 640 + j * 64 + c, v);
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
   Register tile 2 × 1 pixels × 1 panel; 32 tiles, 32 a cache block. */
static void conv_1x1_s2_32_64_8x8(
    const float *in, const float *weights, const float *bias,
    float *out, struct share share) {
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 32}, .stride = {0, 0, 0, 1}, .panel = 512,
    .in_pixel = 64, .in_row = 1088,
    .out_pixel = 64, .out_row = 512, .out_panel = 16,
    .out_channel = 1, .relu = 0,
  };
  for (int block = share.first; block < share.first_end; block += 32) {
    const int block_end = smaller(block + 32, share.first_end);
    for (int group = share.second; group < share.second_end; group++) {
      const float *w = weights + (ptrdiff_t)group * 512;
      for (int tile = block; tile < block_end; tile++) {
        const int column = tile % 4;
        const int band = tile / 4;
        const int x = column * 2;
        const int y = band;
        const float *a = in + y * 1088 + x * 64;
        float *o = out + y * 512 + x * 64 + group * 16;
        /* The first tiles fetch the next group's panels, a part each. */
        const int ahead = tile - block;
        const float *next = ahead < 1 ? w + 512 + ahead * shape.panel : w;
        const float *b = bias + group * 16;
        const int channels = 64 - group * 16;
        tile_2x1x1(&shape, a, w, next, b, o, o, channels);
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
    for (int c = channel; c < channel_end; c += 4)
      winograd_input_4_3(a + c, 640, 64, o + c, 272);
  }
}

/* Multiplies the transformed input of a block with the transformed kernel: one matrix product a
   point, for the groups of panels from group to group_end - 1. */
static void winograd4_3x3_64_64_8x8_add_relu_multiply(
    const float *points, const float *weights, float *products, int tiles, int first_group,
    int group_end) {
  static const float no_bias[16];
  static const struct tile_shape shape = {
    .count = {1, 1, 1, 64}, .stride = {0, 0, 0, 1}, .panel = 1024,
    .in_pixel = 64, .out_pixel = 64, .out_panel = 16,
    .out_channel = 1,
  };
  for (int point = 0; point < 36; point++) {
    const float *of_point = points + point * 272;
    for (int group = first_group; group < group_end; group++) {
      const float *w = weights + group * 1 * shape.panel;
      /* What this thread reads next: its next group, or its first of the next point. */
      const float *following =
        group + 1 < group_end ? w + 1 * shape.panel
          : weights + 4 * shape.panel + first_group * 1 * shape.panel;
      int x = 0;
      for (int tile = 0; x < tiles; tile++) {
        const float *a = of_point + x * 64;
        float *o = products + point * 272 + x * 64 + group * 16;
        const float *next = tile < 1 ? following + tile * shape.panel : w;
        {
          tile_2x1x1(&shape, a, w, next, no_bias, o, o, 16);
          x += 2;
        }
      }
    }
    weights += 4 * shape.panel;
  }
}

/* Winograd F(4×4) for 3 × 3, stride 1: 64 × 8 × 8 nhwc → 64 × 8 × 8 nhwc, + residual, ReLU.
   Layers: layer3.0.conv2.
   4.72 MFLOP, 41.98 kB of activations, 589.82 kB of weights.
   Register tile 2 × 1 pixels × 1 panel; 2 tiles, 2 a cache block. */
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
      const int end = share.second_end * 16;
      for (int c = share.second * 16; c < end; c += 4) {
        vec4 y[4][4];
        winograd_output_4_3(products + tile * 64 + c, 272, y);
        const vec4 b = vec4_load(bias + c);
        UNROLL
        for (int i = 0; i < 4; i++) {
          UNROLL
          for (int j = 0; j < 4; j++) {
            if (i < rows && j < columns) {
              vec4 v = vec4_add(y[i][j], b);
              v = vec4_add(v, vec4_load(r + i * 512 + j * 64 + c));
              v = vec4_max(vec4_zero(), v); /* in this order a NaN stays */
              vec4_store(o + i * 512 + j * 64 + c, v);
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
      for (int c = 0; c < 16; c += 4) {
        vec4 sum = vec4_zero();
        for (int y = 0; y < 8; y++)
          for (int x = 0; x < 8; x++)
            sum = vec4_add(sum, vec4_load(a + y * 512 + x * 64 + c));
        vec4_store(o + c, vec4_mul(sum, vec4_broadcast(1.0f / 64.0f)));
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
  {0, 512, 0, 1},
  {0, 256, 0, 1}, {256, 512, 0, 1},
  {0, 170, 0, 1}, {170, 341, 0, 1}, {341, 512, 0, 1},
  {0, 128, 0, 1}, {128, 256, 0, 1}, {256, 384, 0, 1}, {384, 512, 0, 1},
  {0, 102, 0, 1}, {102, 204, 0, 1}, {204, 306, 0, 1}, {306, 409, 0, 1}, {409, 512, 0, 1},
  {0, 85, 0, 1}, {85, 170, 0, 1}, {170, 255, 0, 1}, {255, 341, 0, 1}, {341, 426, 0, 1},
    {426, 512, 0, 1},
  {0, 73, 0, 1}, {73, 146, 0, 1}, {146, 219, 0, 1}, {219, 292, 0, 1}, {292, 365, 0, 1},
    {365, 438, 0, 1}, {438, 512, 0, 1},
  {0, 64, 0, 1}, {64, 128, 0, 1}, {128, 192, 0, 1}, {192, 256, 0, 1}, {256, 320, 0, 1},
    {320, 384, 0, 1}, {384, 448, 0, 1}, {448, 512, 0, 1},
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
static const struct share shares_4[] = {
  {0, 128, 0, 2},
  {0, 64, 0, 2}, {64, 128, 0, 2},
  {0, 42, 0, 2}, {42, 85, 0, 2}, {85, 128, 0, 2},
  {0, 32, 0, 2}, {32, 64, 0, 2}, {64, 96, 0, 2}, {96, 128, 0, 2},
  {0, 25, 0, 2}, {25, 50, 0, 2}, {50, 76, 0, 2}, {76, 102, 0, 2}, {102, 128, 0, 2},
  {0, 21, 0, 2}, {21, 42, 0, 2}, {42, 63, 0, 2}, {63, 85, 0, 2}, {85, 106, 0, 2}, {106, 128, 0, 2},
  {0, 18, 0, 2}, {18, 36, 0, 2}, {36, 54, 0, 2}, {54, 72, 0, 2}, {72, 91, 0, 2}, {91, 109, 0, 2},
    {109, 128, 0, 2},
  {0, 16, 0, 2}, {16, 32, 0, 2}, {32, 48, 0, 2}, {48, 64, 0, 2}, {64, 80, 0, 2}, {80, 96, 0, 2},
    {96, 112, 0, 2}, {112, 128, 0, 2},
};
static const struct share shares_5[] = {
  {0, 1, 0, 4},
  {0, 1, 0, 2}, {0, 1, 2, 4},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 4},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 3}, {0, 1, 3, 4},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 3}, {0, 1, 3, 4}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 3}, {0, 1, 3, 4}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 3}, {0, 1, 3, 4}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
  {0, 1, 0, 1}, {0, 1, 1, 2}, {0, 1, 2, 3}, {0, 1, 3, 4}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0},
    {0, 0, 0, 0},
};
static const struct share shares_6[] = {
  {0, 32, 0, 4},
  {0, 16, 0, 4}, {16, 32, 0, 4},
  {0, 11, 0, 4}, {11, 22, 0, 4}, {22, 32, 0, 4},
  {0, 8, 0, 4}, {8, 16, 0, 4}, {16, 24, 0, 4}, {24, 32, 0, 4},
  {0, 7, 0, 4}, {7, 14, 0, 4}, {14, 20, 0, 4}, {20, 26, 0, 4}, {26, 32, 0, 4},
  {0, 11, 0, 2}, {0, 11, 2, 4}, {11, 22, 0, 2}, {11, 22, 2, 4}, {22, 32, 0, 2}, {22, 32, 2, 4},
  {0, 5, 0, 4}, {5, 10, 0, 4}, {10, 14, 0, 4}, {14, 18, 0, 4}, {18, 23, 0, 4}, {23, 27, 0, 4},
    {27, 32, 0, 4},
  {0, 4, 0, 4}, {4, 8, 0, 4}, {8, 12, 0, 4}, {12, 16, 0, 4}, {16, 20, 0, 4}, {20, 24, 0, 4},
    {24, 28, 0, 4}, {28, 32, 0, 4},
};
static const struct share shares_7[] = {
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

void resnet8_cifar10_portable_steps(
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
        arena + 19616, scratch, shares_5[mine]);
      break;
    case 10: /* fc */
      pooled_linear_64_10(arena + 19616, weights + 413456, weights + 413440, arena, scratch,
        shares_7[mine]);
      break;
    case 11: /* output */
      nhwc_to_nchw_10_1x1(arena, output, shares_7[mine]);
      break;
    }
    resnet8_cifar10_barrier(arena, threads);
  }
}
