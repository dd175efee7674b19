import GraphIR

/// Every `stride`-th row and column of x, between channels of zeros; negative counts leave channels
/// of x out instead.
func padChannels(_ x: Tensor, _ padding: ChannelPadding, _ shape: Shape) -> Tensor {
  let y = [Float](unsafeUninitializedCapacity: shape.elementCount) { y, count in
    y.initialize(repeating: 0)
    let kept = max(0, -padding.before)..<(x.shape.channels - max(0, -padding.after))
    for image in 0..<shape.batch {
      for channel in kept {
        let from = (image * x.shape.channels + channel) * x.shape.height
        let to = (image * shape.channels + padding.before + channel) * shape.height
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            y[(to + row) * shape.width + column] =
              x.elements[
                (from + row * padding.stride.height) * x.shape.width
                  + column * padding.stride.width]
          }
        }
      }
    }
    count = shape.elementCount
  }
  return Tensor(shape, y)
}

/// x surrounded by a constant.
func pad(_ x: Tensor, _ padding: SpatialPadding, _ shape: Shape) -> Tensor {
  let y = [Float](unsafeUninitializedCapacity: shape.elementCount) { y, count in
    y.initialize(repeating: padding.value)
    for plane in 0..<(x.shape.batch * x.shape.channels) {
      for row in 0..<x.shape.height {
        let from = (plane * x.shape.height + row) * x.shape.width
        let to =
          (plane * shape.height + padding.padding.top + row) * shape.width + padding.padding.left
        for column in 0..<x.shape.width { y[to + column] = x.elements[from + column] }
      }
    }
    count = shape.elementCount
  }
  return Tensor(shape, y)
}
