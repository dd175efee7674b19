extension Graph {
  /// The node whose result is what the module at `path` returns, such as `layer1`, `layer1.0` or
  /// `maxpool`.
  ///
  /// That is the node of this name or, for a module with parts, the last node whose name begins with
  /// `path` and a dot.
  public func output(ofModule path: String) -> NodeID? {
    nodeIDs.last { self[$0].name == path || self[$0].name.hasPrefix(path + ".") }
  }
}
