/// What an emitter needs to know of a set of SIMD instructions: how wide its vectors are and what
/// C calls them.
///
/// Every operation is the name of a C function or intrinsic with the arguments that the property
/// documents, in that order, so that one template serves all instruction sets:
/// `{{fma}}(a, b, c)`. Where C has no intrinsic of that form (portable C, NEON), the name is that of
/// a `static inline` function which the generated prologue defines.
public struct InstructionSet: Hashable, Sendable {
  /// The processors an instruction set belongs to.
  public enum Architecture: String, Hashable, Sendable, CaseIterable {
    case x86
    case arm64
  }

  /// `portable`, `avx2`, `avx512` or `neon`: what options, symbols and file names call it.
  public var name: String
  /// Where it can run; `nil` for everywhere.
  public var architecture: Architecture?
  /// float32 lanes of one vector.
  public var lanes: Int
  /// Architectural vector registers.
  public var vectorRegisters: Int
  /// Fused (or, for portable C, separate) multiply-adds of whole vectors started per cycle.
  public var fmaPerCycle: Int
  /// Vector loads started per cycle.
  public var loadsPerCycle: Int

  /// What the C compiler needs to accept the intrinsics.
  public var compilerFlags: [String]
  /// The header that declares the intrinsics, such as `immintrin.h`.
  public var header: String?
  /// A C expression, true where the instructions can run. For x86 it also asks the operating
  /// system, since `__builtin_cpu_supports` does. The function `has_f16c` is defined before it: older
  /// compilers cannot be asked for those instructions.
  public var cpuCheck: String

  /// The C type of a vector of float32.
  public var vectorType: String
  /// `load(const float *)`, unaligned.
  public var load: String
  /// `loadHalf(const half *)`, unaligned: as many float16 numbers, exactly, as float32. A function
  /// that the generated prologue defines.
  public var loadHalf: String
  /// Cycles that `loadHalf` takes from the multiply-adds beside it.
  public var halfLoadCycles: Double
  /// `store(float *, v)`, unaligned.
  public var store: String
  /// `broadcast(float)`: the scalar in all lanes. `broadcast(*p)` compiles to a broadcasting load.
  public var broadcast: String
  /// `zero()`.
  public var zero: String
  /// `add(a, b)`.
  public var add: String
  /// `sub(a, b)`: a − b.
  public var sub: String
  /// `mul(a, b)`.
  public var mul: String
  /// `div(a, b)`: a / b.
  public var div: String
  /// `max(a, b)`: the greater of each pair of lanes; not a number where b is not.
  public var max: String
  /// `min(a, b)`: the lesser of each pair of lanes; not a number where b is not.
  public var min: String
  /// `maxOrNaN(a, b)`: the greater of each pair of lanes, not a number where either is not. `max` gives
  /// the second on x86. A function that the generated prologue defines.
  public var maxOrNaN: String
  /// `fma(a, b, c)`: a · b + c. Rounded once, save in portable C, which rounds twice where a plan
  /// does not ask for exact results.
  public var fma: String
  /// `fnmadd(a, b, c)`: c − a · b. Rounded as `fma` is.
  public var fnmadd: String
  /// `powerOfTwo(v)`: 2ⁿ for v = n + 1.5 · 2²³, a float32 whose low bits are those of the integer n,
  /// −126 ≤ n ≤ 128; the last gives infinity. A function that the generated prologue defines.
  public var powerOfTwo: String
  /// `permute(v, control)`, control a constant of eight bits: within every run of four lanes, lane j
  /// becomes the run's lane `control >> 2j & 3`.
  public var permute: String
  /// `spread8(v, i)`, i a constant: lane i of every run of eight lanes, in all of them. Nil where
  /// vectors have no more than eight lanes, and `broadcast` does it.
  public var spread8: String?
}

extension InstructionSet: CustomStringConvertible {
  public var description: String { name }
}

extension InstructionSet {
  /// Every instruction set that code can be written for, best first within an architecture.
  public static let all: [InstructionSet] = [.avx512, .avx2, .neon, .portable]

  /// Those that can run on an architecture, best first. `portable` is the last.
  public static func all(for architecture: Architecture) -> [InstructionSet] {
    all.filter { $0.architecture == nil || $0.architecture == architecture }
  }

  /// The instruction set of that name, if there is one.
  public static func named(_ name: String) -> InstructionSet? {
    all.first { $0.name == name }
  }
}
