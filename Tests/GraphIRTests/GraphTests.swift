import GraphIR
import Testing

@Suite("A graph")
struct GraphTests {
  @Test("knows its inputs, and the readers of each value, one for each use")
  func readers() throws {
    let graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,4,8,8] "a"
          %1 = relu(%0) "b"
          %2 = input() : f32[1,4,8,8] "c"
          %3 = add(%1, %1) "d"
          %4 = add(%1, %2) "e"
          return %3
        }
        """)
    #expect(graph.inputs == [NodeID(0), NodeID(2)])
    let readers = graph.readers().map { $0.map(\.index) }
    #expect(readers == [[1], [3, 3, 4], [4], [], []])
  }

  @Test("drops what reaches no output, and keeps the order of the rest")
  func removeUnreachable() throws {
    var graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,4] "a"
          %1 = softmax(%0) "late"
          %2 = relu(%0) "early"
          %3 = relu(%2) "dead"
          %4 = add(%2, %1) "sum"
          return %4
        }
        """)
    #expect(graph.removeUnreachable() == 1)
    #expect(graph.nodes.map(\.name) == ["a", "late", "early", "sum"])
    try graph.verify()
    #expect(graph.removeUnreachable() == 0)
  }

  @Test("is sorted where a node reads a later one")
  func sorting() throws {
    let type = TensorType([1, 4])
    var graph = Graph(
      name: "g",
      nodes: [
        Node(op: .relu, inputs: [NodeID(2)], type: type, name: "last"),
        Node(op: .input, inputs: [], type: type, name: "input"),
        Node(op: .softmax, inputs: [NodeID(1)], type: type, name: "middle"),
      ], outputs: [NodeID(0)])
    #expect(graph.removeUnreachable() == 0)
    #expect(graph.nodes.map(\.name) == ["input", "middle", "last"])
    try graph.verify()
  }

  @Test("lists the parameters it takes, in order, each once")
  func parameters() throws {
    let graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[2,4,8,8] "a"
          %1 = conv(%0) weight="w" bias="b" channels=6 kernel=3x5 groups=2 input_norm=bn("n")
            norms=[bn("m")] "b"
          %2 = conv(%0) weight="w" channels=6 kernel=3x5 groups=2 "c"
          %3 = add(%1, %2) "d"
          %4 = linear(%3) weight="v" features=10 pooled "e"
          %5 = flatten(%3) "f"
          %6 = linear(%5) weight="u" bias="t" features=3 "g"
          return %4, %6
        }
        """)
    #expect(
      graph.parameters().map { "\($0.name) \($0.shape)" } == [
        "n.weight [4]", "n.bias [4]", "n.running_mean [4]", "n.running_var [4]",
        "w [6, 2, 3, 5]", "b [6]",
        "m.weight [6]", "m.bias [6]", "m.running_mean [6]", "m.running_var [6]",
        "v [10, 6]", "u [3, 144]", "t [3]",
      ])
  }
}
