/// Winograd's minimal filtering F(m, r) in one dimension: m outputs of a filter of r taps from
/// m + r − 1 multiplications, `y = Aᵀ [(G g) ⊙ (Bᵀ d)]` (Winograd 1980, "Arithmetic Complexity of
/// Computations"; Lavin and Gray 2016, section 4).
///
/// A filter and its adjoint, the product of two polynomials, are evaluated at m + r − 1 points and
/// interpolated (Toom-Cook). With `M(x)` the product of `x − p` over the finite points:
///
/// - row `p` of Bᵀ has the coefficients of `M(x) / (x − p)`; that of ∞ those of `M(x)`;
/// - row `p` of G has `1, p, p², …`, divided by the value of `M(x) / (x − p)` at `p`; that of ∞ picks
///   the last tap;
/// - column `p` of Aᵀ has `1, p, p², …`; that of ∞ is 1 in the last row.
///
/// So all divisions fall to the kernel, which is transformed once, in double precision.
public struct MinimalFilter: Hashable, Sendable {
  /// m.
  public let outputs: Int
  /// r.
  public let taps: Int
  /// m + r − 1 different points; `.infinity` is one of them or not.
  public let points: [Double]

  /// The finite points.
  private var finitePoints: [Double] { points.filter(\.isFinite) }

  /// Coefficients, the constant one first, of the product of `x − p` over the finite points other
  /// than the given ones. The last is 1.
  public func nodePolynomial(without excluded: Double...) -> [Double] {
    finitePoints.filter { !excluded.contains($0) }.reduce([1]) { product, point in
      var next = [0] + product
      for index in product.indices { next[index] -= point * product[index] }
      return next
    }
  }

  /// What row `point` of G is divided by: `M(x) / (x − point)` at the point; 1 for ∞.
  func nodeValue(at point: Double) -> Double {
    point.isFinite ? finitePoints.filter { $0 != point }.map { point - $0 }.reduce(1, *) : 1
  }

  /// G, `points × taps`.
  var kernelMatrix: [[Double]] {
    points.map { point in
      guard point.isFinite else { return (0..<taps).map { $0 == taps - 1 ? 1 : 0 } }
      return (0..<taps).map { Self.power(point, $0) / nodeValue(at: point) }
    }
  }

  /// Bᵀ, `points × points`.
  var inputMatrix: [[Double]] {
    points.map { point in
      let row = point.isFinite ? nodePolynomial(without: point) : nodePolynomial()
      return row + [Double](repeating: 0, count: points.count - row.count)
    }
  }

  /// Aᵀ, `outputs × points`.
  var outputMatrix: [[Double]] {
    (0..<outputs).map { row in
      points.map { $0.isFinite ? Self.power($0, row) : row == outputs - 1 ? 1 : 0 }
    }
  }

  /// xⁿ, where 0⁰ is 1.
  public static func power(_ x: Double, _ n: Int) -> Double {
    (0..<n).reduce(1) { product, _ in product * x }
  }
}
