/// The matrices of Winograd's minimal filtering F(m, 3) in one dimension, nested for two (Lavin and
/// Gray 2016, section 4): `Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`.
///
/// F(4, 3) interpolates at 0, ±3/4, ±3/2 and ∞ rather than at 0, ±1, ±2 and ∞: the rounding error is
/// several times smaller at the same cost (Alam et al. 2022, "Winograd Convolution for Deep Neural
/// Networks: Efficient Point Selection").
public struct WinogradTransform: Sendable {
  /// Outputs a tile, m.
  public let outputs: Int
  /// Points a tile, m + 2.
  public var points: Int { outputs + 2 }
  /// The finite interpolation points; ∞ is the last point.
  public let finitePoints: [Double]

  /// The positive interpolation points of F(4, 3).
  public static let innerPoint = 0.75
  public static let outerPoint = 1.5

  /// G, `[points][3]`, row-major: row i holds the powers of point i over the product of its distances to the
  /// other points; the last row picks the highest coefficient.
  ///
  /// F(2, 3) takes the usual signs: its second input point is d₁ + d₂, not its opposite.
  private let matrix: [Double]

  public init(outputs: Int) {
    self.outputs = outputs
    let (a, b) = (Self.innerPoint, Self.outerPoint)
    finitePoints = outputs == 4 ? [0, a, -a, b, -b] : [0, 1, -1]
    matrix = Self.kernelMatrix(outputs: outputs, finitePoints).flatMap { $0 }
  }

  /// Hands each element of `G g Gᵀ`, row-major, of the 3×3 kernel at `offset` to `store`.
  func transformKernel(
    _ kernel: UnsafeBufferPointer<Double>, at offset: Int, store: (Int, Double) -> Void
  ) {
    let count = points
    matrix.withUnsafeBufferPointer { matrix in
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * count) { rows in
        for i in 0..<count {
          for x in 0..<3 {
            rows[i * 3 + x] =
              matrix[i * 3] * kernel[offset + x] + matrix[i * 3 + 1] * kernel[offset + 3 + x]
              + matrix[i * 3 + 2] * kernel[offset + 6 + x]
          }
        }
        for i in 0..<count {
          for j in 0..<count {
            store(
              i * count + j,
              rows[i * 3] * matrix[j * 3] + rows[i * 3 + 1] * matrix[j * 3 + 1]
                + rows[i * 3 + 2] * matrix[j * 3 + 2])
          }
        }
      }
    }
  }

  private static func kernelMatrix(outputs: Int, _ finitePoints: [Double]) -> [[Double]] {
    if outputs == 2 {
      return [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
    }
    return finitePoints.map { point in
      let scale = finitePoints.filter { $0 != point }.map { point - $0 }.reduce(1, *)
      return [1 / scale, point / scale, point * point / scale]
    } + [[0, 0, 1]]
  }
}
