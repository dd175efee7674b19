import Diagnostics
import GraphIR

/// A graph under rewriting, with the readers of each value kept up to date.
///
/// Nodes are rewritten in place, so ids stay valid until `finish`: a node that absorbs the one
/// before it comes to stand later than all it reads, and the graph stays sorted.
struct GraphRewriter {
  private(set) var graph: Graph
  /// How many rewrites were made so far.
  private(set) var rewrites = 0
  private var readers: [[NodeID]]
  private var isRemoved: [Bool]
  private var outputs: Set<NodeID>

  init(_ graph: Graph) {
    self.graph = graph
    outputs = Set(graph.outputs)
    readers = graph.readers()
    isRemoved = [Bool](repeating: false, count: graph.nodes.count)
  }

  subscript(id: NodeID) -> Node { graph[id] }

  /// The nodes that have not been removed at the time of asking, in order.
  var ids: [NodeID] { graph.nodeIDs.filter { !isRemoved[$0.index] } }

  func exists(_ id: NodeID) -> Bool { !isRemoved[id.index] }

  func isOutput(_ id: NodeID) -> Bool { outputs.contains(id) }

  /// The one node that reads the value, once; nil if it is read elsewhere too or is an output.
  func soleReader(of id: NodeID) -> NodeID? {
    let all = readers[id.index]
    return all.count == 1 && !isOutput(id) ? all[0] : nil
  }

  func readers(of id: NodeID) -> [NodeID] { readers[id.index] }

  /// Gives a node, whose value stays the same, another operation on other inputs. A node whose value
  /// changes is given its new type; its readers have to be rewritten too.
  ///
  /// Inputs that nobody reads any more are removed.
  /// - Parameters:
  ///   - parts: nodes that the new operation does the work of; their source ranges go before the
  ///     node's own.
  ///   - name: the new name, if the node does not keep its own.
  mutating func rewrite(
    _ id: NodeID, as op: Op, inputs: [NodeID], absorbing parts: [NodeID] = [], name: String? = nil,
    type: TensorType? = nil
  ) {
    rewrites += 1
    let released = graph[id].inputs
    for input in released { removeReader(id, of: input) }
    for input in inputs { readers[input.index].append(id) }
    graph[id].op = op
    graph[id].inputs = inputs
    graph[id].name = name ?? graph[id].name
    graph[id].type = type ?? graph[id].type
    var seen: Set<SourceRange> = []
    graph[id].sources = (parts + [id]).flatMap { graph[$0].sources }
      .filter { seen.insert($0).inserted }
    for input in released { removeIfUnread(input) }
  }

  /// Makes a node and one of its operands, the last of them, which it alone reads, change places: the
  /// operand does the node's work on other inputs of one type, and the node the operand's on the result
  /// of that. The node's value stays the same.
  mutating func exchange(_ id: NodeID, with operand: NodeID, inputs: [NodeID]) {
    rewrites += 1
    var (first, second) = (graph[operand], graph[id])
    let released = first.inputs + second.inputs
    for input in first.inputs { removeReader(operand, of: input) }
    for input in second.inputs { removeReader(id, of: input) }
    for input in inputs { readers[input.index].append(operand) }
    readers[operand.index] = [id]
    swap(&first.type, &second.type)
    second.type = graph[inputs[0]].type
    first.inputs = [operand]
    second.inputs = inputs
    graph[operand] = second
    graph[id] = first
    for input in released { removeIfUnread(input) }
  }

  /// Makes who reads the node read its first input instead, and removes it.
  ///
  /// - Returns: false, and nothing is done, if that would make an input or an output of the graph
  ///   an output once more.
  mutating func bypass(_ id: NodeID) -> Bool {
    let source = graph[id].inputs[0]
    if isOutput(id), isOutput(source) || graph[source].op == .input { return false }
    rewrites += 1
    for reader in readers[id.index] {
      graph[reader].inputs = graph[reader].inputs.map { $0 == id ? source : $0 }
    }
    if outputs.remove(id) != nil {
      graph.outputs = graph.outputs.map { $0 == id ? source : $0 }
      outputs.insert(source)
    }
    readers[source.index] += readers[id.index]
    readers[id.index] = []
    removeIfUnread(id)
    return true
  }

  /// The graph without the removed nodes, renumbered.
  func finish() -> Graph {
    var result = Graph(name: graph.name)
    var renumbered = graph.nodeIDs
    for id in ids {
      var node = graph[id]
      node.inputs = node.inputs.map { renumbered[$0.index] }
      renumbered[id.index] = NodeID(result.nodes.count)
      result.nodes.append(node)
    }
    result.outputs = graph.outputs.map { renumbered[$0.index] }
    return result
  }

  private mutating func removeReader(_ reader: NodeID, of id: NodeID) {
    guard let place = readers[id.index].firstIndex(of: reader) else { return }
    readers[id.index].remove(at: place)
  }

  private mutating func removeIfUnread(_ first: NodeID) {
    var candidates = [first]
    while let id = candidates.popLast() {
      guard !isRemoved[id.index], readers[id.index].isEmpty, !isOutput(id), graph[id].op != .input
      else { continue }
      isRemoved[id.index] = true
      for input in graph[id].inputs { removeReader(id, of: input) }
      candidates += graph[id].inputs
    }
  }
}

extension Graph {
  /// Runs a rewriting of single nodes over the graph, in topological order.
  ///
  /// - Returns: how many rewrites were made.
  mutating func rewriteEachNode(_ rewrite: (NodeID, inout GraphRewriter) -> Void) -> Int {
    var rewriter = GraphRewriter(self)
    for id in nodeIDs where rewriter.exists(id) { rewrite(id, &rewriter) }
    if rewriter.rewrites > 0 { self = rewriter.finish() }
    return rewriter.rewrites
  }
}
