/// How near results have to be to exact arithmetic: what a plan may trade for speed.
public enum Accuracy: String, Hashable, Sendable, CaseIterable {
  /// Direct algorithms only. Every output is the same chain of fused multiply-adds whatever the
  /// instruction set, layout, tile and number of threads, so results have the same bits everywhere.
  case exact
  /// Algorithms that do less arithmetic, such as Winograd's, on float32 weights.
  case standard
  /// The same, and weights may be stored as float16. Arithmetic remains float32.
  case relaxed

  /// The largest error of an output that is to be expected, relative to the largest magnitude.
  public var tolerance: Double { self == .relaxed ? 1e-3 : 2e-4 }

  /// Formats that the matrices of convolutions and linear layers may be stored in.
  var weightFormats: [WeightFormat] {
    self == .relaxed ? [.float32, .float16] : [.float32]
  }
}
