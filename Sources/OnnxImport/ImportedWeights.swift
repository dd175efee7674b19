import GraphIR
import OnnxFiles

/// The weights of an imported model. Those of the file keep its names.
public struct ImportedWeights: ParameterSource {
  private var tensors: [String: ConstantTensor] = [:]
  private var known: [Identity: String] = [:]
  private var names = UniqueNames()
  /// The file, for messages.
  public internal(set) var path = ""

  /// Adds a tensor under its name or, if there is another of that name, one like it.
  ///
  /// - Parameter isNew: it was made just now and is none that is there already.
  /// - Returns: the name.
  mutating func add(_ tensor: ConstantTensor, isNew: Bool = false) -> String {
    let identity = Identity(
      name: tensor.name, shape: tensor.shape, derivation: tensor.derivation)
    if !isNew, let known = known[identity] { return known }
    let name = names.claim(tensor.name)
    tensors[name] = tensor
    if !isNew { known[identity] = name }
    return name
  }

  /// What tells that two tensors are one.
  private struct Identity: Hashable {
    var name: String
    var shape: Shape
    var derivation: Int
  }

  func restricted(to names: Set<String>) -> ImportedWeights {
    var result = self
    result.tensors = tensors.filter { names.contains($0.key) }
    return result
  }

  /// The elements of a tensor, row-major, as float32.
  ///
  /// - Throws: `OnnxFileError`; `OnnxImportError.unsuitableWeight` if it holds an infinity or NaN.
  public func values(of parameter: ParameterSpec) throws -> [Float] {
    guard let tensor = tensors[parameter.name], tensor.shape == parameter.shape else {
      throw OnnxImportError.unsuitableWeight(
        path: path, tensor: parameter.name, "is not one of the model's, \(parameter.shape)")
    }
    let values = try tensor.floats()
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      let place = zip(tensor.shape.dimensions, rowMajorStrides(tensor.shape))
        .map { index / $1 % $0 }
      throw OnnxImportError.unsuitableWeight(
        path: path, tensor: parameter.name,
        "holds \(values[index]) at \(place); weights must be finite in float32")
    }
    return values
  }
}
