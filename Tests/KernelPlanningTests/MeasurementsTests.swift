import GraphIR
import MachineModel
import Testing

@testable import KernelPlanning

/// Two equal layers and one of another shape.
private let networkText = """
  graph net {
    %0 = input() : f32[1,64,14,14] "input"
    %1 = conv(%0) weight="a" channels=64 kernel=3x3 pad=1 relu "a"
    %2 = conv(%1) weight="b" channels=64 kernel=3x3 pad=1 relu "b"
    %3 = conv(%2) weight="c" channels=128 kernel=1x1 relu "c"
    return %3
  }
  """

@Suite("Measurements")
struct MeasurementsTests {
  private let graph: Graph
  init() throws { graph = try Graph(parsing: networkText) }

  private func plan(
    _ entries: [(layer: Int, text: String, seconds: Double)], limit: Int = 10_000_000,
    forced: [String] = [], proven: [ProvenPlan] = [], layout: Layout? = nil
  ) throws -> (KernelPlan, LayoutReport) {
    var measurements = LayerMeasurements(plans: proven)
    for (layer, text, seconds) in entries {
      measurements.layers[graph.layerKey(of: NodeID(layer)), default: []].append(
        .init(configuration: try #require(LayerConfiguration(text)), seconds: seconds))
    }
    return try KernelPlanning.plan(
      graph,
      options: PlanningOptions(
        machine: .generic(.avx2), instructionSets: [.avx2, .portable], layout: layout,
        addedWeightLimit: limit,
        forced: forced.compactMap { ForcedConfiguration($0) },
        measurements: ["avx2": measurements]))
  }

  private func method(_ result: (KernelPlan, LayoutReport), _ node: Int) -> String {
    let row = result.1.rows[node]
    return row.candidates[row.choice].method
  }

  @Test("have texts that are read as they are written")
  func texts() {
    for text in [
      "nhwc direct", "nchw:nhwc direct 6x1x16", "nhwc winograd4 6x1x64 blocks=8 split=2x1",
      "blocked something-new 1x1x16 split=1x2",
    ] {
      #expect(LayerConfiguration(text)?.description == text)
    }
    for text in [
      "", "nhwc", "nhwc ", "nhwc direct 6x1", "nhwc direct blocks=0", "nhwc direct split=2",
      "nhwc direct  6x1x16", "nhwc direct blocks=8 6x1x16",
    ] {
      #expect(LayerConfiguration(text) == nil, "\(text)")
    }
  }

  @Test("belong to all layers of one shape, whatever they are called")
  func keys() throws {
    #expect(graph.layerKey(of: NodeID(1)) == graph.layerKey(of: NodeID(1)))
    // The second's result is read by a convolution without padding.
    #expect(graph.layerKey(of: NodeID(1)) != graph.layerKey(of: NodeID(2)))
    #expect(
      graph.layerKey(of: NodeID(1))
        == "conv 3x3 pad 1 relu [1, 64, 14, 14] in 1 -> [1, 64, 14, 14] in 1")
    #expect(
      graph.layerKey(of: NodeID(3)) == "conv 1x1 relu [1, 64, 14, 14] -> [1, 128, 14, 14]")
    var renamed = networkText.replacing("\"a\"", with: "\"x\"")
    renamed = renamed.replacing("graph net", with: "graph other")
    #expect(
      try Graph(parsing: renamed).layerKey(of: NodeID(1)) == graph.layerKey(of: NodeID(1)))
  }

  @Test("overrule the model, and bring their tile")
  func overrule() throws {
    let ways = ["direct": "nhwc direct 2x1x16", "winograd4": "nhwc winograd4 2x1x16 blocks=1"]
    let fast = method(try plan([]), 1) == "direct" ? "winograd4" : "direct"
    let measured = try plan(
      ways.sorted { $0.key < $1.key }.map {
        (1, $0.value, $0.key == fast ? 1e-3 : 1)
      })
    #expect(method(measured, 1) == fast)
    let step = try #require(measured.0.steps.firstIndex { $0.name == "a" })
    #expect(measured.0.variants[0].schedules[step].tiling?.shape == TileShape("2x1x16"))
    #expect(measured.0.steps[step].cost.measuredSeconds == 1e-3)
    #expect(measured.1.rows[1].isMeasured[measured.1.rows[1].choice])
    #expect(measured.1.rows.allSatisfy { $0.node == NodeID(1) || !$0.isMeasured.contains(true) })
  }

  @Test("give way to a plan that proved faster as a whole, in its network and accuracy")
  func proven() throws {
    let entries = [
      (1, "nhwc direct 1x1x16", 3e-9), (1, "nhwc direct 2x1x16", 2e-9),
      (1, "nhwc winograd2 2x1x16 blocks=1", 2e-9), (1, "nhwc winograd4 2x1x16 blocks=1", 1e-9),
    ]
    func tile(_ network: String, _ accuracy: Accuracy) throws -> (String, TileShape?) {
      let proven = ProvenPlan(
        network: network, accuracy: accuracy, threads: 1,
        layers: [graph.layerKey(of: NodeID(1)): ["nhwc direct 1x1x16"]])
      let result = try plan(entries, proven: [proven], layout: .nhwc)
      let step = try #require(result.0.steps.firstIndex { $0.name == "a" })
      return (method(result, 1), result.0.variants[0].schedules[step].tiling?.shape)
    }
    #expect(try tile("net", .standard) == ("direct", TileShape("1x1x16")))
    #expect(try tile("other", .standard) == ("winograd4", TileShape("2x1x16")))
    #expect(try tile("net", .relaxed) == ("winograd4", TileShape("2x1x16")))
  }

  @Test("scale what the model predicts for other layers, and with a doubt for others of the layer")
  func scaling() throws {
    let model = try plan([], forced: ["a=direct:2x1x16"])
    let row = model.1.rows[1]
    let predicted = row.seconds[row.choice]
    let text = "\(row.candidates[row.choice].name) 2x1x16"
    let measured = try plan([(1, text, 3 * predicted)])
    for index in measured.1.rows[3].seconds.indices {
      let ratio = measured.1.rows[3].seconds[index] / model.1.rows[3].seconds[index]
      #expect(abs(ratio - 3) < 1e-9)
    }
    let free = try plan([])
    for (index, candidate) in measured.1.rows[1].candidates.enumerated()
    where candidate.name != row.candidates[row.choice].name {
      let ratio = measured.1.rows[1].seconds[index] / free.1.rows[1].seconds[index]
      #expect(abs(ratio - 3 * LayoutSelection.doubt) < 1e-9)
    }
  }

  @Test("give way to what is forced, and do not break the limit of memory")
  func limits() throws {
    let entries = [
      (1, "nhwc winograd4 2x1x16 blocks=1", 1e-9), (1, "nhwc direct 2x1x16", 1e-9),
    ]
    #expect(method(try plan(entries, forced: ["a=direct"]), 1) == "direct")
    #expect(method(try plan(entries, limit: 0), 1) == "direct")
    #expect(method(try plan(entries, limit: 1000), 1) == "direct")
    let tiled = try plan(entries, forced: ["a=direct:3x1x16"])
    let step = try #require(tiled.0.steps.firstIndex { $0.name == "a" })
    #expect(tiled.0.variants[0].schedules[step].tiling?.shape == TileShape("3x1x16"))
  }

  @Test("with tiles or candidates that this machine does not have are passed over")
  func foreign() throws {
    let model = try plan([])
    let same = try plan([(1, "nhwc direct 31x1x16", 1e-9), (1, "nhwc magic 1x1x16", 1e-9)])
    #expect(same.0 == model.0)
  }

  @Test("of one instruction set leave the tiles of another to the model")
  func variants() throws {
    let measured = try plan(
      [(1, "nhwc direct 2x1x16", 1e-9)], forced: ["a=direct"])
    let direct = try plan([], forced: ["a=direct"])
    let step = try #require(measured.0.steps.firstIndex { $0.name == "a" })
    #expect(measured.0.variants[1].schedules[step] == direct.0.variants[1].schedules[step])
  }

  @Test("are worth taking of the most promising candidates first, of each layer once")
  func tunable() throws {
    let options = PlanningOptions(machine: .generic(.avx2), instructionSets: [.avx2], threads: 2)
    let layers = try tunableLayers(graph, options: options)
    #expect(layers.map(\.nodes) == [["a"], ["b"], ["c"]])
    for layer in layers {
      #expect(layer.options.map(\.predicted) == layer.options.map(\.predicted).sorted())
      #expect(Set(layer.options.map(\.configuration)).count == layer.options.count)
      #expect(layer.options.allSatisfy { $0.configuration.schedule.split?.threads == 2 })
    }
    // Kernels are transformed in registers only where there are enough of them.
    let algorithms: Set = ["direct", "winograd2", "winograd4"]
    #expect(Set(layers[0].options.map(\.method)) == algorithms)
    #expect(Set(layers[2].options.map(\.method)) == ["direct"])
    let wide = PlanningOptions(machine: .generic(.avx512), instructionSets: [.avx512], threads: 2)
    #expect(
      Set(try tunableLayers(graph, options: wide)[0].options.map(\.method))
        == algorithms.union(["winograd4-lean"]))
    let both = try Graph(parsing: networkText.replacing("kernel=1x1", with: "kernel=3x3 pad=1"))
    #expect(try tunableLayers(both, options: options).map(\.nodes) == [["a", "b"], ["c"]])
  }

  @Test("are not worth taking of layers that are forced, though others of their shape are")
  func forced() throws {
    let equal = try Graph(parsing: networkText.replacing("kernel=1x1", with: "kernel=3x3 pad=1"))
    var options = PlanningOptions(machine: .generic(.avx2), instructionSets: [.avx2])
    let methods = { (layers: [TunableLayer]) in Set(layers[0].options.map(\.method)) }
    let free = try tunableLayers(equal, options: options)
    for node in ["a", "b"] {
      options.forced = [try #require(ForcedConfiguration("\(node)=direct"))]
      let layers = try tunableLayers(equal, options: options)
      #expect(layers.map(\.nodes) == [[node == "a" ? "b" : "a"], ["c"]])
      #expect(methods(layers) == methods(free))
    }
    options.forced = [try #require(ForcedConfiguration("*=direct"))]
    #expect(try tunableLayers(equal, options: options).isEmpty)
  }

  @Test("are written down as the plan has it")
  func measurable() throws {
    var options = PlanningOptions(machine: .generic(.avx2), instructionSets: [.avx2], threads: 2)
    let layer = try tunableLayers(graph, options: options)[0]
    let wanted = try #require(layer.options.last { $0.method == "winograd4" })
    options.forced = [
      ForcedConfiguration(
        pattern: "a", method: wanted.method, schedule: wanted.configuration.schedule,
        candidate: wanted.configuration.candidate)
    ]
    let (plan, report) = try KernelPlanning.plan(graph, options: options)
    let steps = measurableSteps(graph, plan, report, variant: plan.variants[0], threads: 2)
    let step = try #require(steps.first { $0.layer == layer.key })
    #expect(step.configuration == wanted.configuration)
    #expect(plan.steps[step.step].name == "a")
  }

  @Test("that are asked for are found again, for every candidate of every kind of layer")
  func found() throws {
    let graph = try Graph(
      parsing: """
        graph net {
          %0 = input() : f32[1,3,32,32] "input"
          %1 = conv(%0) weight="a" channels=64 kernel=7x7 stride=2x2 pad=3 relu
            max_pool=(pad=1 stride=2x2 kernel=3x3) "stem"
          %2 = conv(%1) weight="b" channels=64 kernel=3x3 stride=2x2 pad=1 relu "strided"
          %3 = conv(%2) weight="c" channels=64 kernel=3x3 pad=1 relu groups=4 "grouped"
          %4 = conv(%3) weight="d" channels=64 kernel=1x1 relu "pointwise"
          %5 = linear(%4) weight="e" features=10 pooled "fc"
          return %5
        }
        """)
    var options = PlanningOptions(
      machine: .generic(.avx2), instructionSets: [.avx2], accuracy: .relaxed, threads: 2)
    for layer in try tunableLayers(graph, options: options) {
      // The first of each method, whose plan must then be told by the same words.
      for method in Set(layer.options.map(\.method)).sorted() {
        let option = try #require(layer.options.first { $0.method == method })
        options.forced = [
          ForcedConfiguration(
            pattern: layer.nodes[0], method: option.method,
            schedule: option.configuration.schedule, candidate: option.configuration.candidate)
        ]
        options.measurements = [
          "avx2": LayerMeasurements(
            layers: [layer.key: [.init(configuration: option.configuration, seconds: 1e-6)]])
        ]
        let (plan, report) = try KernelPlanning.plan(graph, options: options)
        let steps = measurableSteps(graph, plan, report, variant: plan.variants[0], threads: 2)
        let step = try #require(steps.first { $0.layer == layer.key })
        #expect(step.configuration == option.configuration)
        #expect(plan.steps[step.step].cost.measuredSeconds == 1e-6, "\(option)")
      }
    }
  }
}
