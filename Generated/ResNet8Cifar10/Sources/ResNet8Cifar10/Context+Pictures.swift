// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import CResNet8Cifar10

// Pictures as they come:
// short side resized to 32, centre crop 32 x 32, then (pixel * scale - mean) / std in rgb order.

extension Context {
  /// Runs the network on a picture of any size.
  ///
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/invalidPicture`` if the picture is empty or its bytes are too few.
  public func predict(_ picture: Picture) throws(ModelError) -> [Float] {
    try predict([picture])
  }

  /// Runs the network on a picture in memory that someone else owns, without a copy.
  ///
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/invalidPicture`` if the picture is empty or its bytes are too few.
  public func predict(_ picture: PixelBuffer) throws(ModelError) -> [Float] {
    try predict([picture])
  }

  /// Runs the network on a picture in memory that someone else owns, without a copy.
  ///
  /// - Parameters:
  ///   - pixels: the rows, from top to bottom, or from bottom to top if `rowStride` is negative.
  ///   - width: pixels in a row.
  ///   - height: rows.
  ///   - format: the order of the bytes of a pixel.
  ///   - rowStride: bytes from a row to the one below it, unless rows follow one another at once;
  ///     negative for bottom-up pictures, whose top row is the last in memory.
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/invalidPicture`` if the picture is empty or its bytes are too few.
  public func predict(
    pixels: UnsafeRawBufferPointer, width: Int, height: Int, format: PixelFormat = .rgb,
    rowStride: Int? = nil
  ) throws(ModelError) -> [Float] {
    try predict([
      PixelBuffer(
        pixels: pixels, width: width, height: height, format: format, rowStride: rowStride)
    ])
  }

  /// Runs the network on a picture and names what is on it.
  ///
  /// - Parameters:
  ///   - picture: of any size.
  ///   - count: how many classes to return at most.
  /// - Returns: the best classes, best first.
  /// - Throws: ``ModelError/invalidPicture`` if the picture is empty or its bytes are too few.
  public func classify(_ picture: Picture, top count: Int = 5) throws(ModelError)
    -> [Classification]
  {
    Classification.best(count, of: try predict([picture]))
  }

  /// Runs the network on a picture in memory that someone else owns and names what is on it.
  ///
  /// - Parameters:
  ///   - picture: of any size.
  ///   - count: how many classes to return at most.
  /// - Returns: the best classes, best first.
  /// - Throws: ``ModelError/invalidPicture`` if the picture is empty or its bytes are too few.
  public func classify(_ picture: PixelBuffer, top count: Int = 5) throws(ModelError)
    -> [Classification]
  {
    Classification.best(count, of: try predict([picture]))
  }

  /// Runs the network on pictures of any sizes.
  ///
  /// - Parameter pictures: ``Model/batch`` of them.
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/invalidPicture`` if a picture is empty or its bytes are too few,
  ///   ``ModelError/wrongCount(of:expected:found:)`` for another number of pictures.
  public func predict(_ pictures: [Picture]) throws(ModelError) -> [Float] {
    try Self.withPixelBuffers(pictures[...], []) { buffers throws(ModelError) in
      try predict(buffers)
    }
  }

  /// Runs the network on pictures in memory that someone else owns, without a copy.
  ///
  /// - Parameter pictures: ``Model/batch`` of them.
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/invalidPicture`` if a picture is empty or its bytes are too few,
  ///   ``ModelError/wrongCount(of:expected:found:)`` for another number of pictures.
  public func predict(_ pictures: [PixelBuffer]) throws(ModelError) -> [Float] {
    try Self.require(pictures.count, of: "pictures", Model.batch)
    var cPictures: [resnet8_cifar10_picture] = []
    var byteCount = 0
    for picture in pictures {
      let cPicture = try picture.cPicture()
      let needed = resnet8_cifar10_picture_scratch_bytes(cPicture.width, cPicture.height)
      guard needed > 0 else { throw .invalidPicture }
      byteCount = max(byteCount, needed)
      cPictures.append(cPicture)
    }
    let scratch = scratch(byteCount: byteCount)
    return try results { output in
      cPictures.withUnsafeBufferPointer {
        resnet8_cifar10_run_pixels(
          model.handle, workspace, $0.baseAddress, scratch, output, Int32(threads))
      }
    }
  }

  /// Holds the memory of all pictures in place at once, one level of calls for each.
  private static func withPixelBuffers(
    _ pictures: ArraySlice<Picture>, _ buffers: [PixelBuffer],
    _ body: ([PixelBuffer]) throws(ModelError) -> [Float]
  ) throws(ModelError) -> [Float] {
    guard let picture = pictures.first else { return try body(buffers) }
    return try picture.bytes.withUnsafeBufferPointer { bytes throws(ModelError) in
      let buffer = PixelBuffer(
        pixels: UnsafeRawBufferPointer(bytes), width: picture.width, height: picture.height,
        format: picture.format, rowStride: picture.rowStride)
      return try withPixelBuffers(pictures.dropFirst(), buffers + [buffer], body)
    }
  }
}
