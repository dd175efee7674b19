/// An operator of ONNX that can be imported.
public struct OnnxOperator: Sendable {
  public let name: String
  /// The most inputs that it has in any version from 7 on.
  let inputs: Int
  /// What of it is understood, in half a sentence for a table.
  public let accepted: String
  /// The attributes it may have.
  let attributes: [String]
  let handler: Handler

  /// Makes a node's outputs of its inputs: the first, or more of them; nil for one that nobody reads
  /// and that is not made.
  ///
  /// It throws `NodeFault` where the node asks for what is not understood.
  typealias Handler = @Sendable (NodeCall, inout GraphBuilder) throws -> [ImportedValue?]

  /// For operators that take any number of inputs: each becomes an operation of the network.
  static let anyNumber = 10_000

  init(
    _ name: String, inputs: Int, _ accepted: String, attributes: [String] = [],
    outputs handler: @escaping Handler
  ) {
    self.name = name
    self.inputs = inputs
    self.accepted = accepted
    self.attributes = attributes
    self.handler = handler
  }

  /// - Parameter first: makes the first output alone.
  init(
    _ name: String, inputs: Int, _ accepted: String, attributes: [String] = [],
    _ first: @escaping @Sendable (NodeCall, inout GraphBuilder) throws -> ImportedValue
  ) {
    self.init(
      name, inputs: inputs, accepted, attributes: attributes, outputs: { [try first($0, &$1)] })
  }

  /// All operators, by name.
  public static let all: [OnnxOperator] =
    (convolutions + normalizations + pools + activations + arithmetic + shapes + rearrangements
    + products + reductions + constants + paddings + parts).sorted { $0.name < $1.name }

  static func named(_ name: String) -> OnnxOperator? { byName[name] }

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
