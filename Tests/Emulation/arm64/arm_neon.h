/*
 * The intrinsics of arm64's NEON in terms of what the processor has, by SIMDe
 * (https://github.com/simd-everywhere/simde), and those that its release 0.7.4 lacks.
 */
#ifndef EMULATED_ARM_NEON_H
#define EMULATED_ARM_NEON_H

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>

/* a - b * c, rounded once where the processor can. */
#undef vfmsq_f32
#define vfmsq_f32(a, b, c) vfmaq_f32(a, vnegq_f32(b), c)

#endif
