/* Written by resnetc 0.1.0 for the network resnet8_cifar10. */
/* Network c0985e5f100fc3f9. Do not edit: compile the spec again instead. */
/* What the parts of the library share and callers do not see. */
#ifndef RESNET8_CIFAR10_INTERNAL_H
#define RESNET8_CIFAR10_INTERNAL_H

#include "resnet8_cifar10.h"

/*
 * One thread's part of steps first ... last - 1, for one instruction set. Every thread of the team
 * calls it with the same arguments but `scratch` and `thread`.
 *
 * weights: the packed weights of the whole network.
 * arena:   the activation buffers, shared by the team.
 * scratch: memory of this thread alone.
 * thread:  0 ... threads - 1.
 * threads: the size of the team.
 */
void resnet8_cifar10_avx512_steps(
    const float *weights, float *arena, float *scratch, const float *input, float *output,
    int first, int last, int thread, int threads);
void resnet8_cifar10_avx2_steps(
    const float *weights, float *arena, float *scratch, const float *input, float *output,
    int first, int last, int thread, int threads);
void resnet8_cifar10_portable_steps(
    const float *weights, float *arena, float *scratch, const float *input, float *output,
    int first, int last, int thread, int threads);

/*
 * Waits until every thread of the team has called it: what any of them wrote before is visible to
 * all of them after. The state lies before the arena, in the workspace, so that the library has
 * none of its own.
 */
void resnet8_cifar10_barrier(float *arena, int threads);

/*
 * Converts one picture to one image of the input.
 *
 * scratch: resnet8_cifar10_picture_scratch_bytes(width, height) bytes.
 * image:   the place of channel 0 of pixel (0, 0) in the input buffer.
 */
resnet8_cifar10_status resnet8_cifar10_convert_picture(
    const resnet8_cifar10_picture *picture, void *scratch, float *image);

/*
 * resnet8_cifar10_run_steps and resnet8_cifar10_run_pixels with the outputs in an
 * array, and with as many threads as asked for even if there are fewer processors.
 */
resnet8_cifar10_status resnet8_cifar10_run_steps_to(
    const resnet8_cifar10_model *model, void *workspace, const float *input, float *const *outputs,
    int threads, int first, int count);
resnet8_cifar10_status resnet8_cifar10_run_pixels_to(
    const resnet8_cifar10_model *model, void *workspace, const resnet8_cifar10_picture *pictures,
    void *scratch, float *const *outputs, int threads);

#endif
