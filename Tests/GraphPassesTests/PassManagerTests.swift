import GraphIR
import Testing

@testable import GraphPasses

/// A pass that does what a test says.
private struct StubPass: Pass {
  var name: String
  let summary = "a stub"
  var body: @Sendable (inout Graph) throws -> Int = { _ in 0 }

  func run(on graph: inout Graph) throws -> Int { try body(&graph) }
}

@Suite("The pass manager")
struct PassManagerTests {
  private let graph: Graph

  init() throws {
    graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,4,8,8] "input"
          %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv"
          %2 = batch_norm(%1) norm=bn("bn") "bn"
          %3 = relu(%2) "relu"
          return %3
        }
        """)
  }

  @Test("reports name, rewrites and seconds of every pass, in order")
  func reports() throws {
    let result = try PassManager().run(graph)
    #expect(result.reports.map(\.name) == standardPipeline.passNames)
    let rewrites = result.reports.filter { $0.rewrites > 0 }.map { "\($0.name) \($0.rewrites)" }
    #expect(rewrites == ["fold-batch-norm 1", "fuse-relu 1"])
    #expect(result.reports.allSatisfy { $0.seconds >= 0 && $0.text == nil })
    #expect(result.graph.nodes.map(\.name) == ["input", "conv"])
  }

  @Test("leaves out disabled passes")
  func disabled() throws {
    let options = PassOptions(disabled: ["fold-batch-norm"])
    let result = try PassManager().run(graph, options: options)
    #expect(!result.reports.map(\.name).contains("fold-batch-norm"))
    #expect(result.graph.nodes.map(\.name) == ["input", "conv", "bn"])
  }

  @Test("keeps the text after a pass, and hands on each report at once")
  func printAfter() throws {
    var seen: [PassReport] = []
    let options = PassOptions(printAfter: ["fold-batch-norm", "fuse-relu"])
    let result = try PassManager().run(graph, options: options) { seen.append($0) }
    #expect(seen == result.reports)
    let texts = seen.filter { $0.text != nil }
    #expect(texts.map(\.name) == ["fold-batch-norm", "fuse-relu"])
    #expect(texts.last?.text == result.graph.text())
    #expect(texts.first?.text?.contains(#""relu""#) == true)
  }

  @Test("leaves the graph as it is without all passes")
  func allDisabled() throws {
    let result = try PassManager().run(
      graph, options: PassOptions(disabled: ["all"], printAfter: ["fuse-relu"]))
    #expect(result.graph == graph)
    #expect(result.reports.isEmpty)
  }

  @Test("refuses the name of no pass, with the near one and all of them", arguments: [true, false])
  func unknownPass(isDisabling: Bool) throws {
    let names: Set = ["fuse-rellu"]
    let options =
      isDisabling ? PassOptions(disabled: names) : PassOptions(printAfter: names)
    let error = try #require(throws: PassError.self) {
      try PassManager().run(graph, options: options)
    }
    let list = standardPipeline.passNames.joined(separator: ", ")
    #expect(
      "\(error)" == "there is no pass 'fuse-rellu'; did you mean 'fuse-relu'? (passes: \(list))")
  }

  @Test("refuses a graph that is not valid")
  func invalidInput() throws {
    var broken = graph
    broken.outputs = []
    let error = try #require(throws: PassError.self) { try PassManager().run(broken) }
    guard case .invalidInput(let cause) = error else {
      Issue.record("unexpected: \(error)")
      return
    }
    #expect(cause.rule == "outputs-exist")
  }

  @Test("names the pass that leaves an invalid graph")
  func brokenPass() throws {
    let pipeline = Pipeline(passes: [
      StubPass(name: "good"),
      StubPass(name: "bad") { graph in
        graph.nodes[3].name = "conv"
        return 1
      },
    ])
    var seen: [String] = []
    let error = try #require(throws: PassError.self) {
      try PassManager(pipeline: pipeline).run(graph) { seen.append($0.name) }
    }
    #expect(
      "\(error)" == """
        internal error in the pass 'bad': the graph breaks the rule 'unique-names' at %3 "conv": \
        an earlier node has the same name; --disable-pass=bad leaves it out
        """)
    #expect(seen == ["good"])
  }

  @Test("names the pass that throws")
  func throwingPass() throws {
    let pipeline = Pipeline(passes: [
      StubPass(name: "bad") { _ in throw ShapeError("no such shape") }
    ])
    #expect(throws: PassError.failed(pass: "bad", message: "no such shape")) {
      try PassManager(pipeline: pipeline).run(graph)
    }
  }
}

@Suite("The pipeline")
struct PipelineTests {
  @Test("keeps its own constraints")
  func standard() throws {
    try standardPipeline.check()
  }

  @Test("every pass has a name and a summary for the command line")
  func summaries() {
    for pass in standardPipeline.passes {
      #expect(pass.name.allSatisfy { $0.isLowercase || $0 == "-" })
      #expect(!pass.summary.isEmpty && pass.summary.count < 80)
    }
  }

  @Test("is refused if it breaks a constraint", arguments: standardPipeline.constraints)
  func order(constraint: OrderConstraint) throws {
    var pipeline = standardPipeline
    pipeline.passes.reverse()
    pipeline.constraints = [constraint]
    #expect(
      throws: PassError.brokenPipeline(
        "\(constraint.earlier) must run before \(constraint.later): \(constraint.reason)")
    ) { try pipeline.check() }
  }

  @Test("is refused if a name stands twice, or a constraint speaks of no pass")
  func names() {
    let twice = Pipeline(passes: [StubPass(name: "a"), StubPass(name: "a")])
    #expect(throws: PassError.brokenPipeline("two passes have the name a")) { try twice.check() }
    let missing = Pipeline(
      passes: [StubPass(name: "a")], constraints: [OrderConstraint("a", before: "b", because: "")])
    #expect(throws: PassError.self) { try missing.check() }
  }
}
