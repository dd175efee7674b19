import GraphIR

extension Model {
  /// What an ONNX model has no other place for, as texts in JSON: how a picture becomes the input, and
  /// the names of the classes.
  var onnxProperties: [String: String] {
    var properties: [String: String] = [:]
    if let preprocessing {
      properties["preprocessing"] =
        JSON.object(preprocessing.steps(crop: imageShape) + layout).text
    }
    if !labels.isEmpty { properties["labels"] = JSON.strings(labels).text }
    return properties
  }

  /// Where the input has its channels last, the metadata say so.
  private var layout: [(String, JSON)] {
    imageShape == inputShape ? [] : [("layout", .string("nhwc"))]
  }
}

extension Preprocessing {
  /// In the order in which they are done: resize, centre crop, `(pixel · scale − mean) / std`. Sizes are
  /// height and width.
  fileprivate func steps(crop shape: Shape?) -> [(String, JSON)] {
    func numbers(_ values: [Double]) -> JSON { .array(values.map(JSON.double)) }
    var steps: [(String, JSON)] = []
    switch resize {
    case .none: break
    case .shortSide(let side): steps.append(("resize_short_side", .integer(side)))
    case .exact(let size):
      steps.append(("resize", .array([.integer(size.height), .integer(size.width)])))
    }
    if let shape, shape.rank == 4 {
      steps.append(("center_crop", .array([.integer(shape.height), .integer(shape.width)])))
    }
    return steps + [
      ("channel_order", .string(channelOrder.rawValue)), ("scale", .double(scale)),
      ("mean", numbers(mean)), ("std", numbers(standardDeviation)),
    ]
  }
}
