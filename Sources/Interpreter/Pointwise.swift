import Foundation
import GraphIR

/// `max(x, 0)`; a value that is not a number stays one.
@inline(__always)
func rectify(_ x: Float) -> Float { x < 0 ? 0 : x }

extension Activation {
  /// The function at one place; what is not a number stays that.
  func value(_ x: Float) -> Float {
    switch self {
    case .leakyReLU(let slope):
      return x < 0 ? Float(Double(x) * Double(slope)) : x
    case .clip(let lower, let upper):
      let raised = x < lower ? lower : x
      return raised > upper ? upper : raised
    case .sigmoid:
      return Float(1 / (1 + exp(-Double(x))))
    case .hardSigmoid(let slope, let offset):
      let line = Double(x) * Double(slope) + Double(offset)
      return line < 0 ? 0 : line > 1 ? 1 : Float(line)
    }
  }
}

/// `x · y`, where y has x's shape or one factor for each channel of each image.
func multiply(_ x: Tensor, _ y: Tensor) -> Tensor {
  let repeats = x.elements.count / max(y.elements.count, 1)
  return Tensor(x.shape, x.elements.indices.map { x.elements[$0] * y.elements[$0 / repeats] })
}

/// `x · s + y` with one factor for each channel of each image, then ReLU.
func scaledSum(_ x: Tensor, factors: Tensor, _ y: Tensor, relu: Bool) -> Tensor {
  let repeats = x.elements.count / max(factors.elements.count, 1)
  return Tensor(
    x.shape,
    x.elements.indices.map { index in
      let factor = Double(factors.elements[index / repeats])
      let value = Float(Double(x.elements[index]) * factor + Double(y.elements[index]))
      return relu ? rectify(value) : value
    })
}

/// `x + y`, then ReLU.
func sum(_ x: Tensor, _ y: Tensor, relu: Bool) -> Tensor {
  // The exact sum of two float32 rounded to float32 is what float32 addition gives.
  let sums = zip(x.elements, y.elements).map { $0 + $1 }
  return Tensor(x.shape, relu ? sums.map { rectify($0) } : sums)
}

/// A batch norm at inference, then ReLU.
func normalize(_ x: Tensor, _ batchNorm: BatchNorm, from parameters: some ParameterSource) throws
  -> Tensor
{
  let map = try parameters.checkedAffine(batchNorm.norm, channels: x.shape.channels)
  let inner = x.shape.height * x.shape.width
  let y = [Float](unsafeUninitializedCapacity: x.elements.count) { y, count in
    x.elements.withUnsafeBufferPointer { x in
      for plane in 0..<(x.count / max(inner, 1)) {
        let channel = plane % map.scale.count
        let (scale, shift) = (map.scale[channel], map.shift[channel])
        for index in (plane * inner)..<((plane + 1) * inner) {
          let value = Float(Double(x[index]) * scale + shift)
          y[index] = batchNorm.relu ? rectify(value) : value
        }
      }
    }
    count = x.elements.count
  }
  return Tensor(x.shape, y)
}

/// `x Wᵀ + b` with one float64 sum an element; the mean over height and width first if `pooled`.
func linear(_ x: Tensor, _ layer: Linear, from parameters: some ParameterSource) throws -> Tensor {
  let batch = x.shape.batch
  let rows = layer.pooled ? spatialMeans(x) : x.elements.map(Double.init)
  let features = rows.count / max(batch, 1)
  let weights = try parameters.checkedValues(layer.weight, [layer.outputFeatures, features])
  let bias = try layer.bias.map { try parameters.checkedValues($0, [layer.outputFeatures]) }
  var y: [Float] = []
  y.reserveCapacity(batch * layer.outputFeatures)
  rows.withUnsafeBufferPointer { rows in
    weights.withUnsafeBufferPointer { weights in
      for image in 0..<batch {
        for output in 0..<layer.outputFeatures {
          var sum = 0.0
          for k in 0..<features {
            sum += rows[image * features + k] * Double(weights[output * features + k])
          }
          y.append(Float(sum + Double(bias?[output] ?? 0)))
        }
      }
    }
  }
  return Tensor([batch, layer.outputFeatures], y)
}

/// `exp(xᵢ) / Σ exp(xⱼ)` over dimension 1, for every image and pixel; the maximum is subtracted
/// first, so that no exponential overflows.
func softmax(_ x: Tensor) -> Tensor {
  let channels = x.shape.channels
  let inner = x.elements.count / max(x.shape.batch * channels, 1)
  var y = x.elements
  for image in 0..<x.shape.batch {
    for pixel in 0..<inner {
      let offsets = (0..<channels).map { (image * channels + $0) * inner + pixel }
      let values = offsets.map { Double(x.elements[$0]) }
      let largest = values.max() ?? 0
      let exponentials = values.map { exp($0 - largest) }
      let total = exponentials.reduce(0, +)
      for (offset, value) in zip(offsets, exponentials) { y[offset] = Float(value / total) }
    }
  }
  return Tensor(x.shape, y)
}
