import GraphIR
import Testing

@Suite("Outputs are selected by name")
struct OutputSelectionTests {
  /// input → stem → head, which returns the head's result, a score for each of two classes.
  private func model() throws -> Model {
    var graph = Graph(name: "net")
    let input = graph.appendInput(TensorType([1, 3, 4, 4]))
    let stem = try graph.append(.relu, [input], name: "stem.relu")
    let pool = try graph.append(.globalAveragePool, [stem], name: "pool")
    let flat = try graph.append(.flatten, [pool], name: "flatten")
    let head = try graph.append(
      .linear(Linear(outputFeatures: 2, weight: "fc.weight", bias: "fc.bias")), [flat], name: "fc")
    graph.outputs = [head]
    return Model(
      graph: graph, labels: ["cat", "dog"],
      values: ["stem": stem, "stem.relu": stem, "pool": pool, "flatten": flat, "fc": head])
  }

  @Test("and what they do not need is dropped, its weights too")
  func features() throws {
    var model = try model()
    try model.selectOutputs(["stem"])
    #expect(model.graph.nodes.map(\.name) == ["input", "stem.relu"])
    #expect(model.graph.outputs == [NodeID(1)])
    #expect(model.outputNames == ["stem"])
    #expect(model.values == ["stem": NodeID(1), "stem.relu": NodeID(1)])
    #expect(model.graph.parameters().isEmpty)
    #expect(model.unusedParameters.map(\.name) == ["fc.weight", "fc.bias"])
    // Features are no classes.
    #expect(model.classOutput == nil)
    #expect(model.labels == [])
  }

  @Test("several in their order, with the classes where they come to be")
  func several() throws {
    var model = try model()
    try model.selectOutputs(["flatten", "output", "stem"])
    #expect(model.outputNames == ["flatten", "output", "stem"])
    #expect(model.graph.outputs.map { model.graph[$0].name } == ["flatten", "fc", "stem.relu"])
    #expect(model.classOutput == 1)
    #expect(model.labels == ["cat", "dog"])
    #expect(model.unusedParameters.isEmpty)
  }

  @Test("'output' is all that a model with several outputs returns")
  func ownOutputs() throws {
    var model = try model()
    try model.selectOutputs(["pool", "fc"])
    try model.selectOutputs(["output", "stem"])
    #expect(model.outputNames == ["pool", "fc", "stem"])
    #expect(model.classOutput == 1)
  }

  @Test("and where nobody knows of modules, paths of nodes make them")
  func modules() throws {
    var graph = Graph(name: "net")
    let input = graph.appendInput(TensorType([1, 3, 4, 4]))
    var x = input
    for name in ["relu", "layer1.0.relu", "layer1.1.relu", "layer1.1.relu_1", "layer2"] {
      x = try graph.append(.relu, [x], name: name)
    }
    #expect(
      graph.valuesByNodeName.mapValues(\.index) == [
        "relu": 1, "layer1": 4, "layer1.0": 2, "layer1.0.relu": 2, "layer1.1": 4,
        "layer1.1.relu": 3, "layer1.1.relu_1": 4, "layer2": 5,
      ])
  }

  @Test("and a name that there is not brings the nearest, or those that there are")
  func unknown() throws {
    var model = try model()
    #expect(throws: OutputSelectionError.self) { try model.selectOutputs(["fc", "stme"]) }
    #expect(model == (try self.model()))
    func message(_ names: [String]) -> String {
      do {
        try model.selectOutputs(names)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message(["stme"]) == "'net' has no value called 'stme'; did you mean 'stem'?")
    #expect(
      message(["nowhere"]) == """
        'net' has no value called 'nowhere'; it has fc, flatten, output, pool, stem, and within them \
        values such as 'stem.relu'
        """)
    #expect(message(["fc", "fc"]) == "the output 'fc' is asked for twice")
  }

  @Test("and the classes are those of each image of the input")
  func classesOfEachImage() throws {
    var graph = Graph(name: "net")
    let input = graph.appendInput(TensorType([1, 6]))
    let other = try graph.append(.reshape([2, 3]), [input], name: "reshape")
    let own = try graph.append(.relu, [input], name: "relu")
    graph.outputs = [other]
    #expect(Model(graph: graph).classOutput == nil)
    graph.outputs = [other, own]
    #expect(Model(graph: graph).classOutput == 1)
  }
}
