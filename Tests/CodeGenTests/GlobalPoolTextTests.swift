import KernelPlanning
import Testing

@testable import CodeGen

@Suite struct `A mean over all pixels` {
  /// An image of one pixel has as many tiles as pixels.
  @Test(arguments: [1, 4])
  func `is called after what it reads, an image or the sums of its tiles`(extent: Int) {
    let image = BufferFormat([1, 16, extent, extent], layout: .nhwc)
    let sums = BufferFormat([1, 16, 1, 1], layout: .nhwc)
    let output = BufferFormat([1, 16], layout: .nhwc)
    let whole = Kernel.globalPool(GlobalPool(input: image, output: output))
    let tiled = Kernel.globalPool(
      GlobalPool(tileSums: sums, of: extent * extent, output: output))
    #expect(whole.baseName.hasPrefix("global_pool_"))
    #expect(whole.title.hasPrefix("Mean over all pixels"))
    #expect(tiled.baseName.hasPrefix("mean_of_tiles_"))
    #expect(tiled.title.hasPrefix("Mean over \(extent * extent) pixels, from the sums of tiles"))
    #expect(whole != tiled)
  }
}
