extension Graph {
  /// The results of all nodes but inputs by their names, and those of the modules in their paths, as
  /// `output(ofModule:)` has them: for front ends that know of no modules.
  public var valuesByNodeName: [String: NodeID] {
    var values: [String: NodeID] = [:]
    var modules: [String: NodeID] = [:]
    for id in nodeIDs where self[id].op != .input {
      var path = self[id].name[...]
      values[String(path)] = id
      while let dot = path.lastIndex(of: ".") {
        path = path[..<dot]
        modules[String(path)] = id
      }
    }
    return modules.merging(values) { _, node in node }
  }

  /// The node whose result is what the module at `path` returns, such as `layer1`, `layer1.0` or
  /// `maxpool`.
  ///
  /// That is the node of this name or, for a module with parts, the last node whose name begins with
  /// `path` and a dot.
  public func output(ofModule path: String) -> NodeID? {
    nodeIDs.last { self[$0].name == path || self[$0].name.hasPrefix(path + ".") }
  }
}
