/// The messages of onnx.proto that have messages in them, and which those are.
enum OnnxMessage {
  case model
  case graph
  case node
  case attribute
  case tensor
  case sparseTensor
  case valueInfo
  case type
  case tensorType
  /// A sequence, map or optional value.
  case wrappedType
  case shape
  case function
  case training
  case annotation
  case deviceConfiguration
  case sharding
  /// One without messages that matter.
  case leaf

  /// The message in a field, if that has one.
  func part(inField field: Int) -> OnnxMessage? {
    switch (self, field) {
    case (.model, 7): .graph
    case (.model, 8), (.model, 14), (.model, 26): .leaf
    case (.model, 20): .training
    case (.model, 25): .function
    case (.graph, 1): .node
    case (.graph, 5): .tensor
    case (.graph, 11), (.graph, 12), (.graph, 13): .valueInfo
    case (.graph, 14): .annotation
    case (.graph, 15): .sparseTensor
    case (.graph, 16): .leaf
    case (.node, 5): .attribute
    case (.node, 9): .leaf
    case (.node, 10): .deviceConfiguration
    case (.attribute, 5), (.attribute, 10): .tensor
    case (.attribute, 6), (.attribute, 11): .graph
    case (.attribute, 14), (.attribute, 15): .type
    case (.attribute, 22), (.attribute, 23): .sparseTensor
    case (.tensor, 3), (.tensor, 13), (.tensor, 16): .leaf
    case (.sparseTensor, 1), (.sparseTensor, 2): .tensor
    case (.valueInfo, 2): .type
    case (.valueInfo, 4): .leaf
    case (.type, 1), (.type, 8): .tensorType
    case (.type, 4), (.type, 5), (.type, 9): .wrappedType
    case (.type, 7): .leaf
    case (.tensorType, 2): .shape
    case (.wrappedType, 1), (.wrappedType, 2): .type
    case (.shape, 1): .leaf
    case (.function, 7): .node
    case (.function, 9), (.function, 14): .leaf
    case (.function, 11): .attribute
    case (.function, 12): .valueInfo
    case (.training, 1), (.training, 2): .graph
    case (.training, 3), (.training, 4): .leaf
    case (.annotation, 2): .leaf
    case (.deviceConfiguration, 2): .sharding
    case (.sharding, 3), (.sharding, 4): .leaf
    default: nil
    }
  }

  /// The bytes that each number of a list takes in memory; nil if the field is no list of numbers that
  /// take fewer in a file.
  func listedNumberSize(inField field: Int) -> Int? {
    switch (self, field) {
    case (.tensor, 1), (.tensor, 7), (.tensor, 11), (.attribute, 8): 8
    case (.tensor, 5): 4
    default: nil
    }
  }

  /// Whether a file of this message can begin with a field of that number.
  func hasField(_ field: Int) -> Bool {
    self == .tensor
      ? (1...16).contains(field) : (1...8).contains(field) || part(inField: field) != nil
  }
}
