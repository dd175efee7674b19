import Dispatch
import GraphIR

/// A convolution with everything that may be fused into it, in the order in which `Convolution`
/// documents them.
///
/// It is done as a matrix product: for each group, the weights are a matrix of
/// `[outputs, depth]`, the image unrolled (im2col) one of `[depth, pixels]`, with
/// `depth = inputs · kernel height · kernel width`. The unrolled image exists only in blocks of a few
/// pixels. Each output element is one sum in float64, in the order of `depth`.
func convolve(
  _ conv: Convolution, _ x: Tensor, residual: Tensor?, from parameters: some ParameterSource
) throws -> Tensor {
  var unpooled = conv
  unpooled.epilogue.maxPool = nil
  let shape = try inferType(
    of: .convolution(unpooled),
    inputs: [TensorType(x.shape)] + (residual.map { [TensorType($0.shape)] } ?? [])
  ).shape

  let outputs = conv.outputChannels
  let (kernel, inputsPerGroup) = (conv.kernel, x.shape.channels / conv.groups)
  let weights = try parameters.checkedValues(
    conv.weight, [outputs, inputsPerGroup, kernel.height, kernel.width])
  let bias = try conv.bias.map { try parameters.checkedValues($0, [outputs]) }
  let inputNorm = try conv.inputNorm.map {
    try parameters.checkedAffine($0, channels: x.shape.channels)
  }
  let outputNorms = try conv.outputNorms.map {
    try parameters.checkedAffine($0, channels: outputs)
  }

  let packed = PackedRows(
    weights, rows: outputs / conv.groups, depth: inputsPerGroup * kernel.height * kernel.width,
    groups: conv.groups)
  let job = ConvolutionJob(
    conv: conv, input: x, output: shape, weights: packed,
    finish: ChannelFinish(
      bias: bias ?? [], norms: outputNorms, residual: residual?.elements,
      relu: conv.epilogue.relu),
    inputNorm: inputNorm)
  let full = Tensor(shape, job.run())
  guard let pool = conv.epilogue.maxPool else { return full }
  // Rounding is monotone, so rounding before the maximum and after it are the same.
  return maxPool(full, pool, try inferType(of: .maxPool(pool), inputs: [TensorType(shape)]).shape)
}

/// What happens to a sum before it is stored: bias, norms, residual, ReLU.
private struct ChannelFinish: Sendable {
  var bias: [Float]
  var norms: [ChannelAffine]
  var residual: [Float]?
  var relu: Bool

  /// The element at `offset` of the output, which belongs to `channel`.
  @inline(__always)
  func callAsFunction(_ sum: Double, channel: Int, offset: Int) -> Float {
    var y = sum
    if !bias.isEmpty { y += Double(bias[channel]) }
    for norm in norms { y = y * norm.scale[channel] + norm.shift[channel] }
    if let residual { y += Double(residual[offset]) }
    return Float(relu && y < 0 ? 0 : y)
  }
}

/// The work of one convolution, cut into tasks that write disjoint parts of the output.
private struct ConvolutionJob: Sendable {
  var conv: Convolution
  var input: Tensor
  var output: Shape
  var weights: PackedRows
  var finish: ChannelFinish
  var inputNorm: ChannelAffine?

  /// Pixels of one task, as panels of four, and rows of one task, as strips of four.
  static let panelsPerTask = 16
  static let stripsPerTask = 32

  private var pixels: Int { output.height * output.width }

  func run() -> [Float] {
    let pixelBlocks = (pixels + 4 * Self.panelsPerTask - 1) / (4 * Self.panelsPerTask)
    let rowBlocks = (weights.strips + Self.stripsPerTask - 1) / Self.stripsPerTask
    let count = output.elementCount
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      let destination = DisjointWrites(buffer)
      DispatchQueue.concurrentPerform(
        iterations: output.batch * conv.groups * pixelBlocks * rowBlocks
      ) { task in
        let (rest, rowBlock) = task.quotientAndRemainder(dividingBy: rowBlocks)
        let (imageAndGroup, pixelBlock) = rest.quotientAndRemainder(dividingBy: pixelBlocks)
        let (image, group) = imageAndGroup.quotientAndRemainder(dividingBy: conv.groups)
        compute(
          image: image, group: group, firstPixel: pixelBlock * 4 * Self.panelsPerTask,
          strips: (rowBlock * Self.stripsPerTask)..<min(
            (rowBlock + 1) * Self.stripsPerTask, weights.strips),
          into: destination)
      }
      initialized = count
    }
  }

  private func compute(
    image: Int, group: Int, firstPixel: Int, strips: Range<Int>, into destination: DisjointWrites
  ) {
    let pixelCount = min(4 * Self.panelsPerTask, pixels - firstPixel)
    let panels = (pixelCount + 3) / 4
    let columns = unrolled(image: image, group: group, firstPixel: firstPixel, count: pixelCount)
    let rowsPerGroup = weights.rows
    for strip in strips {
      let rows = min(4, rowsPerGroup - 4 * strip)
      for panel in 0..<panels {
        let sums = weights.product(
          group: group, strip: strip, columns: columns, panel: panel)
        for row in 0..<rows {
          let channel = group * rowsPerGroup + 4 * strip + row
          let plane = (image * output.channels + channel) * pixels
          for lane in 0..<min(4, pixelCount - 4 * panel) {
            let offset = plane + firstPixel + 4 * panel + lane
            destination[offset] = finish(sums[row][lane], channel: channel, offset: offset)
          }
        }
      }
    }
  }

  /// Im2col for some pixels of the output: `[panel][depth]` vectors of four pixels. Padding is zero,
  /// and is not normalised.
  private func unrolled(image: Int, group: Int, firstPixel: Int, count: Int) -> [SIMD4<Double>] {
    let shape = input.shape
    let inputs = shape.channels / conv.groups
    let depth = weights.depth
    var columns = [SIMD4<Double>](repeating: .zero, count: (count + 3) / 4 * depth)
    input.elements.withUnsafeBufferPointer { x in
      columns.withUnsafeMutableBufferPointer { columns in
        for index in 0..<count {
          let (row, column) = (firstPixel + index).quotientAndRemainder(dividingBy: output.width)
          let top = row * conv.stride.height - conv.padding.top
          let left = column * conv.stride.width - conv.padding.left
          let (panel, lane) = index.quotientAndRemainder(dividingBy: 4)
          for i in 0..<inputs {
            let channel = group * inputs + i
            let plane = (image * shape.channels + channel) * shape.height * shape.width
            let scale = inputNorm.map { $0.scale[channel] } ?? 1
            let shift = inputNorm.map { $0.shift[channel] } ?? 0
            var slot = panel * depth + i * conv.kernel.height * conv.kernel.width
            for tapRow in 0..<conv.kernel.height {
              let y = top + tapRow * conv.dilation.height
              for tapColumn in 0..<conv.kernel.width {
                let z = left + tapColumn * conv.dilation.width
                if y >= 0, y < shape.height, z >= 0, z < shape.width {
                  columns[slot][lane] = Double(x[plane + y * shape.width + z]) * scale + shift
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

/// Memory that several tasks write at once, each in places of its own.
private struct DisjointWrites: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<Float>

  init(_ buffer: UnsafeMutableBufferPointer<Float>) {
    self.buffer = buffer
  }

  subscript(offset: Int) -> Float {
    get { buffer[offset] }
    nonmutating set { buffer[offset] = newValue }
  }
}
