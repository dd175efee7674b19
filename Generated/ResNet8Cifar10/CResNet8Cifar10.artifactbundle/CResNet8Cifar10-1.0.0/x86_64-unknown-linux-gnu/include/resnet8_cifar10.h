/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
#ifndef RESNET8_CIFAR10_H
#define RESNET8_CIFAR10_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * resnet8_cifar10: one network, compiled for one input shape.
 *
 * Open a model once over its weights file; give each caller that may run at the same time a
 * workspace of its own; run as often as you like. Any number of threads may run one model at once,
 * each with its own workspace. Running allocates nothing, locks nothing and does no I/O.
 *
 *     resnet8_cifar10_model *model;
 *     resnet8_cifar10_status status = resnet8_cifar10_open("ResNet8Cifar10.weights", &model);
 *     if (status != RESNET8_CIFAR10_OK) { puts(resnet8_cifar10_status_text(status)); return 1; }
 *     void *workspace = aligned_alloc(
 *         RESNET8_CIFAR10_WORKSPACE_ALIGNMENT, resnet8_cifar10_workspace_bytes(1));
 *     status = resnet8_cifar10_run(model, workspace, input, output, 1);
 */

enum {
  /* The input tensor: float32, row-major [batch, channels, height, width]. */
  RESNET8_CIFAR10_BATCH = 1,
  RESNET8_CIFAR10_CHANNELS = 3,
  RESNET8_CIFAR10_HEIGHT = 32,
  RESNET8_CIFAR10_WIDTH = 32,
  RESNET8_CIFAR10_INPUT_COUNT = 3072,
  /* Output 'output': float32, row-major [1, 10]. */
  RESNET8_CIFAR10_OUTPUT_COUNT = 10,
  /* Entries of a row of output 'output'. */
  RESNET8_CIFAR10_CLASSES = 10,
  /* The most threads one inference can use. */
  RESNET8_CIFAR10_MAX_THREADS = 8,
  /* Steps of one inference; see resnet8_cifar10_run_steps. */
  RESNET8_CIFAR10_STEPS = 12,
  /* What the address of a workspace must be a multiple of, in bytes. */
  RESNET8_CIFAR10_WORKSPACE_ALIGNMENT = 64
};

/* How a call ended. resnet8_cifar10_status_text puts it in words. */
typedef enum resnet8_cifar10_status {
  RESNET8_CIFAR10_OK = 0, /* it worked */
  RESNET8_CIFAR10_ERROR_ARGUMENT = 1, /* a pointer is NULL */
  RESNET8_CIFAR10_ERROR_OPEN = 2, /* there is no readable file; errno says why */
  RESNET8_CIFAR10_ERROR_NOT_WEIGHTS = 3, /* the file is not a weights file */
  RESNET8_CIFAR10_ERROR_FORMAT_VERSION = 4, /* the file has another version of the format */
  RESNET8_CIFAR10_ERROR_OTHER_MODEL = 5, /* the file belongs to another model or compilation */
  RESNET8_CIFAR10_ERROR_TRUNCATED = 6, /* the file's size is wrong */
  RESNET8_CIFAR10_ERROR_CORRUPT = 7, /* the checksum does not match */
  RESNET8_CIFAR10_ERROR_MEMORY = 8, /* there is no memory left */
  RESNET8_CIFAR10_ERROR_ISA_UNKNOWN = 9, /* RESNETC_ISA names no variant */
  RESNET8_CIFAR10_ERROR_ISA_UNSUPPORTED = 10, /* the processor lacks the instruction set */
  RESNET8_CIFAR10_ERROR_THREADS = 11, /* the number of threads is out of range */
  RESNET8_CIFAR10_ERROR_STEPS = 12, /* there are no such steps */
  RESNET8_CIFAR10_ERROR_ALIGNMENT = 13, /* workspace or scratch is misaligned */
  RESNET8_CIFAR10_ERROR_PICTURE = 14 /* the picture's size, stride or format is invalid */
} resnet8_cifar10_status;

/*
 * A sentence about a status: what went wrong and what to do. Static text, never NULL, also for a
 * number that is no status. Safe from any thread.
 */
const char *resnet8_cifar10_status_text(resnet8_cifar10_status status);

/* An opened network. Unchanging once opened, so any number of threads may share it. */
typedef struct resnet8_cifar10_model resnet8_cifar10_model;

/*
 * Maps the weights file read-only, checks that it is whole and belongs to this library, and picks
 * the kernels for this processor. Several models over one file share its pages.
 *
 * The variants, best first: avx512, avx2, portable.
 * The environment variable RESNETC_ISA overrides the choice with one of these names.
 *
 * path: the weights file, as the system's open() takes it.
 * out:  receives the model, which resnet8_cifar10_close frees; set to NULL on failure.
 *
 * Safe from any thread. Verifying the file's checksum reads all of it, on up to four threads that
 * have ended when this returns.
 */
