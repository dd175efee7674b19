import GraphIR
import MachineModel

/// Where the kernels of a Winograd convolution are transformed.
public enum KernelTransform: Hashable, Sendable {
  /// Ahead of time: all points of all kernels are packed, m + r − 1 times those of r taps in each
  /// direction.
  case packed
  /// In registers, each time a tile needs them: the packed weights are as small as those of the direct
  /// algorithm. See `KernelBasis`.
  case inRegisters
}

/// A basis of a filter's three taps from which every row of `G g` follows by one operation, but for
/// a factor that the input's transform takes over.
///
/// With the points 0, ±p, ±q and ∞ the taps `g₀, g₁, g₂` are packed as
///
///     u₀ = q · (g₀ + p² · g₂),   u₁ = p · (g₀ + q² · g₂),   u₂ = p · q · g₁
///
/// (times a common factor), so that, but for the factors, ±p gives `u₀ ± u₂` and ±q gives `u₁ ± u₂`;
/// `u₀ − p/q · u₁` is a multiple of g₀ and `u₁ − p/q · u₀` one of g₂.
public struct KernelBasis: Hashable, Sendable {
  /// `u[first] + factor · u[second]`.
  public struct Combination: Hashable, Sendable {
    public var first: Int
    public var second: Int
    public var factor: Double
  }

  /// The basis by the taps: `u = matrix · g`.
  public let matrix: [[Double]]
  /// One a point.
  public let combinations: [Combination]
  /// Row i of `G g` is `scales[i]` times combination i. Opposite points have equal ones.
  public let scales: [Double]

  /// - Returns: nil for a filter of other points than 0, ±p, ±q and ∞, or of other than three taps.
  public init?(_ filter: MinimalFilter) {
    let positive = filter.points.filter { $0.isFinite && $0 > 0 }
    guard filter.taps == 3, filter.points.count == 6, positive.count == 2,
      filter.points.contains(0), filter.points.contains(.infinity),
      positive.allSatisfy({ filter.points.contains(-$0) })
    else { return nil }
    let (p, q) = (positive[0], positive[1])
    let basis = [[q, 0, q * p * p], [p, 0, p * q * q], [0, p * q, 0]]
    let combinations = filter.points.map { point in
      switch point {
      case 0: Combination(first: 0, second: 1, factor: -p / q)
      case .infinity: Combination(first: 1, second: 0, factor: -p / q)
      default:
        Combination(first: abs(point) == p ? 0 : 1, second: 2, factor: point > 0 ? 1 : -1)
      }
    }
    // Row i of G is that of the combination over this; at the tap that decides, G has 1 over the node's.
    let divisors = zip(filter.points, combinations).map { point, combination in
      let tap = point.isFinite ? 0 : 2
      return filter.nodeValue(at: point)
        * (basis[combination.first][tap] + combination.factor * basis[combination.second][tap])
    }
    // One pair of points needs no factor then, and the others have short ones.
    let common = divisors[filter.points.firstIndex(of: p) ?? 0].magnitude
    matrix = basis.map { $0.map { $0 / common } }
    self.combinations = combinations
    scales = divisors.map { common / $0 }
  }
}

extension WinogradConvolution {
  /// The bases down the columns and along the rows that kernels are packed in; nil where their points
  /// are.
  public var kernelBases: (rows: KernelBasis, columns: KernelBasis)? {
    guard kernelTransform == .inRegisters, let row = KernelBasis(rows.filter),
      let column = KernelBasis(columns.filter)
    else { return nil }
    return (row, column)
  }

  /// Floats of one channel's kernels for a panel of output channels.
  public var kernelFloats: Int { rows.kernel * columns.kernel * panelWidth }
}

extension Convolution {
  /// The sizes of Winograd's tiles whose kernels can be transformed in registers.
  func leanWinogradTiles(inputChannels: Int) -> [Int] {
    guard stride == Extent(1), epilogue.maxPool == nil else { return [] }
    return winogradTiles(inputChannels: inputChannels).filter { outputs in
      guard let (rows, columns) = winogradAxes(outputs: outputs, channels: panelWidth) else {
        return false
      }
      return KernelBasis(rows.filter) != nil && KernelBasis(columns.filter) != nil
    }
  }
}

extension Candidate {
  /// The least vector registers for kernels that are transformed in them: of 16, one row of points
  /// takes so many that a layer of 512 channels took 1.5 times as long as with packed kernels.
  private static let leastRegisters = 32

  /// Whether the candidate is worth considering on an instruction set.
  func suits(_ set: InstructionSet) -> Bool {
    guard case .winograd(_, .inRegisters) = algorithm else { return true }
    return set.vectorRegisters >= Self.leastRegisters
  }
}
