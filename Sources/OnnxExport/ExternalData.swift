import OnnxSchema

/// Where tensors lie in the file beside a model, for those too large for the model itself
/// (https://onnx.ai/onnx/repo-docs/ExternalData.html).
struct ExternalData {
  /// The file's name, in the model's folder.
  let location: String
  private var end = 0

  init(location: String) { self.location = location }

  /// Tensors start at pages of memory, so that runtimes can map each alone.
  private static let alignment = 4096
  /// Tensors with fewer bytes stay in the model, where runtimes look for small constants.
  private static let threshold = 1024

  /// The place of the next tensor; nil for a small one, which stays in the model.
  mutating func place(byteCount: Int) -> Range<Int>? {
    guard byteCount >= Self.threshold else { return nil }
    let start = (end + Self.alignment - 1) / Self.alignment * Self.alignment
    end = start + byteCount
    return start..<end
  }

  /// What the model says of a tensor at that place.
  func entries(_ place: Range<Int>) -> [Onnx_StringStringEntryProto] {
    [("location", location), ("offset", "\(place.lowerBound)"), ("length", "\(place.count)")]
      .map { key, value in
        .with { ($0.key, $0.value) = (key, value) }
      }
  }
}
