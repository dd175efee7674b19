import GraphIR
import Testing

@Suite("The verifier")
struct VerifierTests {
  static let valid = """
    graph valid {
      %0 = input() : f32[1,4,8,8] "input"
      %1 = conv(%0) weight="a.weight" channels=4 kernel=3x3 pad=1 "a"
      %2 = conv(%1, %0) weight="b.weight" channels=4 kernel=1x1 input_norm=bn("n") residual "b"
      %3 = batch_norm(%2) norm=bn("n") "c"
      %4 = add(%3, %0) "d"
      %5 = flatten(%4) "e"
      %6 = linear(%5) weight="f.weight" features=10 "f"
      %7 = global_average_pool(%0) "g"
      %8 = conv(%7) weight="h.weight" channels=4 kernel=1x1 \
    projection=(weight="p.weight" channels=9) "h"
      %9 = conv(%0, %8) weight="i.weight" channels=4 kernel=1x1 scaled "i"
      return %6, %9
    }
    """

  @Test("accepts a valid graph")
  func accepts() throws {
    try Graph(parsing: Self.valid).verify()
  }

  struct Fault: CustomTestStringConvertible {
    var rule: String
    var node: Int?
    var breakIt: @Sendable (inout Graph) -> Void

    var testDescription: String { rule }

    init(_ rule: String, at node: Int?, _ breakIt: @escaping @Sendable (inout Graph) -> Void) {
      (self.rule, self.node, self.breakIt) = (rule, node, breakIt)
    }
  }

  static let faults: [Fault] = [
    Fault("topological-order", at: 1) { $0.nodes[1].inputs = [NodeID(2)] },
    Fault("topological-order", at: 3) { $0.nodes[3].inputs = [NodeID(3)] },
    Fault("topological-order", at: 1) { $0.nodes[1].inputs = [NodeID(-1)] },
    Fault("outputs-exist", at: nil) { $0.outputs = [] },
    Fault("outputs-exist", at: nil) { $0.outputs = [NodeID(10)] },
    Fault("arity", at: 4) { $0.nodes[4].inputs = [NodeID(0)] },
    Fault("arity", at: 2) { $0.nodes[2].inputs = [NodeID(0)] },
    Fault("arity", at: 0) { $0.nodes[0].op = .relu },
    Fault("addressable-shape", at: 0) { $0.nodes[0].type.shape = [1, 0, 8, 8] },
    Fault("addressable-shape", at: 0) { $0.nodes[0].type.shape = [.max, 2, 8, 8] },
    Fault("channel-dimension", at: 3) {
      $0.nodes[0].type.shape = [4]
      $0.nodes[3].inputs = [NodeID(0)]
    },
    Fault("same-element-type", at: 4) {
      $0.nodes[3].type.element = .float64
    },
    Fault("residual-shape", at: 2) {
      $0.nodes[1] = Node(
        op: .globalAveragePool, inputs: [NodeID(0)], type: TensorType([1, 4, 1, 1]), name: "g")
      $0.nodes[2].inputs = [NodeID(0), NodeID(1)]
    },
    Fault("inferred-type", at: 3) { $0.nodes[3].type.shape = [1, 4, 9, 8] },
    Fault("inferred-type", at: 6) { $0.nodes[6].inputs = [NodeID(4)] },
    Fault("input-norm-unpadded", at: 2) { graph in
      guard case .convolution(var conv) = graph.nodes[2].op else { return }
      (conv.kernel, conv.padding) = (Extent(3), Padding(1))
      graph.nodes[2].op = .convolution(conv)
    },
    Fault("inferred-type", at: 9) { $0.nodes[9].inputs = [NodeID(0), NodeID(0)] },
    Fault("projection-before-matrix", at: 8) { graph in
      guard case .convolution(var conv) = graph.nodes[8].op else { return }
      (conv.kernel, conv.padding) = (Extent(3), Padding(1))
      graph.nodes[8].op = .convolution(conv)
    },
    Fault("projection-before-matrix", at: 8) { graph in
      guard case .convolution(var conv) = graph.nodes[8].op else { return }
      conv.projection?.channels = 0
      graph.nodes[8].op = .convolution(conv)
    },
    Fault("factors-unpooled", at: 9) { graph in
      guard case .convolution(var conv) = graph.nodes[9].op else { return }
      conv.epilogue.maxPool = Pooling(kernel: Extent(1), stride: Extent(1))
      graph.nodes[9].op = .convolution(conv)
    },
    Fault("finite-constants", at: 8) { graph in
      guard case .convolution(var conv) = graph.nodes[8].op else { return }
      conv.projection?.norms = [Normalization(prefix: "n", epsilon: .nan)]
      graph.nodes[8].op = .convolution(conv)
    },
    Fault("finite-constants", at: 3) {
      $0.nodes[3].op = .batchNorm(BatchNorm(Normalization(prefix: "n", epsilon: -1)))
    },
    Fault("finite-constants", at: 3) {
      $0.nodes[3].op = .pad(SpatialPadding(.zero, value: .nan))
    },
    Fault("unique-names", at: 4) { $0.nodes[4].name = "a" },
    Fault("unique-names", at: 5) { $0.nodes[5].name = "" },
    Fault("one-shape-a-parameter", at: 6) {
      $0.nodes[6].op = .linear(Linear(outputFeatures: 10, weight: "a.weight", bias: nil))
    },
  ]

  @Test("names the broken rule and the node", arguments: faults)
  func refuses(fault: Fault) throws {
    var graph = try Graph(parsing: Self.valid)
    fault.breakIt(&graph)
    let error = try #require(throws: VerificationError.self) { try graph.verify() }
    #expect(error.rule == fault.rule)
    #expect(error.node == fault.node.map(NodeID.init))
    #expect(error.nodeName == fault.node.map { graph.nodes[$0].name })
  }

  @Test("every rule of the table is broken by a fault above")
  func coverage() {
    #expect(Set(Graph.verificationRules.map(\.name)) == Set(Self.faults.map(\.rule)))
  }

  @Test("words its error for a person")
  func wording() throws {
    var graph = try Graph(parsing: Self.valid)
    graph.nodes[4].inputs = [NodeID(0)]
    let error = try #require(throws: VerificationError.self) { try graph.verify() }
    #expect(
      error.description
        == #"the graph breaks the rule 'arity' at %4 "d": add takes 2 inputs and has 1"#)
  }
}
