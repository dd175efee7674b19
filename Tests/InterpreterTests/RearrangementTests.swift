import GraphIR
import Interpreter
import Testing

@Suite("Changes of shape and order")
struct RearrangementTests {
  @Test("a transposition puts dimension permutation[i] in place i")
  func transpose() throws {
    let x = Tensor([2, 3, 2], (0..<12).map(Float.init))
    #expect(
      try evaluate(.transpose(Transposition([2, 0, 1])), x)
        == Tensor([2, 2, 3], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]))
    let image = ramp([2, 3, 4, 5])
    let back = try evaluate(
      .transpose(.nhwcToNCHW), try evaluate(.transpose(.nchwToNHWC), image))
    #expect(back == image)
  }

  @Test("a reshape keeps the elements in their order")
  func reshape() throws {
    let x = ramp([2, 6])
    #expect(try evaluate(.reshape([3, 1, 4]), x) == Tensor([3, 1, 4], x.elements))
  }

  @Test("an expansion repeats what has the extent 1, and adds dimensions in front")
  func expand() throws {
    let x = Tensor([2, 1], [3, 4])
    #expect(try evaluate(.expand([2, 3]), x) == Tensor([2, 3], [3, 3, 3, 4, 4, 4]))
    #expect(
      try evaluate(.expand([2, 2, 2]), x) == Tensor([2, 2, 2], [3, 3, 4, 4, 3, 3, 4, 4]))
  }

  @Test("a concatenation joins channels, image by image")
  func concatenate() throws {
    let (x, y) = (
      Tensor([2, 1, 2], [1, 2, 3, 4]), Tensor([2, 2, 2], [5, 6, 7, 8, 9, 10, 11, 12])
    )
    #expect(
      try evaluate(.concatenate, x, y)
        == Tensor([2, 3, 2], [1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12]))
  }

  @Test("a dilated window skips pixels")
  func dilatedPools() throws {
    let x = image([1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16])
    let window = Pooling(kernel: Extent(2), stride: Extent(1), dilation: Extent(2))
    #expect(try evaluate(.maxPool(window), x) == image([11, 12], [15, 16]))
    let average = AveragePooling(window: window)
    #expect(try evaluate(.averagePool(average), x) == image([6, 7], [10, 11]))
    let padded = Pooling(
      kernel: Extent(2), stride: Extent(1), padding: Padding(1), dilation: Extent(2))
    // A corner of the padded image has three zeros in its window.
    let counted = try evaluate(.averagePool(AveragePooling(window: padded)), x)
    #expect(counted.elements[0] == 1.5)
    let uncounted = try evaluate(
      .averagePool(AveragePooling(window: padded, countIncludesPadding: false)), x)
    #expect(uncounted.elements[0] == 6)
  }
}
