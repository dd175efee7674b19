import GraphIR

/// Why an ONNX model cannot be imported.
public enum OnnxImportError: Error, Equatable, CustomStringConvertible {
  /// The graph needs operations that are not known: all of them.
  case unknownOperations(path: String, opset: Int, [UnknownOperation])
  /// A node asks something of an operation that is not understood, or contradicts itself.
  case refusedNode(path: String, node: String, opset: Int, String)
  /// The inputs of the graph are not one tensor of float32.
  case unsuitableInput(path: String, String)
  /// Dimensions that the file leaves open and that nobody has set.
  case openDimensions(path: String, input: String, dimensions: String, [String])
  /// A setting that names none of the model's dimensions, or not a number.
  case badSetting(path: String, String)
  /// A result of the graph that is no tensor of float32.
  case unsuitableOutput(path: String, output: String, String)
  /// More results than any network has.
  case tooManyOutputs(path: String, Int, allowed: Int)
  /// A weight that is missing or holds a value that is infinite or not a number.
  case unsuitableWeight(path: String, tensor: String, String)

  /// A file may name as many as it has nodes.
  private static let listedOperations = 30

  public var description: String {
    switch self {
    case .unknownOperations(let path, let opset, let operations):
      (["\(path): it uses operations of ONNX (opset \(opset)) that resnetc does not have:"]
        + operations.prefix(Self.listedOperations).map { "  \($0)" }
        + (operations.count > Self.listedOperations
          ? ["  and \(operations.count - Self.listedOperations) more operations"] : [])
        + ["  resnetc takes " + OnnxOperator.all.map(\.name).joined(separator: ", ")])
        .joined(separator: "\n")
    case .refusedNode(let path, let node, let opset, let reason):
      "\(path): \(node), opset \(opset): \(reason)"
    case .unsuitableInput(let path, let reason):
      "\(path): \(reason)"
    case .openDimensions(let path, let input, let dimensions, let names):
      "\(path): the input \(input) is \(dimensions); give its open dimensions a value: "
        + names.map { "--set \($0)=N" }.joined(separator: " ")
    case .badSetting(let path, let reason):
      "\(path): \(reason)"
    case .unsuitableOutput(let path, let output, let reason):
      "\(path): the output \(output) \(reason)"
    case .tooManyOutputs(let path, let count, let allowed):
      "\(path): the graph has \(count) outputs, and at most \(allowed) are understood"
    case .unsuitableWeight(let path, let tensor, let reason):
      "\(path): tensor \"\(tensor)\" \(reason)"
    }
  }
}

/// An operation that is not known, wherever a graph uses it.
public struct UnknownOperation: Hashable, Sendable, CustomStringConvertible {
  /// With its domain, unless that is ONNX's own.
  public var operation: String
  /// How many nodes use it.
  public var count: Int
  /// The first of them, in words.
  public var example: String

  public var description: String {
    count == 1 ? example : "\(example) and \(count - 1) more of \(operation)"
  }
}

/// What an operator's import says of its node; the importer adds which node it is.
struct NodeFault: Error {
  var reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}
