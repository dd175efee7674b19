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

  /// How many times the outputs' tolerance the results within the network are allowed. A float16
  /// weight is off by up to 5e-4 of itself, and Winograd's algorithm in float16 shows most of that;
  /// the outputs average over many of them.
  public var layerFactor: Double { self == .relaxed ? 2 : 0.5 }

  /// The largest error of a layer that Winograd's algorithm computes, by itself and relative to the
  /// largest magnitude of its result; nil where no less is promised than of the layers after all
  /// before them.
  public var winogradTolerance: Double? { self == .standard ? 3e-6 : nil }

  /// Formats that the matrices of convolutions and linear layers may be stored in.
  var weightFormats: [WeightFormat] {
    self == .relaxed ? [.float32, .float16] : [.float32]
  }
}
