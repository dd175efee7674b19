import GraphIR

/// The input of a convolution as the right operand of a matrix product (im2col): a column for each
/// output pixel, a row for each input channel and tap of the kernel. Made block by block.
struct UnrolledImage: Sendable {
  let batch: Int
  let groups: Int
  /// Output pixels of one image.
  let pixels: Int

  private let x: [Float]
  private let norm: ChannelAffine?
  private let (channels, height, width): (Int, Int, Int)
  private let outputWidth: Int
  private let (kernelHeight, kernelWidth): (Int, Int)
  private let (strideHeight, strideWidth): (Int, Int)
  private let (dilationHeight, dilationWidth): (Int, Int)
  private let (padTop, padLeft): (Int, Int)

  /// - Parameter norm: applied to the image before it is padded with zeros.
  init(_ conv: Convolution, _ input: Tensor, output: Shape, norm: ChannelAffine?) {
    batch = input.shape.batch
    groups = conv.groups
    pixels = output.height * output.width
    x = input.elements
    self.norm = norm
    (channels, height, width) = (input.shape.channels, input.shape.height, input.shape.width)
    outputWidth = output.width
    (kernelHeight, kernelWidth) = (conv.kernel.height, conv.kernel.width)
    (strideHeight, strideWidth) = (conv.stride.height, conv.stride.width)
    (dilationHeight, dilationWidth) = (conv.dilation.height, conv.dilation.width)
    (padTop, padLeft) = (conv.padding.top, conv.padding.left)
  }

  /// The columns of some pixels, as `[panel][depth]` vectors of four pixels; lanes past the last
  /// pixel are zero.
  func columns(image: Int, group: Int, pixels: Range<Int>) -> [SIMD4<Double>] {
    let inputs = channels / groups
    let taps = kernelHeight * kernelWidth
    let depth = inputs * taps
    var columns = [SIMD4<Double>](repeating: .zero, count: (pixels.count + 3) / 4 * depth)
    x.withUnsafeBufferPointer { x in
      columns.withUnsafeMutableBufferPointer { columns in
        for i in 0..<inputs {
          let channel = group * inputs + i
          let plane = (image * channels + channel) * height * width
          let (scale, shift) = norm.map { ($0.scale[channel], $0.shift[channel]) } ?? (1, 0)
          for (index, pixel) in pixels.enumerated() {
            let (row, column) = pixel.quotientAndRemainder(dividingBy: outputWidth)
            let top = row * strideHeight - padTop
            let left = column * strideWidth - padLeft
            var slot = index / 4 * depth + i * taps
            for tapRow in 0..<kernelHeight {
              let y = top + tapRow * dilationHeight
              for tapColumn in 0..<kernelWidth {
                let z = left + tapColumn * dilationWidth
                if y >= 0, y < height, z >= 0, z < width {
                  columns[slot][index % 4] = Double(x[plane + y * width + z]) * scale + shift
                }
                slot += 1
              }
            }
          }
        }
      }
    }
    return columns
  }
}
