import Diagnostics
import GraphIR
import OnnxFiles

/// The input of an ONNX graph and what gives its open dimensions a value.
struct InputShape {
  private let info: OnnxValueInfo
  private let path: String

  init(_ info: OnnxValueInfo, path: String) {
    (self.info, self.path) = (info, path)
  }

  /// The setting of the first dimension.
  private static let batch = "batch"

  /// The batch that the file fixes; nil if it leaves it open.
  var declaredBatch: Int? {
    guard case .fixed(let extent)? = info.dimensions?.first else { return nil }
    return extent
  }

  /// The shape with all dimensions known.
  ///
  /// - Throws: `OnnxImportError`.
  func resolved(_ settings: [String: String]) throws -> Shape {
    guard info.elementType == .float || info.elementType == nil else {
      let type = info.elementType?.rawValue ?? "unknown"
      throw OnnxImportError.unsuitableInput(
        path: path,
        "the input \(quoted(info.name)) is of type \(type), and only float (float32) is understood; "
          + "convert the model to float32 or export it so")
    }
    guard let dimensions = info.dimensions else {
      throw OnnxImportError.unsuitableInput(
        path: path,
        "the file does not say how many dimensions its input \(quoted(info.name)) has; export it with "
          + "the shape of its input")
    }
    let extents = try self.extents(settings, dimensions)
    var open: [String] = []
    let shape = dimensions.enumerated().map { index, dimension in
      let name = settingName(index, dimension)
      if index == 0, let extent = extents[Self.batch] { return extent }
      switch dimension {
      case .fixed(let extent): return extent
      case .symbolic, .unknown:
        if let extent = extents[name] { return extent }
        if index == 0 { return 1 }
        if !open.contains(name) { open.append(name) }
        return 0
      }
    }
    guard open.isEmpty else {
      throw OnnxImportError.openDimensions(
        path: path, input: quoted(info.name),
        dimensions: "[" + dimensions.map(\.description).joined(separator: ", ") + "]", open)
    }
    return Shape(shape)
  }

  /// The settings as numbers, each of which names a dimension.
  private func extents(
    _ settings: [String: String], _ dimensions: [OnnxDimension]
  ) throws -> [String: Int] {
    let open = dimensions.enumerated().compactMap { index, dimension in
      if case .fixed = dimension { return nil as String? }
      return settingName(index, dimension)
    }
    let known = (dimensions.isEmpty ? [] : [Self.batch]) + open.filter { $0 != Self.batch }
    return try Dictionary(
      uniqueKeysWithValues: settings.sorted { $0.key < $1.key }.map { name, text in
        guard known.contains(name) else {
          let nearest = nearestName(to: name, among: known)
          throw OnnxImportError.badSetting(
            path: path,
            "its input has no dimension \(quoted(name)) that could be set"
              + (nearest.map { "; did you mean \(quoted($0))?" }
                ?? "; it has \(known.joined(separator: ", "))"))
        }
        guard let extent = Int(text), (1...Self.maximalExtent).contains(extent) else {
          throw OnnxImportError.badSetting(
            path: path,
            "'--set \(name)=\(text)' should give a number from 1 to \(Self.maximalExtent)")
        }
        return (name, extent)
      })
  }

  private static let maximalExtent = 1 << 20

  /// What sets a dimension: its name or, if it has none, its place.
  private func settingName(_ index: Int, _ dimension: OnnxDimension) -> String {
    if case .symbolic(let name) = dimension { return name }
    return index == 0 ? Self.batch : "dim\(index)"
  }
}
