import Diagnostics

/// The graph of an ONNX file. Each value has one name and is made once: by a node, as an input of
/// the graph or as an initializer; nodes stand behind those whose values they read.
public struct OnnxGraph: Sendable {
  public var name: String
  /// What has to be given. Initializers, which old files list among the inputs as well, are not here.
  public var inputs: [OnnxValueInfo]
  public var outputs: [OnnxValueInfo]
  /// In the order of the file.
  public var nodes: [OnnxNode]
  /// The constant tensors of the graph by the names of their values.
  public var initializers: [String: OnnxTensor]
}

/// An input or output of the graph: a tensor and what is known of it.
public struct OnnxValueInfo: Hashable, Sendable {
  public var name: String
  /// Nil if the file does not say.
  public var elementType: OnnxElementType?
  /// Nil if the file does not even tell the number of dimensions.
  public var dimensions: [OnnxDimension]?

  public init(
    name: String, elementType: OnnxElementType? = nil, dimensions: [OnnxDimension]? = nil
  ) {
    (self.name, self.elementType, self.dimensions) = (name, elementType, dimensions)
  }
}

/// The extent of one dimension of an input or output.
public enum OnnxDimension: Hashable, Sendable, CustomStringConvertible {
  /// 0 or more.
  case fixed(Int)
  /// Chosen at each run; the same wherever the name stands.
  case symbolic(String)
  case unknown

  public var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .symbolic(let name): name
    case .unknown: "?"
    }
  }
}

/// One operation of a graph.
public struct OnnxNode: Sendable {
  /// Often empty.
  public var name: String
  public var opType: String
  /// Empty for ONNX's own operators.
  public var domain: String
  /// The names of the values that it reads. An optional input that is left out is empty, or missing at
  /// the end.
  public var inputs: [String]
  /// The names of the values that it makes. An optional output that is left out is empty.
  public var outputs: [String]
  /// In the order of the file; no name stands twice.
  public var attributes: [OnnxAttribute]
  /// Its place among the graph's nodes.
  public var index: Int
  /// What exporters add, such as `pkg.torch.onnx.name_scopes`.
  public var metadata: [String: String]

  /// The attribute of that name, if the node has it.
  public func attribute(_ name: String) -> OnnxAttribute.Value? {
    attributes.first { $0.name == name }?.value
  }

  /// What messages call it: `node "/layer1/conv1" (Conv)`, or `node 12 (Conv)` without a name.
  public var label: String {
    "node \(name.isEmpty ? String(index) : quoted(name)) (\(shortened(operation)))"
  }

  /// The operation's name, with its domain unless that is ONNX's own: `com.microsoft.FusedConv`.
  public var operation: String { domain.isEmpty ? opType : "\(domain).\(opType)" }
}

/// Something that makes a node do what it does, besides its inputs.
public struct OnnxAttribute: Sendable {
  public var name: String
  public var value: Value

  public enum Value: Sendable {
    case float(Float)
    case int(Int)
    case string(String)
    case tensor(OnnxTensor)
    case floats([Float])
    case ints([Int])
    case strings([String])
    /// Of a kind that no operation of a ResNet has, such as a graph; the kind in words.
    case other(String)
  }
}

/// A name from a file for a message: control characters made visible, and no longer than one reads.
package func quoted(_ name: String) -> String { "\"\(shortened(name))\"" }

func shortened(_ name: String) -> String {
  let limit = 200
  let start = String(name.unicodeScalars.prefix(limit))
  return start.printable() + (start.utf8.count < name.utf8.count ? "…" : "")
}
