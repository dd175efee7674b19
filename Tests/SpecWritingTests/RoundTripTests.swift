import GraphIR
import SpecWriting
import Testing

/// One spec of each kind that comes with the project.
private let kinds = [
  "resnet8-cifar10", "cifar_resnet20", "cifar_resnet20_b", "preact_cifar_resnet110", "resnet18",
  "resnet50", "resnext50_32x4d", "resnet26t", "resnet50d", "resnetv2_18d", "resnetv2_50",
  "seresnet34", "resnetrs50", "seresnext26ts",
]

@Suite struct `A written spec elaborates to the network it was written from` {
  @Test(arguments: shippedSpecs)
  func `for every spec that comes with the project`(name: String) throws {
    let model = try shipped(name)
    let written = try roundTrip(model)
    let kept = written.tensorNames.filter { $0.key == $0.value }
    #expect(kept.count == written.tensorNames.count, "the names are good and stay")
  }

  @Test(arguments: kinds, Names.allCases)
  func `whatever is left of its names`(name: String, names: Names) throws {
    var model = try shipped(name)
    model.labels = []
    model.graph = model.graph.scrambled(names)
    let written = try roundTrip(model)
    #expect(written.text.split(separator: "\n").count < 45)
  }

  @Test(arguments: kinds, [Names.nodesOnly, .numbers])
  func `and with its norms folded into convolutions`(name: String, names: Names) throws {
    var model = try shipped(name)
    model.labels = []
    model.graph = try model.graph.withoutNorms().scrambled(names)
    let written = try roundTrip(model)
    #expect(written.text.split(separator: "\n").count < 45)
  }

  @Test(arguments: kinds)
  func `and for another batch`(name: String) throws {
    let written = try writeSpec(try shipped(name))
    let again = try elaborated(written.text, overrides: ["batch": "4"])
    let expected = try shipped(name, overrides: ["batch": "4"])
    #expect(canonical(again.graph) == canonical(expected.graph))
  }
}
