import OnnxSchema
import TestSupport
import Testing

/// Graphs whose nodes and values contradict each other.
@Suite struct `A wrong ONNX graph` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func fault(_ graph: Onnx_GraphProto) -> String {
    OnnxFilesTests.fault(onnxModel(graph), in: folder)
      .replacing("its graph is wrong: ", with: "")
  }

  @Test func `reads a value that nothing makes`() {
    #expect(
      fault(onnxGraph([onnxNode("Relu", ["z"], ["y"], name: "act")]))
        == "node \"act\" (Relu) reads the value \"z\", which nothing makes")
  }

  @Test func `has a node before the one whose value it reads`() {
    #expect(
      fault(onnxGraph([onnxNode("Relu", ["z"], ["y"]), onnxNode("Relu", ["x"], ["z"])]))
        == "node 0 (Relu) reads the value \"z\", which node 1 (Relu) makes only later; ONNX wants nodes "
        + "sorted")
  }

  @Test func `has a cycle`() {
    #expect(
      fault(
        onnxGraph([
          onnxNode("Add", ["x", "c"], ["a"]), onnxNode("Relu", ["a"], ["b"]),
          onnxNode("Relu", ["b"], ["c"]), onnxNode("Relu", ["c"], ["y"]),
        ]))
        == "node 0 (Add) and node 2 (Relu), whose value \"c\" it reads, form a cycle")
    #expect(
      fault(onnxGraph([onnxNode("Add", ["x", "y"], ["y"])]))
        == "node 0 (Add) reads the value \"y\", which it makes itself")
  }

  @Test func `makes a value twice`() {
    let relu = onnxNode("Relu", ["x"], ["y"])
    #expect(
      fault(onnxGraph([relu, relu]))
        == "node 0 (Relu) and node 1 (Relu) both make the value \"y\"")
    #expect(
      fault(onnxGraph([onnxNode("Split", ["x"], ["y", "y"])]))
        == "node 0 (Split) makes the value \"y\" twice")
    #expect(
      fault(onnxGraph([onnxNode("Relu", ["x"], ["x"]), relu]))
        == "node 0 (Relu) makes the value \"x\", which is an input or initializer")
    let w = onnxTensor("w", [1], [1])
    #expect(
      fault(onnxGraph(initializers: [w, w], [relu])) == "there are two initializers \"w\"")
    #expect(fault(onnxGraph(inputs: ["x", "x"], [relu])) == "there are two inputs \"x\"")
    #expect(fault(onnxGraph(outputs: ["y", "y"], [relu])) == "it has two outputs \"y\"")
  }

  @Test func `lacks an output, a name or an operation`() {
    let relu = onnxNode("Relu", ["x"], ["y"])
    #expect(fault(onnxGraph(outputs: ["z"], [relu])) == "nothing makes its output \"z\"")
    #expect(fault(onnxGraph(outputs: [""], [relu])) == "nothing makes its output \"\"")
    #expect(fault(onnxGraph(inputs: ["x", ""], [relu])) == "an input has no name")
    #expect(
      fault(onnxGraph(initializers: [onnxTensor("", [1], [1])], [relu]))
        == "an initializer has no name")
    #expect(fault(onnxGraph([onnxNode("", ["x"], ["y"])])) == "node 0 () has no operation")
  }

  @Test func `has an attribute twice`() {
    let attribute = Onnx_AttributeProto.with { ($0.name, $0.type, $0.i) = ("axis", .int, 1) }
    #expect(
      fault(onnxGraph([onnxNode("Softmax", ["x"], ["y"], attributes: [attribute, attribute])]))
        == "node 0 (Softmax) has two attributes \"axis\"")
  }

  @Test func `has inputs of impossible extents`() {
    var graph = onnxGraph([onnxNode("Relu", ["x"], ["y"])])
    graph.input = [onnxValue("x", [1, -2])]
    #expect(fault(graph) == "input \"x\" has a dimension of -2")
    graph.input = [onnxValue("x", [1 << 32, 1 << 32])]
    #expect(fault(graph) == "input \"x\" is too large")
    graph.input = [onnxValue("x", Array(repeating: 1, count: 65))]
    #expect(fault(graph) == "input \"x\" has 65 dimensions")
  }

  @Test func `cannot play with the terminal or fill it`() {
    let name = "\u{1B}[2J\nerror: " + String(repeating: "x", count: 100_000)
    let text = fault(onnxGraph([onnxNode("Relu", [name], ["y"])]))
    #expect(text.hasPrefix("node 0 (Relu) reads the value \"\u{FFFD}[2J\u{FFFD}error: xxx"))
    #expect(text.hasSuffix("xxx…\", which nothing makes"))
    #expect(text.count < 300)
  }
}
