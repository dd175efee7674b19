// Networks whose images come with their channels last, as TensorFlow's, begin with a transposition.
// Channels last is one of the layouts that buffers have anyway; so the conversion that reads the
// caller's array, which every network has, can put the channels first on its way. The same holds for a
// new shape, whose elements lie as before, and for what stands between a result and the caller.

extension Graph {
  /// The node that takes its value straight from the caller's array, as the conversion of an input:
  /// the input itself, or a rearrangement that alone reads it and only says how the array is to be
  /// understood.
  ///
  /// - Parameter input: an input of the graph.
  public func imageOfCaller(_ input: NodeID) -> NodeID {
    guard !outputs.contains(input) else { return input }
    let readers = nodeIDs.filter { self[$0].inputs.contains(input) }
    guard readers.count == 1 else { return input }
    return switch self[readers[0]].op {
    case .transpose(.nhwcToNCHW), .reshape, .flatten: readers[0]
    default: input
    }
  }

  /// Whether a node takes its value straight from the caller's array.
  public func isReadFromCaller(_ id: NodeID) -> Bool {
    if self[id].op == .input { return imageOfCaller(id) == id }
    guard let source = self[id].inputs.first, self[source].op == .input else { return false }
    return imageOfCaller(source) == id
  }

  /// Whether a node only rearranges its operand for the caller, which the copy of the result does on
  /// its way.
  public func isWrittenToCaller(_ id: NodeID) -> Bool {
    switch self[id].op {
    case .transpose(.nchwToNHWC), .reshape, .flatten:
      outputs.count { $0 == id } == 1 && !isReadFromCaller(id)
        && !nodes.contains { $0.inputs.contains(id) }
    default: false
    }
  }
}
