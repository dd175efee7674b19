/// One dimension of a convolution by Winograd's algorithm: m outputs a tile.
///
/// A convolution that moves by s pixels is the sum of s convolutions that move by one, each over its
/// own phase: every s-th pixel of the input and every s-th tap of the kernel. All phases are
/// evaluated at the same points, so their products add up before the output transform. Where s does
/// not divide the kernel, the last phases have a tap less than the first; they need one point less, and
/// lack the last of the axis. So 3 taps at stride 2 take 2m + 1 multiplications for m outputs: with
/// m = 2, 5 instead of 6 in a line and 25 instead of 36 in the plane; with m = 4, 9 instead of 12 and
/// 81 instead of 144.
///
/// The phases can also be gathered: where few channels lie side by side without filling, the pixels
/// of all phases do so as well, and serve as the channels of one phase. Taps that the kernel lacks
/// have weights of zero.
public struct WinogradAxis: Hashable, Sendable {
  /// Pixels of one residue modulo the stride.
  public struct Phase: Hashable, Sendable {
    /// The first pixel of a tile that belongs to it.
    public var first: Int
    public var filter: MinimalFilter
  }

  /// Outputs of a tile, m.
  public let outputs: Int
  /// Taps of the kernel.
  public let kernel: Int
  public let stride: Int
  public let isGathered: Bool
  public let phases: [Phase]

  /// - Returns: nil where the points for such an axis are not known, or nothing would be saved.
  init?(outputs: Int, kernel: Int, stride: Int, isGathered: Bool) {
    let taps = (kernel + stride - 1) / stride
    guard let points = Self.points(outputs: outputs, taps: taps) else { return nil }
    self.outputs = outputs
    self.kernel = kernel
    self.stride = stride
    self.isGathered = isGathered
    phases = (0..<(isGathered ? 1 : stride)).map { first in
      let own = isGathered ? taps : (kernel - first + stride - 1) / stride
      return Phase(
        first: first,
        filter: MinimalFilter(
          outputs: outputs, taps: own, points: Array(points.prefix(outputs + own - 1))))
    }
  }

  /// Points of the whole axis: those of its first phase, which has most taps.
  public var points: Int { filter.points.count }
  /// The filter of the first phase, whose output transform serves all.
  public var filter: MinimalFilter { phases[0].filter }
  /// How many phases have as many taps as the first.
  var longPhases: Int { phases.filter { $0.filter == filter }.count }
  /// How many phases have one tap less, and lack the last point.
  var shortPhases: Int { phases.count - longPhases }

  /// From the first pixel of a tile to the last that its transform reads; of gathered pixels, to the
  /// first of the last group.
  var lastPixel: Int { phases.map { $0.first + ($0.filter.points.count - 1) * stride }.max() ?? 0 }

  /// Floats of a line of pixels that is read for all tiles, in whole vectors.
  ///
  /// - Parameters:
  ///   - lastTile: the first pixel of the last tile.
  ///   - channels: those stored of a pixel.
  func floats(lastTile: Int, channels: Int) -> Int {
    let group = channels * (isGathered ? stride : 1)
    let last = (lastTile + lastPixel) * channels
    return roundUp(last + roundUp(group, to: panelWidth), to: panelWidth)
  }

  /// Interpolation points, by the number of outputs and of taps of the longest phase. A phase with a
  /// tap less lacks the last point.
  ///
  /// The points were searched for a small rounding error of products of normally distributed
  /// numbers in float32 (the idea of Alam et al. 2022, "Winograd Convolution for Deep Neural
  /// Networks: Efficient Point Selection"), among those whose transforms share sums: pairs ±p. Errors
  /// relative to the largest output stay below 3e-6.
  private static func points(outputs: Int, taps: Int) -> [Double]? {
    switch (outputs, taps) {
    case (2, 2): [0, .infinity, 1]
    case (2, 3): [0, 1, -1, .infinity]
    case (4, 2): [0.5, -0.5, 1.5, -1.5, .infinity]
    case (4, 3): [0, 0.75, -0.75, 1.5, -1.5, .infinity]
    case (4, 4): [0.375, -0.375, 0.875, -0.875, 2, -2, .infinity]
    default: nil
    }
  }
}
