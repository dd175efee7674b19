import GraphIR
import ModuleBuilding
import Pictures

extension NativeContext {
  /// Runs the network on pictures, converted as the spec says by the generated code.
  ///
  /// - Parameter pictures: as many as the batch has images.
  /// - Throws: `NativeModuleError`.
  func run(pictures: [Picture]) throws -> [Tensor] {
    try withViews(of: pictures[...], []) { try run($0) }
  }
}

/// Calls `body` with views of all pictures, whose pixels stay in place as long.
private func withViews<Result>(
  of pictures: ArraySlice<Picture>, _ views: [PixelView], body: ([PixelView]) throws -> Result
) throws -> Result {
  guard let picture = pictures.first else { return try body(views) }
  return try picture.pixels.withUnsafeBufferPointer { pixels in
    let view = PixelView(
      rgb: pixels.baseAddress, width: picture.width, height: picture.height)
    return try withViews(of: pictures.dropFirst(), views + [view], body: body)
  }
}
