// JPEG, grey, colour or CMYK, to 8-bit RGB.
//
// libjpeg's defaults are kept (accurate integer DCT, smooth chroma upsampling), as in Pillow. The
// orientation that a camera notes in EXIF is not applied.
#include "image_codecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct decoder {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jmp_buf failure;
  enum image_codec_status status;
  struct image_codec_report *report;
};

static void fail(struct decoder *decoder, enum image_codec_status status) {
  decoder->errors.format_message((j_common_ptr)&decoder->jpeg, decoder->report->message);
  decoder->status = status;
  longjmp(decoder->failure, 1);
}

static void report_error(j_common_ptr jpeg) {
  struct decoder *decoder = jpeg->client_data;
  const int code = jpeg->err->msg_code;
  const int ended = code == JERR_INPUT_EOF || code == JERR_INPUT_EMPTY;
  fail(decoder, ended ? IMAGE_CODEC_TRUNCATED : IMAGE_CODEC_DAMAGED);
}

// libjpeg goes on after damage with a warning and a grey area. Pixels that are not in the file must
// not pass for a picture, so damage is an error; oddities that lose nothing are not.
static void report_warning(j_common_ptr jpeg, int level) {
  struct decoder *decoder = jpeg->client_data;
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
      fail(decoder, IMAGE_CODEC_TRUNCATED);
      break;
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
      fail(decoder, IMAGE_CODEC_DAMAGED);
      break;
    default:
      break;
  }
}

static void ignore_output(j_common_ptr jpeg) { (void)jpeg; }

// One row of CMYK to RGB. Adobe's files, which are nearly all there are, hold inverted values.
static void convert_cmyk(const uint8_t *cmyk, uint8_t *rgb, uint32_t width, int inverted) {
  for (uint32_t x = 0; x < width; x++) {
    for (int c = 0; c < 3; c++) {
      const unsigned ink = inverted ? cmyk[4 * x + c] : 255u - cmyk[4 * x + c];
      const unsigned key = inverted ? cmyk[4 * x + 3] : 255u - cmyk[4 * x + 3];
      rgb[3 * x + c] = (uint8_t)((ink * key + 127) / 255);
    }
  }
}

static void read_rows(struct decoder *decoder, uint8_t *rgb) {
  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  const int cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(jpeg);
  const uint32_t width = jpeg->output_width;
  // The library's pool: freed with the decoder, whichever way it ends.
  JSAMPARRAY cmyk_row = NULL;
  if (cmyk) {
    cmyk_row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, width * 4, 1);
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = rgb + (size_t)jpeg->output_scanline * width * 3;
    if (cmyk) {
      jpeg_read_scanlines(jpeg, cmyk_row, 1);
      convert_cmyk(cmyk_row[0], row, width, jpeg->saw_Adobe_marker);
    } else {
      jpeg_read_scanlines(jpeg, &row, 1);
    }
  }
  jpeg_finish_decompress(jpeg);
}

// Reads the header and, if rgb is not null, the picture.
static enum image_codec_status decode(
    const uint8_t *bytes, size_t count, uint8_t *rgb, struct image_codec_report *report) {
  struct decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.report = report;
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.jpeg.client_data = &decoder;
  decoder.errors.error_exit = report_error;
  decoder.errors.emit_message = report_warning;
  decoder.errors.output_message = ignore_output;
  if (setjmp(decoder.failure)) {
    jpeg_destroy_decompress(&decoder.jpeg);
    return decoder.status;
  }
  jpeg_create_decompress(&decoder.jpeg);
  jpeg_mem_src(&decoder.jpeg, (unsigned char *)bytes, (unsigned long)count);
  jpeg_read_header(&decoder.jpeg, TRUE);
  if (rgb == NULL) {
    report->width = decoder.jpeg.image_width;
    report->height = decoder.jpeg.image_height;
  } else if (
      decoder.jpeg.image_width != report->width || decoder.jpeg.image_height != report->height) {
    decoder.status = IMAGE_CODEC_WRONG_SIZE;
  } else {
    read_rows(&decoder, rgb);
  }
  jpeg_destroy_decompress(&decoder.jpeg);
  return decoder.status;
}

enum image_codec_status jpeg_read_size(
    const uint8_t *bytes, size_t count, struct image_codec_report *report) {
  return decode(bytes, count, NULL, report);
}

enum image_codec_status jpeg_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *rgb, struct image_codec_report *report) {
  return decode(bytes, count, rgb, report);
}
