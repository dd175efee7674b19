// PNG and JPEG decoding to packed 8-bit RGB, over libpng and libjpeg.
//
// Both libraries report errors with longjmp, which Swift cannot call across. These functions return a
// status and a message instead, keep no state and allocate nothing that outlives them.
#ifndef IMAGE_CODECS_H
#define IMAGE_CODECS_H

#include <stddef.h>
#include <stdint.h>

enum image_codec_status {
  IMAGE_CODEC_OK = 0,
  // The bytes end before the picture does.
  IMAGE_CODEC_TRUNCATED = 1,
  // The bytes are no picture, or a damaged one: the message says more.
  IMAGE_CODEC_DAMAGED = 2,
  // The picture is not of the size that the caller has made room for.
  IMAGE_CODEC_WRONG_SIZE = 3,
};

enum { IMAGE_CODEC_MESSAGE_SIZE = 256 };

// What a decoder found in the picture's header, or what went wrong.
struct image_codec_report {
  uint32_t width;
  uint32_t height;
  char message[IMAGE_CODEC_MESSAGE_SIZE];
};

// Reads a picture's header, for its size.
enum image_codec_status png_read_size(
    const uint8_t *bytes, size_t count, struct image_codec_report *report);
enum image_codec_status jpeg_read_size(
    const uint8_t *bytes, size_t count, struct image_codec_report *report);

// Decodes a picture into `rgb`, which has room for width * height * 3 bytes, the size that
// report holds from reading the header.
enum image_codec_status png_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *rgb, struct image_codec_report *report);
enum image_codec_status jpeg_decode_rgb(
    const uint8_t *bytes, size_t count, uint8_t *rgb, struct image_codec_report *report);

#endif
