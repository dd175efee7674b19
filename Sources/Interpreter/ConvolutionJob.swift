import Dispatch

/// The matrix product of one convolution, cut into tasks that write disjoint parts of the output and
/// run on all processors.
///
/// A task unrolls a block of pixels and multiplies it by a block of weight rows; the whole unrolled
/// image never exists. How the work is cut does not change any sum.
struct ConvolutionJob: Sendable {
  let image: UnrolledImage
  let weights: PackedRows
  let finish: ChannelFinish

  /// Pixels of one task, as panels of four.
  private static let panelsPerTask = 16
  /// Weight rows of one task, as strips of four.
  private static let stripsPerTask = 32

  /// The output's elements, in NCHW order.
  func run() -> [Float] {
    let pixelsPerTask = 4 * Self.panelsPerTask
    let pixelBlocks = (image.pixels + pixelsPerTask - 1) / pixelsPerTask
    let rowBlocks = (weights.strips + Self.stripsPerTask - 1) / Self.stripsPerTask
    let count = image.batch * image.groups * weights.rows * image.pixels
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      let destination = DisjointWrites(buffer)
      DispatchQueue.concurrentPerform(
        iterations: image.batch * image.groups * pixelBlocks * rowBlocks
      ) { task in
        let (rest, rowBlock) = task.quotientAndRemainder(dividingBy: rowBlocks)
        let (indexAndGroup, pixelBlock) = rest.quotientAndRemainder(dividingBy: pixelBlocks)
        let (index, group) = indexAndGroup.quotientAndRemainder(dividingBy: image.groups)
        let firstPixel = pixelBlock * pixelsPerTask
        let firstStrip = rowBlock * Self.stripsPerTask
        compute(
          image: index, group: group,
          pixels: firstPixel..<min(firstPixel + pixelsPerTask, image.pixels),
          strips: firstStrip..<min(firstStrip + Self.stripsPerTask, weights.strips),
          into: destination)
      }
      initialized = count
    }
  }

  private func compute(
    image index: Int, group: Int, pixels: Range<Int>, strips: Range<Int>,
    into destination: DisjointWrites
  ) {
    let columns = image.columns(image: index, group: group, pixels: pixels)
    let panels = (pixels.count + 3) / 4
    withUnsafeTemporaryAllocation(of: SIMD4<Double>.self, capacity: 4 * panels) { sums in
      sums.initialize(repeating: .zero)
      for strip in strips {
        weights.multiply(group: group, strip: strip, by: columns, panels: panels, into: sums)
        UnsafeBufferPointer(sums).withMemoryRebound(to: Double.self) { sums in
          for row in 0..<min(4, weights.rows - 4 * strip) {
            let channel = group * weights.rows + 4 * strip + row
            let plane = (index * image.groups * weights.rows + channel) * image.pixels
            finish.store(
              UnsafeBufferPointer(
                rebasing: sums[(row * 4 * panels)..<(row * 4 * panels + pixels.count)]),
              image: index, channel: channel, at: plane + pixels.lowerBound, in: destination)
          }
        }
      }
    }
  }
}

/// Memory that several tasks write at once, each in places of its own.
struct DisjointWrites: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<Float>

  init(_ buffer: UnsafeMutableBufferPointer<Float>) {
    self.buffer = buffer
  }

  subscript(offset: Int) -> Float {
    get { buffer[offset] }
    nonmutating set { buffer[offset] = newValue }
  }
}
