import GraphIR

/// Weights that are a pure function of a tensor's name and shape, the same bits in any language:
/// for benchmarks and for parity with other frameworks where no trained weights are at hand.
///
///     h     = FNV-1a-64(UTF-8 bytes of the name)
///     z     = splitmix64 output function of h + (i + 1) · 0x9E3779B97F4A7C15   (mod 2⁶⁴)
///     u     = (z >> 40) / 2²⁴                                                  in [0, 1)
///     value = float32(low + (high − low) · u)      in float64, rounded once
///
/// | Tensor | low, high |
/// |---|---|
/// | `input` | −2, 2 |
/// | `*running_mean` | −0.1, 0.1 |
/// | `*running_var` | 0.8, 1.2 |
/// | other vectors, `*bias` | −0.1, 0.1 |
/// | other vectors | 0.4, 0.6 |
/// | all others | −b, b with b = √(6 / product of all dimensions but the first) |
public struct SeededWeights: ParameterSource {
  public init() {}

  public func values(of parameter: ParameterSpec) -> [Float] {
    let count = parameter.shape.elementCount
    guard count > 0 else { return [] }
    let (low, high) = range(of: parameter)
    let span = high - low
    let seed = fnv1a64(parameter.name)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let out = buffer.baseAddress else { return }
      var state = seed
      for i in 0..<count {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
        z ^= z &>> 31
        // 24 bits: through Int32 the conversion is one instruction on every vector unit.
        let u = Double(Int32(truncatingIfNeeded: z &>> 40)) * 0x1p-24
        out[i] = Float(low + span * u)
      }
      initialized = count
    }
  }

  private func range(of parameter: ParameterSpec) -> (low: Double, high: Double) {
    let name = parameter.name
    if name == "input" { return (-2, 2) }
    if name.hasSuffix("running_mean") { return (-0.1, 0.1) }
    if name.hasSuffix("running_var") { return (0.8, 1.2) }
    if parameter.shape.rank == 1 { return name.hasSuffix("bias") ? (-0.1, 0.1) : (0.4, 0.6) }
    let fanIn = parameter.shape.dimensions.dropFirst().reduce(1, *)
    let bound = (6 / Double(fanIn)).squareRoot()
    return (-bound, bound)
  }
}

/// The seeded input of that shape, NCHW: uniform in [−2, 2). See `SeededWeights`.
public func seededInput(_ shape: Shape) -> [Float] {
  SeededWeights().values(of: ParameterSpec(name: "input", shape: shape))
}

/// The 64-bit FNV-1a hash of a text's UTF-8 bytes.
private func fnv1a64(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
