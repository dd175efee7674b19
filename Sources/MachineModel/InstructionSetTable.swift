// The rows of the table. Registers and intrinsics are facts of the architectures; the throughputs
// are those of current server cores (Zen 3 to Zen 5, Ice Lake and later, Neoverse V1), which start
// two FMAs and two loads a cycle at every width named here.

extension InstructionSet {
  /// 16-lane vectors. Flags and check ask for the parts of AVX-512 that came with the first server
  /// processors to have it, so that 256-bit forms and byte operations may be used too.
  public static let avx512 = InstructionSet(
    name: "avx512", architecture: .x86, lanes: 16, vectorRegisters: 32, fmaPerCycle: 2,
    loadsPerCycle: 2,
    compilerFlags: [
      "-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mavx2", "-mfma", "-mf16c",
    ],
    header: "immintrin.h",
    cpuCheck: ["avx512f", "avx512vl", "avx512bw", "avx512dq", "avx2", "fma"]
      .map { "__builtin_cpu_supports(\"\($0)\") && " }.joined() + "has_f16c()",
    vectorType: "__m512", load: "_mm512_loadu_ps", loadHalf: "avx512_load_half",
    halfLoadCycles: 0.05,
    store: "_mm512_storeu_ps",
    broadcast: "_mm512_set1_ps", zero: "_mm512_setzero_ps", add: "_mm512_add_ps",
    sub: "_mm512_sub_ps", mul: "_mm512_mul_ps", div: "_mm512_div_ps", max: "_mm512_max_ps",
    min: "_mm512_min_ps", maxOrNaN: "avx512_max_or_nan", fma: "_mm512_fmadd_ps",
    fnmadd: "_mm512_fnmadd_ps", powerOfTwo: "avx512_power_of_two", permute: "_mm512_permute_ps",
    spread8: "avx512_spread8")

  /// 8-lane vectors with fused multiply-add and conversions from float16.
  public static let avx2 = InstructionSet(
    name: "avx2", architecture: .x86, lanes: 8, vectorRegisters: 16, fmaPerCycle: 2,
    loadsPerCycle: 2, compilerFlags: ["-mavx2", "-mfma", "-mf16c"], header: "immintrin.h",
    cpuCheck: "__builtin_cpu_supports(\"avx2\") && __builtin_cpu_supports(\"fma\") && has_f16c()",
    vectorType: "__m256", load: "_mm256_loadu_ps", loadHalf: "avx2_load_half", halfLoadCycles: 0.05,
    store: "_mm256_storeu_ps",
    broadcast: "_mm256_set1_ps", zero: "_mm256_setzero_ps", add: "_mm256_add_ps",
    sub: "_mm256_sub_ps", mul: "_mm256_mul_ps", div: "_mm256_div_ps", max: "_mm256_max_ps",
    min: "_mm256_min_ps", maxOrNaN: "avx2_max_or_nan", fma: "_mm256_fmadd_ps",
    fnmadd: "_mm256_fnmadd_ps", powerOfTwo: "avx2_power_of_two", permute: "_mm256_permute_ps")

  /// 4-lane vectors of arm64. Its multiply-add takes the addend first, so the prologue wraps it.
  public static let neon = InstructionSet(
    name: "neon", architecture: .arm64, lanes: 4, vectorRegisters: 32, fmaPerCycle: 2,
    loadsPerCycle: 2, compilerFlags: [], header: "arm_neon.h", cpuCheck: "1",
    operationsPrefixed: "neon", vectorType: "float32x4_t", halfLoadCycles: 0.25)

  /// 4-lane vectors of GNU C, which every target compiles to what it has. A multiply-add is a
  /// multiplication and an addition, so it starts at half the rate of a fused one.
  public static let portable = InstructionSet(
    name: "portable", architecture: nil, lanes: 4, vectorRegisters: 16, fmaPerCycle: 1,
    loadsPerCycle: 2, compilerFlags: [], header: nil, cpuCheck: "1", operationsPrefixed: "vec4",
    vectorType: "vec4", halfLoadCycles: 4)

  /// A row whose operations are functions `prefix_load`, `prefix_store` and so on.
  private init(
    name: String, architecture: Architecture?, lanes: Int, vectorRegisters: Int, fmaPerCycle: Int,
    loadsPerCycle: Int, compilerFlags: [String], header: String?, cpuCheck: String,
    operationsPrefixed prefix: String, vectorType: String, halfLoadCycles: Double
  ) {
    self.init(
      name: name, architecture: architecture, lanes: lanes, vectorRegisters: vectorRegisters,
      fmaPerCycle: fmaPerCycle, loadsPerCycle: loadsPerCycle, compilerFlags: compilerFlags,
      header: header, cpuCheck: cpuCheck, vectorType: vectorType, load: prefix + "_load",
      loadHalf: prefix + "_load_half", halfLoadCycles: halfLoadCycles, store: prefix + "_store",
      broadcast: prefix + "_broadcast", zero: prefix + "_zero",
      add: prefix + "_add", sub: prefix + "_sub", mul: prefix + "_mul", div: prefix + "_div",
      max: prefix + "_max", min: prefix + "_min",
      maxOrNaN: prefix + "_max_or_nan",
      fma: prefix + "_fma", fnmadd: prefix + "_fnmadd", powerOfTwo: prefix + "_power_of_two",
      permute: prefix + "_permute")
  }
}
