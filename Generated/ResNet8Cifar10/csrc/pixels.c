/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/*
 * Pictures to inputs: short side to 32, centre crop 32 x 32, RGB, to float32.
 *
 * Resizing is the antialiased bilinear filter of Pillow, to the bit: an output pixel is the mean of
 * the source pixels under a triangle as wide as the reduction, along rows first and then along
 * columns, with weights of 22 bits and a rounding to 8 bits in between. Only
 * what the centre crop keeps is computed, and the rows in between live in a ring that is as tall as
 * one output row needs.
 */
#include "internal.h"

#include <stddef.h>
#include <stdint.h>

enum {
  /* What the centre crop keeps: the extent of the input. */
  CROP_WIDTH = 32,
  CROP_HEIGHT = 32,
  /* In floats, within one image of the input. */
  CHANNEL_STRIDE = 1,
  ROW_STRIDE = 102,
  PIXEL_STRIDE = 3,
  /* The byte of an RGB pixel that is the input's channel 0 (RGB); channel 2 mirrors it. */
  FIRST_BYTE = 0,
  /* A larger picture is refused, so that no size computed here overflows. */
  MAX_SIDE = 1 << 20
};

/* Where a centred crop begins: half of the rest, a tie going to the even number. */
static int64_t crop_start(int64_t size, int crop) {
  const int64_t rest = size - crop;
  return rest / 2 + (rest & (rest / 2) & 1);
}

/*
 * One row of the crop to floats, (pixel * scale - mean) / std, with scale / std and -mean / std as
 * the two constants of each channel.
 *   channel 0: (pixel * 0.0078125 - 1.0) / 1.0
 *   channel 1: (pixel * 0.0078125 - 1.0) / 1.0
 *   channel 2: (pixel * 0.0078125 - 1.0) / 1.0
 *
 * pixels: the first one's bytes; step: bytes a pixel.
 */
static inline void store_row(
    const uint8_t *restrict pixels, int step, int first_byte, float *restrict out) {
  for (int x = 0; x < CROP_WIDTH; x++) {
    const uint8_t *pixel = pixels + (size_t)x * step;
    float *place = out + (size_t)x * PIXEL_STRIDE;
    place[0 * CHANNEL_STRIDE] = (float)pixel[first_byte] * 0.0078125f - 1.0f;
    place[1 * CHANNEL_STRIDE] = (float)pixel[1] * 0.0078125f - 1.0f;
    place[2 * CHANNEL_STRIDE] = (float)pixel[2 - first_byte] * 0.0078125f - 1.0f;
  }
}

enum {
  ROW_BYTES = 3 * CROP_WIDTH,
  WEIGHT_BITS = 22
};

static const uint32_t ROUNDING = 1u << (WEIGHT_BITS - 1);

/* How one side of a picture is resized and cropped. */
typedef struct axis {
  int source;       /* pixels of the picture */
  int64_t resized;  /* pixels that they become */
  int64_t start;    /* the first of those that the crop keeps */
  int taps;         /* the most source pixels that one of those is made from */
} axis;

static axis make_axis(int source, int64_t resized, int crop) {
  const int64_t reach = source > resized ? (source + resized - 1) / resized : 1;
  const axis result = {source, resized, crop_start(resized, crop), (int)(2 * reach + 1)};
  return result;
}

/* Both axes for a picture of this size; 0 if there is no such picture. */
static int make_axes(int width, int height, axis *x, axis *y) {
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return 0;
  /* The short side becomes 32; the long side keeps the ratio, truncated. */
  const int shorter = width < height ? width : height;
  *x = make_axis(width, (int64_t)32 * width / shorter, CROP_WIDTH);
  *y = make_axis(height, (int64_t)32 * height / shorter, CROP_HEIGHT);
  return 1;
}

/* The source pixels that one output pixel is made from. */
typedef struct span {
  int first;
  int count;
} span;

/* Finds them for pixel `at` of the crop, and their weights, which sum up to 1 << WEIGHT_BITS. */
static span weigh(const axis *axis, int at, uint32_t *restrict weights) {
  const double scale = (double)axis->source / (double)axis->resized;
  const double reach = scale < 1.0 ? 1.0 : scale;
  const double slope = 1.0 / reach;
  const double centre = ((double)(axis->start + at) + 0.5) * scale;
  int first = (int)(centre - reach + 0.5);
  int end = (int)(centre + reach + 0.5);
  if (first < 0) first = 0;
  if (end > axis->source) end = axis->source;

  double total = 0.0;
  for (int pass = 0; pass < 2; pass++) {
    for (int i = first; i < end; i++) {
      double distance = (i - centre + 0.5) * slope;
      if (distance < 0.0) distance = -distance;
      const double weight = distance < 1.0 ? 1.0 - distance : 0.0;
      if (pass == 0) {
        total += weight;
      } else {
        weights[i - first] = (uint32_t)(0.5 + weight / total * (1 << WEIGHT_BITS));
      }
    }
  }
  const span result = {first, end - first};
  return result;
}

/* Rounded weights may sum up to slightly more than one. */
static inline uint8_t to_byte(uint32_t sum) {
  const uint32_t value = sum >> WEIGHT_BITS;
  return value < 255 ? (uint8_t)value : 255;
}

