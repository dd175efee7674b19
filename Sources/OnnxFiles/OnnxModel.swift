/// What an ONNX file says, as plain values that have been checked: see `init(path:)`.
public struct OnnxModel: Sendable {
  /// The file, for messages.
  public var path: String
  /// The version of the format, such as 8; 0 if the file does not say.
  public var irVersion: Int
  /// The version of ONNX's own operators that the nodes mean.
  public var opset: Int
  /// The other domains of operators that the file imports and their versions, sorted by name. An
  /// import alone means nothing: exporters list domains that no node is of.
  public var otherDomains: [OnnxDomain]
  /// The program that wrote the file and its version, such as `pytorch 2.7.0`; empty if unknown.
  public var producer: String
  public var graph: OnnxGraph

  /// The versions of ONNX's operators that are understood. Those from 23 to 26 only add types of
  /// elements to the operations that networks of this kind have.
  public static let acceptedOpsets = 7...26
}

/// A set of operators other than ONNX's own.
public struct OnnxDomain: Hashable, Sendable {
  public var name: String
  public var version: Int

  public init(name: String, version: Int) {
    (self.name, self.version) = (name, version)
  }
}
