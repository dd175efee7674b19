import GraphIR
import KernelPlanning

/// What tables say of a kernel.
struct KernelDescription {
  /// `direct 3×3/2`, `winograd F(4×4)`.
  var algorithm: String
  /// The register tile: pixels across, pixels down, channels; empty where there is none.
  var tile: String
  /// The layout written, or the layouts read and written if they differ.
  var layout: String
  /// The shape of the result.
  var shape: String

  init(_ step: Step, _ schedule: Schedule) {
    algorithm =
      step.kernel.algorithm + (step.kernel.weightFormat == .float16 ? " f16" : "")
    tile = schedule.tiling.map { "\($0.shape)".replacing("x", with: "×") } ?? ""
    let (input, output) = (step.kernel.input, step.kernel.output)
    layout =
      input.layout == output.layout
      ? output.layout.rawValue : "\(input.layout.rawValue)→\(output.layout.rawValue)"
    shape = Show.shape([output.batch, output.channels, output.height, output.width])
  }
}

extension Kernel {
  /// The format that the kernel reads first.
  var input: BufferFormat {
    switch self {
    case .copy(let copy): copy.from
    case .rearrangement(let move): move.from
    case .concatenation(let joined): joined.inputs[0]
    case .convolution(let conv): conv.input
    case .grouped(let grouped): grouped.input
    case .winograd(let winograd): winograd.input
    case .pooledLinear(let linear): linear.pool.input
    case .pool(let pool): pool.input
    case .globalPool(let pool): pool.input
    case .elementwise(let map): map.x
    case .softmax(let softmax): softmax.input
    }
  }

  /// The format that the kernel writes.
  var output: BufferFormat {
    switch self {
    case .copy(let copy): copy.to
    case .rearrangement(let move): move.to
    case .concatenation(let joined): joined.output
    case .convolution(let conv): conv.output
    case .grouped(let grouped): grouped.output
    case .winograd(let winograd): winograd.output
    case .pooledLinear(let linear): linear.product.output
    case .pool(let pool): pool.output
    case .globalPool(let pool): pool.output
    case .elementwise(let map): map.output
    case .softmax(let softmax): softmax.output
    }
  }

  /// How a matrix is multiplied, in words that compare layers of all shapes; nil for other kernels.
  var choice: String? {
    let name: String
    switch self {
    case .convolution, .grouped, .pooledLinear: name = "direct"
    case .winograd(let winograd): name = winograd.algorithmName
    case .copy, .rearrangement, .concatenation, .pool, .globalPool, .elementwise, .softmax:
      return nil
    }
    return name + (weightFormat == .float32 ? "" : ", \(weightFormat) weights")
  }

  /// The choice, if it is another than the direct algorithm on float32 weights.
  var trade: String? { choice == "direct" ? nil : choice }

  /// The family, and what of its parameters a reader needs to place it.
  var algorithm: String {
    switch self {
    case .copy(let copy):
      copy.from.layout == copy.to.layout ? "copy" : "convert"
    case .rearrangement(let move): move.operation
    case .concatenation: "concatenate"
    case .convolution(let conv):
      "direct " + window(conv.kernel, conv.stride) + (conv.groups > 1 ? " g\(conv.groups)" : "")
        + (conv.pool == nil ? "" : "+maxpool")
    case .grouped(let grouped):
      "grouped " + window(grouped.kernel, grouped.stride) + " g\(grouped.groups)"
    case .winograd(let winograd):
      winograd.algorithmName + " "
        + window(
          Extent(height: winograd.rows.kernel, width: winograd.columns.kernel),
          Extent(height: winograd.rows.stride, width: winograd.columns.stride))
        + (winograd.pool == nil ? "" : "+maxpool")
    case .pooledLinear: "mean+linear"
    case .pool(let pool):
      (pool.kind == .maximum ? "max " : "mean ") + window(pool.window.kernel, pool.window.stride)
    case .globalPool: "global mean"
    case .elementwise(let map):
      map.parts.map { $0 == "scale_shift" ? "affine" : $0 }.joined(separator: "+")
    case .softmax: "softmax"
    }
  }

  private func window(_ kernel: Extent, _ stride: Extent) -> String {
    let size = "\(kernel.height)×\(kernel.width)"
    if stride == Extent(1) { return size }
    return size
      + (stride.height == stride.width
        ? "/\(stride.height)" : "/\(stride.height)×\(stride.width)")
  }
}

extension WinogradConvolution {
  fileprivate var algorithmName: String {
    Algorithm.winograd(tileOutputs, kernelTransform).description
  }
}