/* One row of the picture to the crop's width, its channels in the order of the input. */
static inline void resize_row(
    const uint8_t *restrict row, int step, int first_byte, const span *restrict spans,
    const uint32_t *restrict weights, int taps, uint8_t *restrict out) {
  for (int x = 0; x < CROP_WIDTH; x++) {
    const uint8_t *pixel = row + (size_t)spans[x].first * step;
    const uint32_t *weight = weights + (size_t)x * taps;
    uint32_t sum0 = ROUNDING;
    uint32_t sum1 = ROUNDING;
    uint32_t sum2 = ROUNDING;
    for (int tap = 0; tap < spans[x].count; tap++) {
      sum0 += weight[tap] * pixel[first_byte];
      sum1 += weight[tap] * pixel[1];
      sum2 += weight[tap] * pixel[2 - first_byte];
      pixel += step;
    }
    out[3 * x + 0] = to_byte(sum0);
    out[3 * x + 1] = to_byte(sum1);
    out[3 * x + 2] = to_byte(sum2);
  }
}

/* One row of the crop from the ring of resized rows. */
static void blend_rows(
    const uint8_t *restrict ring, int ring_rows, span rows, const uint32_t *restrict weights,
    uint32_t *restrict sums, uint8_t *restrict out) {
  for (int i = 0; i < ROW_BYTES; i++) sums[i] = ROUNDING;
  for (int tap = 0; tap < rows.count; tap++) {
    const uint8_t *row = ring + (size_t)((rows.first + tap) % ring_rows) * ROW_BYTES;
    const uint32_t weight = weights[tap];
    for (int i = 0; i < ROW_BYTES; i++) sums[i] += weight * row[i];
  }
  for (int i = 0; i < ROW_BYTES; i++) out[i] = to_byte(sums[i]);
}

/* The parts of the scratch memory, those of 4-byte numbers first. */
typedef struct parts {
  span *spans;               /* one a column of the crop */
  uint32_t *column_weights;  /* x.taps a column */
  uint32_t *row_weights;     /* of the row in work */
  uint32_t *sums;            /* one for each byte of a row */
  uint8_t *ring;             /* y.taps resized rows */
  uint8_t *row;              /* one row of the crop */
} parts;

static parts make_parts(uint8_t *scratch, const axis *x, const axis *y) {
  parts p;
  p.spans = (span *)scratch;
  p.column_weights = (uint32_t *)(p.spans + CROP_WIDTH);
  p.row_weights = p.column_weights + (size_t)CROP_WIDTH * x->taps;
  p.sums = p.row_weights + y->taps;
  p.ring = (uint8_t *)(p.sums + ROW_BYTES);
  p.row = p.ring + (size_t)y->taps * ROW_BYTES;
  return p;
}

size_t resnet8_cifar10_picture_scratch_bytes(int width, int height) {
  axis x, y;
  if (!make_axes(width, height, &x, &y)) return 0;
  const size_t numbers = 2 * CROP_WIDTH + (size_t)CROP_WIDTH * x.taps + y.taps + ROW_BYTES;
  return numbers * sizeof(uint32_t) + (size_t)(y.taps + 1) * ROW_BYTES;
}

resnet8_cifar10_status resnet8_cifar10_convert_picture(
    const resnet8_cifar10_picture *picture, void *scratch, float *image) {
  if (picture->pixels == NULL) return RESNET8_CIFAR10_ERROR_PICTURE;
  if (resnet8_cifar10_picture_scratch_bytes(picture->width, picture->height) == 0) {
    return RESNET8_CIFAR10_ERROR_PICTURE;
  }
  int step = 3;
  int first_byte = FIRST_BYTE;
  switch (picture->format) {
    case RESNET8_CIFAR10_RGB: break;
    case RESNET8_CIFAR10_RGBA: step = 4; break;
    case RESNET8_CIFAR10_BGR: first_byte = 2 - FIRST_BYTE; break;
    case RESNET8_CIFAR10_BGRA: step = 4; first_byte = 2 - FIRST_BYTE; break;
    default: return RESNET8_CIFAR10_ERROR_PICTURE;
  }
  const ptrdiff_t stride = picture->row_stride;
  const ptrdiff_t row_bytes = (ptrdiff_t)picture->width * step;
  if (stride > -row_bytes && stride < row_bytes) return RESNET8_CIFAR10_ERROR_PICTURE;

  axis x, y;
  make_axes(picture->width, picture->height, &x, &y);
  const parts p = make_parts(scratch, &x, &y);
  for (int column = 0; column < CROP_WIDTH; column++) {
    p.spans[column] = weigh(&x, column, p.column_weights + (size_t)column * x.taps);
  }
  int next = 0;  /* the first row of the picture that is not in the ring yet */
  for (int row = 0; row < CROP_HEIGHT; row++) {
    const span rows = weigh(&y, row, p.row_weights);
    if (next < rows.first) next = rows.first;
    for (; next < rows.first + rows.count; next++) {
      const uint8_t *source = picture->pixels + next * stride;
      uint8_t *resized = p.ring + (size_t)(next % y.taps) * ROW_BYTES;
      /* The literal steps let the compiler make a loop of its own for each. */
      if (step == 3) {
        resize_row(source, 3, first_byte, p.spans, p.column_weights, x.taps, resized);
      } else {
        resize_row(source, 4, first_byte, p.spans, p.column_weights, x.taps, resized);
      }
    }
    blend_rows(p.ring, y.taps, rows, p.row_weights, p.sums, p.row);
    store_row(p.row, 3, 0, image + (size_t)row * ROW_STRIDE);
  }
  return RESNET8_CIFAR10_OK;
}
