import GraphIR
import OnnxFiles

/// The window of a convolution or pool over one or two dimensions, as attributes describe it.
///
/// Over one dimension it is one over images of one row.
struct WindowAttributes {
  var kernel: Extent
  var stride: Extent
  var dilation: Extent
  var padding: Padding

  static let attributes = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"]

  /// - Parameters:
  ///   - shape: what the window slides over: `[batch, channels, …]`.
  ///   - kernel: the extents of the weights, for a convolution, whose attribute may be left out.
  /// - Throws: `NodeFault`.
  init(_ call: NodeCall, over shape: Shape, kernel weights: [Int]? = nil) throws {
    let spatial = Array(shape.dimensions.dropFirst(2))
    let rank = spatial.count
    func list(_ name: String, least: Int) throws -> [Int] {
      let values = try call.ints(name) ?? [Int](repeating: 1, count: rank)
      try Self.check(values, name, count: rank, least: least)
      return values
    }
    let named = try call.ints("kernel_shape")
    guard let size = named ?? weights else {
      throw NodeFault("its attribute kernel_shape is missing")
    }
    if let weights, size != weights {
      throw NodeFault("its kernel_shape is \(size) and its weights are of \(weights)")
    }
    try Self.check(size, "kernel_shape", count: rank, least: 1)
    let strides = try list("strides", least: 1)
    let dilations = try list("dilations", least: 1)
    var pads = try call.ints("pads") ?? [Int](repeating: 0, count: 2 * rank)
    let mode = try call.string("auto_pad", default: "NOTSET")
    switch mode {
    case "NOTSET", "": try Self.check(pads, "pads", count: 2 * rank, least: 0)
    case "VALID": pads = [Int](repeating: 0, count: 2 * rank)
    case "SAME_UPPER", "SAME_LOWER":
      pads = [Int](repeating: 0, count: 2 * rank)
      for d in 0..<rank {
        // As many windows as there are strides in the image, with the padding that they need.
        let windows = (spatial[d] + strides[d] - 1) / strides[d]
        let span = (size[d] - 1) * dilations[d] + 1
        let total = max(0, (windows - 1) * strides[d] + span - spatial[d])
        let smaller = total / 2
        (pads[d], pads[rank + d]) =
          mode == "SAME_UPPER" ? (smaller, total - smaller) : (total - smaller, smaller)
      }
    default:
      throw NodeFault(
        "its auto_pad is \(quoted(mode)); it can be NOTSET, SAME_UPPER, SAME_LOWER or VALID")
    }
    func extent(_ values: [Int]) -> Extent {
      Extent(height: rank == 2 ? values[0] : 1, width: values[rank - 1])
    }
    kernel = extent(size)
    stride = extent(strides)
    dilation = extent(dilations)
    padding = Padding(
      top: rank == 2 ? pads[0] : 0, left: pads[rank - 1], bottom: rank == 2 ? pads[rank] : 0,
      right: pads[2 * rank - 1])
  }

  private static func check(_ values: [Int], _ name: String, count: Int, least: Int) throws {
    guard values.count == count else {
      throw NodeFault("its attribute \(name) has \(values.count) numbers and should have \(count)")
    }
    guard values.allSatisfy({ (least...maximum).contains($0) }) else {
      throw NodeFault(
        "its attribute \(name) is \(values); numbers from \(least) to \(maximum) are understood")
    }
  }

  /// No image is so large; sizes computed from it do not overflow.
  private static let maximum = 1 << 20
}

extension GraphBuilder {
  /// Applies an operation on images to a tensor of one or two spatial dimensions.
  mutating func asImage(
    _ x: NodeID, _ body: (inout GraphBuilder, NodeID) throws -> NodeID
  ) throws -> NodeID {
    let shape = shape(x)
    switch shape.rank {
    case 4: return try body(&self, x)
    case 3:
      let rows = Shape([shape.batch, shape.channels, 1, shape.dimensions[2]])
      let result = try body(&self, try reshape(x, to: rows))
      var dimensions = self.shape(result).dimensions
      dimensions.remove(at: 2)
      return try reshape(result, to: Shape(dimensions))
    default:
      throw NodeFault(
        "its input is \(shape); one or two dimensions beside batch and channels are understood")
    }
  }
}
