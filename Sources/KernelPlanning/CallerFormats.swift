import GraphIR

extension Graph {
  /// Whether only the caller's array holds a node's value, and no buffer.
  func isHeldByCaller(_ id: NodeID) -> Bool {
    self[id].op == .input && !isReadFromCaller(id) || isWrittenToCaller(id)
  }

  /// How the caller's array holds the value of a node that is read from it.
  func callerFormat(read id: NodeID) -> BufferFormat {
    if case .transpose = self[id].op { return .denseChannelsLast(self[id].type.shape) }
    return .dense(self[id].type.shape)
  }

  /// How the caller's array receives a result, and the value that is copied there.
  func callerFormat(written id: NodeID) -> (value: NodeID, format: BufferFormat) {
    guard isWrittenToCaller(id) else { return (id, .dense(self[id].type.shape)) }
    let source = self[id].inputs[0]
    let shape = self[source].type.shape
    if case .transpose = self[id].op { return (source, .denseChannelsLast(shape)) }
    return (source, .dense(shape))
  }
}
