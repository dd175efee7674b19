/// A shape and its elements in row-major order (NCHW for images), in memory as float32.
public struct Tensor: Equatable, Sendable {
  public let shape: Shape
  public let elements: [Float]

  /// - Precondition: there are as many elements as the shape has; who reads elements from a file
  ///   checks that first.
  public init(_ shape: Shape, _ elements: [Float]) {
    precondition(
      elements.count == shape.elementCount, "\(elements.count) elements cannot fill \(shape)")
    self.shape = shape
    self.elements = elements
  }

  /// A tensor with all elements equal.
  public init(_ shape: Shape, repeating value: Float = 0) {
    self.init(shape, [Float](repeating: value, count: shape.elementCount))
  }

  /// The elements of one row of the first dimension, such as one image of a batch.
  public func row(_ index: Int) -> ArraySlice<Float> {
    let count = elements.count / max(shape.batch, 1)
    return elements[(index * count)..<((index + 1) * count)]
  }
}
