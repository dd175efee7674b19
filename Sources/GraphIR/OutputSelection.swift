import Diagnostics

extension Model {
  /// What selections call all that the model returns by itself.
  public static let ownOutputs = "output"

  /// Replaces what the network returns by values within it, such as `layer4`, and drops what is not
  /// needed for them.
  ///
  /// - Parameter names: keys of `values`, names of the present outputs, or `output` for all of
  ///   these; one that is a key of `values` means that value. Each becomes the name of its output.
  /// - Throws: `OutputSelectionError`.
  public mutating func selectOutputs(_ names: [String]) throws(OutputSelectionError) {
    var selected: [(name: String, value: NodeID)] = []
    for name in names {
      let found = outputs(called: name)
      guard !found.isEmpty else { throw .unknown(name, model: graph.name, names: selectableNames) }
      for output in found {
        if selected.contains(where: { $0.name == output.name }) { throw .repeated(output.name) }
        selected.append(output)
      }
    }
    let scores = classOutput.map { graph.outputs[$0] }
    classOutput = selected.firstIndex { $0.value == scores }
    if classOutput == nil { labels = [] }
    outputNames = selected.map(\.name)
    graph.outputs = selected.map(\.value)
    let whole = graph.parameters()
    let renumbered = graph.keepReachable()
    let used = Set(graph.parameters())
    unusedParameters += whole.filter { !used.contains($0) }
    values = values.compactMapValues { renumbered[$0.index] }
  }

  private func outputs(called name: String) -> [(name: String, value: NodeID)] {
    if let value = values[name] { return [(name, value)] }
    let own = Array(zip(outputNames, graph.outputs)).map { (name: $0, value: $1) }
    if let output = own.first(where: { $0.name == name }) { return [output] }
    guard name == Self.ownOutputs else { return [] }
    // What has no other name than that of its node is called by the name that was asked for.
    return own.count == 1 ? [(name, own[0].value)] : own
  }

  private var selectableNames: [String] {
    Set(values.keys).union(outputNames).union([Self.ownOutputs]).sorted()
  }
}

/// Why a model cannot return what was asked for.
public enum OutputSelectionError: Error, Equatable, CustomStringConvertible {
  /// - Parameter names: what there is, in alphabetic order.
  case unknown(String, model: String, names: [String])
  case repeated(String)

  public var description: String {
    switch self {
    case .unknown(let name, let model, let names):
      let hint =
        if let near = nearestName(to: name, among: names) {
          "did you mean '\(near)'?"
        } else {
          "it has "
            + names.filter { $0.first?.isLetter == true && !$0.contains(".") }.joined(
              separator: ", ")
            + (names.first { $0.first?.isLetter == true && $0.contains(".") }.map {
              ", and within them values such as '\($0)'"
            }
              ?? "")
        }
      return "'\(model)' has no value called '\(name)'; \(hint)"
    case .repeated(let name):
      return "the output '\(name)' is asked for twice"
    }
  }
}
