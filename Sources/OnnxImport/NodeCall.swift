import GraphIR
import OnnxFiles

/// What the importer knows of a value of the ONNX graph.
enum ImportedValue: Sendable {
  case constant(ConstantTensor)
  /// The result of a node of the graph that is being built: a tensor of float32.
  case node(NodeID)
}

/// One node of the ONNX graph with what its inputs are: what an operator's import gets to see.
struct NodeCall {
  let node: OnnxNode
  let opset: Int
  /// Nil where an optional input is left out.
  let inputs: [ImportedValue?]
  /// Whether somebody reads each output.
  let usedOutputs: [Bool]
  /// What nodes made for it are called.
  let name: String

  /// An input that has to be there.
  func input(_ index: Int) throws -> ImportedValue {
    guard let value = optionalInput(index) else {
      throw NodeFault("its input \(index + 1) is missing")
    }
    return value
  }

  func optionalInput(_ index: Int) -> ImportedValue? {
    inputs.indices.contains(index) ? inputs[index] : nil
  }

  /// An input that has to be known while importing.
  ///
  /// - Parameter role: what it is, such as `weights`.
  func constant(_ index: Int, _ role: String) throws -> ConstantTensor {
    guard case .constant(let tensor) = try input(index) else {
      throw NodeFault(
        "\(described(index)), its \(role), is computed by the network; only a constant is understood "
          + "there")
    }
    return tensor
  }

  func optionalConstant(_ index: Int, _ role: String) throws -> ConstantTensor? {
    optionalInput(index) == nil ? nil : try constant(index, role)
  }

  /// The integers of a constant input; nil if it is left out.
  func integers(_ index: Int, _ role: String) throws -> [Int]? {
    guard let tensor = try optionalConstant(index, role) else { return nil }
    guard tensor.count <= Self.maximalIntegers else {
      throw NodeFault("its \(role) are \(tensor.count) numbers")
    }
    return try tensor.integers()
  }

  /// The number that a constant input holds; nil if it is left out.
  func number(_ index: Int, _ role: String) throws -> Float? {
    guard let tensor = try optionalConstant(index, role) else { return nil }
    guard tensor.count == 1 else { throw NodeFault("its \(role) should be one number") }
    return tensor.isInteger ? Float(try tensor.integers()[0]) : try tensor.floats()[0]
  }

  private func described(_ index: Int) -> String {
    node.inputs.indices.contains(index) ? quoted(node.inputs[index]) : "an input"
  }

  private static let maximalIntegers = 1000

  // MARK: Attributes

  func int(_ name: String) throws -> Int? {
    switch node.attribute(name) {
    case .int(let value)?: return value
    case nil: return nil
    default: throw NodeFault("its attribute \(name) should be an integer")
    }
  }

  func int(_ name: String, default usual: Int) throws -> Int { try int(name) ?? usual }

  func flag(_ name: String) throws -> Bool { try int(name, default: 0) != 0 }

  func ints(_ name: String) throws -> [Int]? {
    switch node.attribute(name) {
    case .ints(let values)?:
      guard values.count <= Self.maximalIntegers else {
        throw NodeFault("its attribute \(name) has \(values.count) numbers")
      }
      return values
    case nil: return nil
    default: throw NodeFault("its attribute \(name) should be a list of integers")
    }
  }

  func float(_ name: String, default usual: Float) throws -> Float {
    switch node.attribute(name) {
    case .float(let value)?:
      guard !value.isNaN else { throw NodeFault("its attribute \(name) is not a number") }
      return value
    case nil: return usual
    default: throw NodeFault("its attribute \(name) should be a number")
    }
  }

  func string(_ name: String, default usual: String) throws -> String {
    switch node.attribute(name) {
    case .string(let value)?: return value
    case nil: return usual
    default: throw NodeFault("its attribute \(name) should be a text")
    }
  }

  /// Refuses a node whose further outputs somebody reads.
  ///
  /// - Parameter meaning: what they are, such as `the places of the maxima`.
  func requireOneOutput(_ meaning: String) throws {
    guard !usedOutputs.dropFirst().contains(true) else {
      throw NodeFault("\(meaning) are read from its further outputs; only the first is computed")
    }
  }
}

/// A dimension that an attribute counts from the front or, if negative, from behind.
///
/// - Parameter rank: one more than the last that is possible.
func axis(_ number: Int, rank: Int) throws -> Int {
  guard (-rank..<rank).contains(number) else {
    throw NodeFault("there is no axis \(number) in a tensor of \(rank) dimensions")
  }
  return number < 0 ? number + rank : number
}

/// Several dimensions, none twice.
func axes(_ numbers: [Int], rank: Int) throws -> [Int] {
  let all = try numbers.map { try axis($0, rank: rank) }
  guard Set(all).count == all.count else {
    throw NodeFault("its axes \(numbers) are not different")
  }
  return all
}
