import GraphIR
import Interpreter
import Testing

@Suite("Pooling")
struct PoolingTests {
  let x = image([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12])

  @Test("takes the maximum of each window")
  func maximum() throws {
    let pool = Pooling(kernel: Extent(height: 2, width: 3), stride: Extent(1))
    #expect(try evaluate(.maxPool(pool), x) == image([7, 8], [11, 12]))
  }

  @Test("never lets padding be the maximum")
  func maximumOfNegatives() throws {
    let pool = Pooling(kernel: Extent(2), stride: Extent(2), padding: Padding(1))
    let negative = image([-1, -2], [-3, -4])
    #expect(try evaluate(.maxPool(pool), negative) == image([-1, -2], [-3, -4]))
  }

  @Test("rounds the number of windows up in ceil mode, and drops a window that sees nothing")
  func ceilMode() throws {
    let pool = Pooling(kernel: Extent(2), stride: Extent(2), ceilMode: true)
    #expect(try evaluate(.maxPool(pool), x) == image([6, 8], [10, 12]))
    // Padded columns 0…5: a third window would start at column 4 of 4 real ones and one of padding.
    let padded = Pooling(
      kernel: Extent(height: 1, width: 2), stride: Extent(height: 1, width: 3),
      padding: Padding(top: 0, left: 1, bottom: 0, right: 1), ceilMode: true)
    #expect(try evaluate(.maxPool(padded), image([1, 2, 3, 4])) == image([1, 4]))
  }

  @Test("counts padded zeros in the mean unless told not to")
  func countIncludesPadding() throws {
    let window = Pooling(kernel: Extent(2), stride: Extent(2), padding: Padding(1))
    let ones = Tensor([1, 1, 2, 2], repeating: 8)
    let including = AveragePooling(window: window, countIncludesPadding: true)
    #expect(try evaluate(.averagePool(including), ones) == image([2, 2], [2, 2]))
    let excluding = AveragePooling(window: window, countIncludesPadding: false)
    #expect(try evaluate(.averagePool(excluding), ones) == image([8, 8], [8, 8]))
  }

  @Test("never counts what lies past the padding, which ceil mode can reach")
  func ceilModeMean() throws {
    let window = Pooling(kernel: Extent(2), stride: Extent(2), ceilMode: true)
    let pool = AveragePooling(window: window, countIncludesPadding: true)
    #expect(try evaluate(.averagePool(pool), x) == image([3.5, 5.5], [9.5, 11.5]))
    // With one row of padding below, the last window counts a full square again.
    let padded = Pooling(
      kernel: Extent(2), stride: Extent(2),
      padding: Padding(top: 0, left: 0, bottom: 1, right: 0), ceilMode: true)
    let paddedPool = AveragePooling(window: padded, countIncludesPadding: true)
    #expect(try evaluate(.averagePool(paddedPool), x) == image([3.5, 5.5], [4.75, 5.75]))
  }

  @Test("averages whole planes, of each image and channel")
  func global() throws {
    let x = Tensor([2, 2, 1, 2], [1, 2, 3, 5, 10, 20, 30, 50])
    #expect(try evaluate(.globalAveragePool, x) == Tensor([2, 2, 1, 1], [1.5, 4, 15, 40]))
  }

  @Test("sums the mean in float64")
  func precision() throws {
    let x = Tensor([1, 1, 1, 4], [1e8, 1, 1, -1e8])
    #expect(try evaluate(.globalAveragePool, x).elements == [0.5])
  }
}
