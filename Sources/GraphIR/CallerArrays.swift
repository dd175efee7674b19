// Networks whose images come with their channels last, as TensorFlow's, begin with a transposition.
// Channels last is one of the layouts that buffers have anyway; so the conversion that reads the
// caller's array, which every network has, can put the channels first on its way. The same holds for
// the copy of a result to the caller.

extension Graph {
  /// The node that takes its value straight from the caller's array, as the conversion of an input: the
  /// input itself, or the transposition that alone reads it and puts its channels first.
  ///
  /// - Parameter input: an input of the graph.
  public func imageOfCaller(_ input: NodeID) -> NodeID {
    guard !outputs.contains(input) else { return input }
    // No more is looked at than tells one reader from two.
    let readers = nodes.indices.lazy.filter { nodes[$0].inputs.contains(input) }.prefix(2)
    guard let reader = readers.first.map(NodeID.init), readers.count == 1,
      self[reader].op == .transpose(.nhwcToNCHW)
    else { return input }
    return reader
  }

  /// Whether a node takes its value straight from the caller's array.
  public func isReadFromCaller(_ id: NodeID) -> Bool {
    if self[id].op == .input { return imageOfCaller(id) == id }
    guard let source = self[id].inputs.first, self[source].op == .input else { return false }
    return imageOfCaller(source) == id
  }

  /// Whether a node only rearranges its operand for the caller, which the copy of the result does on
  /// its way: it puts channels last, or gives the elements, which lie as before, another shape.
  public func isWrittenToCaller(_ id: NodeID) -> Bool {
    switch self[id].op {
    case .transpose(.nchwToNHWC), .reshape, .flatten:
      outputs.count { $0 == id } == 1 && !nodes.contains { $0.inputs.contains(id) }
    default: false
    }
  }
}

extension Model {
  /// The shape of the images that pictures become, `[batch, channels, height, width]` even where the
  /// input has its channels last; nil if there is no input.
  public var imageShape: Shape? {
    graph.inputs.first.map { graph[graph.imageOfCaller($0)].type.shape }
  }
}
