/* The one question that generated code has for the processor, answered for one that has it all. */
#ifndef EMULATED_CPUID_H
#define EMULATED_CPUID_H

#define bit_F16C (1u << 29)

static inline int __get_cpuid(
    unsigned leaf, unsigned *eax, unsigned *ebx, unsigned *ecx, unsigned *edx) {
  (void)leaf;
  *eax = *ebx = *ecx = *edx = ~0u;
  return 1;
}

#endif
