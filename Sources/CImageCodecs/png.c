// PNG of every colour type and bit depth to 8-bit RGB.
//
// Alpha is dropped, not composited, and gamma and colour profiles are ignored: what picture libraries
// do for neural networks, and so what networks were trained on.
#include "image_codecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct source {
  const uint8_t *bytes;
  size_t count;
  size_t position;
  int exhausted;
  struct image_codec_report *report;
};

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  struct source *source = png_get_io_ptr(png);
  if (count > source->count - source->position) {
    source->exhausted = 1;
    png_error(png, "the file ends too early");
  }
  memcpy(out, source->bytes + source->position, count);
  source->position += count;
}

static void report_error(png_structp png, png_const_charp message) {
  struct source *source = png_get_error_ptr(png);
  snprintf(source->report->message, sizeof source->report->message, "%s", message);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void convert_to_rgb8(png_structp png) {
  png_set_expand(png);    // palettes, 1-, 2- and 4-bit grey, transparent colours
  png_set_scale_16(png);  // rounds, where stripping would truncate
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
}

// Reads the header and, if rgb is not null, the picture.
static enum image_codec_status decode(struct source *source, uint8_t *rgb) {
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, source, report_error, ignore_warning);
  png_infop info = png != NULL ? png_create_info_struct(png) : NULL;
  if (info == NULL) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(source->report->message, sizeof source->report->message, "libpng cannot start");
    return IMAGE_CODEC_DAMAGED;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return source->exhausted ? IMAGE_CODEC_TRUNCATED : IMAGE_CODEC_DAMAGED;
  }
  png_set_read_fn(png, source, read_bytes);
  png_read_info(png, info);
  const uint32_t width = png_get_image_width(png, info);
  const uint32_t height = png_get_image_height(png, info);
  if (rgb == NULL) {
    source->report->width = width;
    source->report->height = height;
  } else if (width != source->report->width || height != source->report->height) {
    png_destroy_read_struct(&png, &info, NULL);
    return IMAGE_CODEC_WRONG_SIZE;
  } else {
    convert_to_rgb8(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (png_get_rowbytes(png, info) != (size_t)width * 3) {
      png_error(png, "the picture cannot be converted to RGB");
    }
    for (int pass = 0; pass < passes; pass++) {
      for (uint32_t y = 0; y < height; y++) {
        png_read_row(png, rgb + (size_t)y * width * 3, NULL);
      }
    }
    png_read_end(png, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return IMAGE_CODEC_OK;
}

enum image_codec_status png_read_size(
    const uint8_t *bytes, size_t count, struct image_codec_report *report) {
  struct source source = {.bytes = bytes, .count = count, .report = report};
  return decode(&source, NULL);
}

enum image_codec_status png_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *rgb, struct image_codec_report *report) {
  struct source source = {.bytes = bytes, .count = count, .report = report};
  return decode(&source, rgb);
}