resnet8_cifar10_status resnet8_cifar10_open(const char *path, resnet8_cifar10_model **out);

/* Frees a model and unmaps its weights. No call may be running with it. NULL does nothing. */
void resnet8_cifar10_close(resnet8_cifar10_model *model);

/* The name of the variant that runs, one of: avx512, avx2, portable. Static text. */
const char *resnet8_cifar10_isa_name(const resnet8_cifar10_model *model);

/*
 * Bytes of a workspace for inferences on up to `threads` threads; 0 if `threads` is not in
 * 1...RESNET8_CIFAR10_MAX_THREADS. The workspace may hold anything beforehand, is written by every
 * inference, and serves one inference at a time.
 */
size_t resnet8_cifar10_workspace_bytes(int threads);

/*
 * Makes the first inference over a workspace as fast as later ones: has the system find memory for
 * its pages, and starts the team's threads. Optional. Arguments, threads and pinning are as for
 * resnet8_cifar10_run, and nothing else may use the workspace meanwhile.
 */
resnet8_cifar10_status resnet8_cifar10_prepare(
    const resnet8_cifar10_model *model, void *workspace, int threads);

/*
 * Runs the network.
 *
 * model:     from resnet8_cifar10_open.
 * workspace: resnet8_cifar10_workspace_bytes(threads) bytes at a multiple of
 *            RESNET8_CIFAR10_WORKSPACE_ALIGNMENT.
 * input:     RESNET8_CIFAR10_INPUT_COUNT floats.
 * output:    receives RESNET8_CIFAR10_OUTPUT_COUNT floats of 'output'.
 * threads:   1...RESNET8_CIFAR10_MAX_THREADS.
 *            The result is the same, bit for bit, for every number.
 *
 * Safe from any thread with a workspace of one's own. Input, output and workspace may not overlap.
 * Denormal numbers count as zero during the call. An inference takes no more threads than the
 * process may use processors (counted when the model was opened) and other inferences in it leave,
 * but always one. Between inferences the threads sleep. They are pinned, during the call and no two
 * to one processor, only if RESNETC_PIN was 1 when the model was opened. A forked child may run a
 * model that its parent opened; on one thread if OpenMP's runtime is GNU's, whose threads do not
 * survive a fork.
 */
resnet8_cifar10_status resnet8_cifar10_run(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *output,
    int threads);

/*
 * Runs steps first ... first + count - 1 only, to time them one by one. Step 0 is the conversion of
 * `input`, which may be NULL for later steps. A step reads what the steps before it have left in
 * the workspace, so run them in order over the same one.
 */
resnet8_cifar10_status resnet8_cifar10_run_steps(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *output,
    int threads, int first, int count);

/* The order of the bytes of one pixel. The fourth byte, where there is one, is not looked at. */
typedef enum resnet8_cifar10_pixel_format {
  RESNET8_CIFAR10_RGB = 0,  /* 3 bytes */
  RESNET8_CIFAR10_RGBA = 1, /* 4 bytes */
  RESNET8_CIFAR10_BGR = 2,  /* 3 bytes */
  RESNET8_CIFAR10_BGRA = 3  /* 4 bytes */
} resnet8_cifar10_pixel_format;

/* A picture of 8-bit channels in the caller's memory, which is only read. */
typedef struct resnet8_cifar10_picture {
  const uint8_t *pixels;       /* the first byte of the top left pixel */
  int width;                   /* pixels, at least 1 */
  int height;                  /* rows, at least 1 */
  ptrdiff_t row_stride;        /* bytes from a row to the next; negative for bottom-up pictures */
  resnet8_cifar10_pixel_format format;
} resnet8_cifar10_picture;

/*
 * Bytes of scratch memory that a picture of this size needs to become an input; 0 if it cannot.
 * For several pictures take the greatest.
 */
size_t resnet8_cifar10_picture_scratch_bytes(int width, int height);

/*
 * Runs the network on pictures as they come, each prepared as the network was trained:
 * short side resized to 32, centre crop 32 x 32, then (pixel * scale - mean) / std in rgb order.
 *
 * pictures: RESNET8_CIFAR10_BATCH of them, of any sizes.
 * scratch:  resnet8_cifar10_picture_scratch_bytes bytes at a multiple of
 *           RESNET8_CIFAR10_WORKSPACE_ALIGNMENT.
 *
 * The rest is as for resnet8_cifar10_run. No tensor is made in between: pixels are
 * converted straight to the place where the first layer reads them.
 */
resnet8_cifar10_status resnet8_cifar10_run_pixels(
    const resnet8_cifar10_model *model, void *workspace, const resnet8_cifar10_picture *pictures,
    void *scratch, float *output, int threads);

#ifdef __cplusplus
}
#endif

#endif
