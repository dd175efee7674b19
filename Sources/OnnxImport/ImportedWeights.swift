import GraphIR
import OnnxFiles

/// The weights of an imported model. Those of the file keep its names.
public struct ImportedWeights: ParameterSource {
  private var tensors: [String: ConstantTensor] = [:]
  /// The file, for messages.
  public internal(set) var path = ""

  /// Adds a tensor under its name or, if there is another of that name, one like it.
  ///
  /// - Parameter isNew: it was made just now and is none that is there already.
  /// - Returns: the name.
  mutating func add(_ tensor: ConstantTensor, isNew: Bool = false) -> String {
    var name = tensor.name
    var number = 2
    while let other = tensors[name] {
      if !isNew, other.shape == tensor.shape, other.derivation == tensor.derivation,
        other.name == tensor.name
      {
        return name
      }
      name = "\(tensor.name)_\(number)"
      number += 1
    }
    tensors[name] = tensor
    return name
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
      throw OnnxImportError.unsuitableWeight(
        path: path, tensor: parameter.name,
        "holds \(values[index]) at place \(index); weights must be finite in float32")
    }
    return values
  }
}
