import GraphIR

/// A tensor whose elements lie at fixed distances in a block of bytes of a file, as PyTorch's views
/// of a storage do: element `[i, j, …]` is number `offset + i · strides[0] + j · strides[1] + …` of the block.
struct StridedTensor: Equatable, Sendable {
  let type: StoredType
  let shape: Shape
  private let strides: [Int]
  /// The elements from the first to the last that is used, counted in bytes from the start of the
  /// file.
  private let bytes: Range<Int>

  /// Why a view does not lie in its storage.
  struct OutOfBounds: Error {
    var description: String
  }

  /// - Parameters:
  ///   - storage: where the storage's bytes lie in the file.
  ///   - offset: of the first element, in elements.
  ///   - strides: as many as the shape has dimensions, in elements.
  /// - Throws: `OutOfBounds` unless all elements lie in the storage.
  init(type: StoredType, shape: Shape, strides: [Int], offset: Int, storage: Range<Int>) throws {
    guard strides.count == shape.rank, (strides + shape.dimensions).allSatisfy({ $0 >= 0 }),
      offset >= 0
    else { throw OutOfBounds(description: "its sizes, strides and offset do not belong together") }
    let size = type.bitCount / 8
    var elementCount = size
    var last = offset
    var overflows = false
    for (dimension, stride) in zip(shape.dimensions, strides) {
      let product = elementCount.multipliedReportingOverflow(by: dimension)
      let distance = max(dimension - 1, 0).multipliedReportingOverflow(by: stride)
      let sum = last.addingReportingOverflow(distance.partialValue)
      overflows = overflows || product.overflow || distance.overflow || sum.overflow
      (elementCount, last) = (product.partialValue, sum.partialValue)
    }
    guard !overflows else { throw OutOfBounds(description: "its shape \(shape) is too large") }
    self.type = type
    self.shape = shape
    self.strides = strides
    guard elementCount > 0 else {
      bytes = storage.lowerBound..<storage.lowerBound
      return
    }
    guard last < storage.count / size else {
      throw OutOfBounds(
        description: "its last element is number \(last) of a storage of \(storage.count / size)")
    }
    bytes = storage.lowerBound + offset * size..<storage.lowerBound + (last + 1) * size
  }

  /// Whether the elements follow each other in row-major order.
  private var isContiguous: Bool {
    var expected = 1
    for (dimension, stride) in zip(shape.dimensions, strides).reversed() {
      if dimension > 1, stride != expected { return false }
      expected *= dimension
    }
    return true
  }

  /// The elements, row-major, as float32.
  ///
  /// - Parameter element: the type that `type` is as a weight.
  func float32Values(of element: ElementType, in file: UnsafeRawBufferPointer) -> [Float] {
    let count = shape.elementCount
    guard count > 0 else { return [] }
    let stored = element.float32Values(in: UnsafeRawBufferPointer(rebasing: file[bytes]))
    if isContiguous { return stored }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      // The index of the element, and its place, counted up like the digits of a number.
      var index = [Int](repeating: 0, count: shape.rank)
      var place = 0
      for i in 0..<count {
        buffer[i] = stored[place]
        for axis in shape.dimensions.indices.reversed() {
          index[axis] += 1
          place += strides[axis]
          if index[axis] < shape.dimensions[axis] { break }
          place -= strides[axis] * shape.dimensions[axis]
          index[axis] = 0
        }
      }
      initialized = count
    }
  }
}
