import GraphIR
import MachineModel
import Testing

@testable import KernelPlanning

@Suite("Forced configurations")
struct ForcedConfigurationTests {
  private static let graph = """
    graph net {
      %0 = input() : f32[1,64,28,28] "input"
      %1 = conv(%0) weight="a" channels=64 kernel=3x3 pad=1 relu "layer1.0.conv1"
      %2 = conv(%1, %0) weight="b" channels=64 kernel=3x3 pad=1 relu residual "layer1.0.conv2"
      %3 = conv(%2) weight="c" channels=128 kernel=1x1 stride=2x2 relu "layer2.0.conv1"
      %4 = relu(%3) "last"
      return %4
    }
    """

  private func forced(_ texts: String...) throws -> KernelPlan {
    try KernelPlanning.plan(
      Graph(parsing: Self.graph),
      options: PlanningOptions(
        machine: .generic(.avx2), instructionSets: [.avx2, .portable], addedWeightLimit: 0,
        forced: try texts.map { try #require(ForcedConfiguration($0)) })
    ).0
  }

  private func error(_ texts: String...) -> String {
    do {
      _ = try KernelPlanning.plan(
        Graph(parsing: Self.graph),
        options: PlanningOptions(
          machine: .generic(.avx2), instructionSets: [.avx2],
          forced: texts.compactMap { ForcedConfiguration($0) }))
      return "none"
    } catch { return "\(error)" }
  }

  @Test(
    "are read from text, and print as they are read",
    arguments: [
      "a=direct", "layer1.*.conv?=winograd4:6x1x64", "a=winograd2:1x1x16:8", "a=winograd2::8",
    ])
  func roundTrip(text: String) throws {
    #expect(try #require(ForcedConfiguration(text)).description == text)
  }

  @Test(
    "are refused if they are not of that form",
    arguments: [
      "", "a", "=direct", "a=", "a=direct:", "a=direct:6x1", "a=direct:0x1x16", "a=direct:6x1x64:",
      "a=direct:6x1x64:0", "a=direct:6x1x64:2:3", "a=direct::",
    ])
  func malformed(text: String) {
    #expect(ForcedConfiguration(text) == nil)
  }

  @Test("take both signs between the numbers of a tile")
  func signs() {
    #expect(ForcedConfiguration("a=direct:6×1×64") == ForcedConfiguration("a=direct:6x1x64"))
  }

  @Test(
    "have patterns with stars and question marks",
    arguments: [
      ("*", "", true), ("layer?.*.conv2", "layer3.11.conv2", true), ("a*b*c", "aXbYbZc", true),
      ("layer?.conv", "layer12.conv", false), ("a*", "b", false), ("a", "ab", false),
    ])
  func patterns(pattern: String, name: String, matches: Bool) {
    #expect(ForcedConfiguration(pattern: pattern, method: "direct").matches(name) == matches)
  }

  @Test("decide algorithm, tile and blocks, each layer for itself, whatever memory may be added")
  func decide() throws {
    let plan = try forced("layer1.*=winograd4:2x1x16:4", "*.conv1=direct:3x2x16")
    let schedules = plan.variants[0].schedules
    let steps = Dictionary(uniqueKeysWithValues: zip(plan.steps.map(\.name), schedules))
    let first = try #require(steps["layer1.0.conv1"])
    let second = try #require(steps["layer1.0.conv2"])
    #expect(first.winogradBlocks == nil)
    #expect(first.tiling?.shape == TileShape(width: 3, height: 2, channels: 16))
    #expect(second.winogradBlocks?.blocks.parts == 4)
    #expect(second.tiling?.shape == TileShape(width: 2, height: 1, channels: 16))
    #expect(
      steps["layer2.0.conv1"]?.tiling?.shape == TileShape(width: 3, height: 2, channels: 16))
  }

  @Test("that do not fit the registers of another variant leave it to the model there")
  func otherVariant() throws {
    let plan = try forced("layer2.0.conv1=direct:5x1x16")
    let index = try #require(plan.steps.firstIndex { $0.name == "layer2.0.conv1" })
    let shapes = plan.variants.map { $0.schedules[index].tiling?.shape }
    #expect(shapes[0] == TileShape(width: 5, height: 1, channels: 16))
    #expect(shapes[1] != shapes[0])
  }

  @Test("that are impossible name the layer and say what it allows")
  func impossible() {
    #expect(
      error("layer*=winograd4")
        == "'layer2.0.conv1' cannot be computed as winograd4; it allows direct")
    #expect(
      error("*conv2=magic").hasSuffix("it allows direct, winograd4, winograd2, winograd4-lean"))
    #expect(
      error("layer2*=winograd4-lean").hasSuffix("as winograd4-lean; it allows direct"))
    #expect(error("*conv2=winograd2::999").hasSuffix("it allows 1 to 196 blocks of tiles"))
    #expect(error("*conv2=direct::2").hasSuffix("it allows no blocks of tiles"))
    #expect(error("*conv2=direct:9x9x16").contains("it allows on avx2 the tiles 1x1x16, 2x1x16"))
    #expect(
      error("*conv2=direct:1x1x24").contains("it allows on avx2 tiles of 16, 32 channels"))
    #expect(
      error("last=direct")
        == "there is no convolution or linear layer called 'last'; "
        + "choose among layer1.0.conv1, layer1.0.conv2, layer2.0.conv1")
  }
}
