import GraphIR
import Interpreter
import Testing

@Suite("The interpreter")
struct GraphInterpreterTests {
  /// relu(x) + x, and x itself: two outputs, one of them an input.
  private func example() throws -> Graph {
    var graph = Graph(name: "example")
    let x = graph.appendInput(TensorType([1, 2]))
    let positive = try graph.append(.relu, [x], name: "relu")
    let sum = try graph.append(.add(Add()), [positive, x], name: "sum")
    graph.outputs = [sum, x]
    return graph
  }

  @Test("returns every output in order, and reports each node with its result")
  func outputs() throws {
    let interpreter = GraphInterpreter(try example(), parameters: [:] as Parameters)
    let x = Tensor([1, 2], [1, -1])
    var seen: [Int] = []
    let outputs = try interpreter.run([x]) { id, result, seconds in
      seen.append(id.index)
      #expect(result.shape == [1, 2])
      #expect(seconds >= 0)
    }
    #expect(seen == [0, 1, 2])
    #expect(outputs == [Tensor([1, 2], [2, -1]), x])
    #expect(try interpreter.allResults([x])[1] == Tensor([1, 2], [1, 0]))
  }

  @Test("stops when the observer throws")
  func observer() throws {
    struct Stop: Error {}
    let interpreter = GraphInterpreter(try example(), parameters: [:] as Parameters)
    #expect(throws: Stop.self) {
      _ = try interpreter.run([Tensor([1, 2])]) { _, _, _ in throw Stop() }
    }
  }

  @Test("refuses inputs of another number or shape than declared")
  func inputs() throws {
    let interpreter = GraphInterpreter(try example(), parameters: [:] as Parameters)
    #expect(throws: InterpreterError.inputCount(expected: 1, given: 0)) {
      try interpreter.run([])
    }
    #expect(throws: InterpreterError.inputShape(name: "input", expected: [1, 2], given: [2, 1])) {
      try interpreter.run([Tensor([2, 1])])
    }
  }

  @Test("refuses a graph whose types do not follow from one another")
  func inconsistentTypes() throws {
    var graph = try example()
    graph.nodes[1].type.shape = [1, 3]
    #expect(
      throws: InterpreterError.inconsistentGraph(
        node: "relu", reason: "its shape should be [1, 2] and is [1, 3]")
    ) {
      try GraphInterpreter(graph, parameters: [:] as Parameters).run([Tensor([1, 2])])
    }
  }

  @Test("refuses a graph that is not in topological order")
  func order() throws {
    var graph = try example()
    graph.nodes[1].inputs = [NodeID(2)]
    #expect(
      throws: InterpreterError.inconsistentGraph(
        node: "relu", reason: "it reads a value that is not computed before it")
    ) {
      try GraphInterpreter(graph, parameters: [:] as Parameters).run([Tensor([1, 2])])
    }
  }

  @Test("passes on what the parameter source throws, and checks what it returns")
  func parameters() throws {
    let conv = Op.convolution(Convolution(outputChannels: 1, kernel: Extent(1), weight: "w"))
    let x = Tensor([1, 1, 1, 1])
    #expect(throws: Parameters.Missing(name: "w")) { try evaluate(conv, x) }
    #expect(
      throws: InterpreterError.parameterCount(name: "w", expected: [1, 1, 1, 1], given: 2)
    ) {
      try evaluate(conv, x, parameters: ["w": [1, 2]])
    }
  }
}
