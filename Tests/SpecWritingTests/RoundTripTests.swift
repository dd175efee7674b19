import GraphIR
import SpecWriting
import Testing

@Suite struct `A written spec elaborates to the network it was written from` {
  @Test(arguments: shippedSpecs)
  func `for every spec that comes with the project`(name: String) throws {
    let model = try shipped(name)
    let written = try roundTrip(model)
    let kept = written.tensorNames.filter { $0.key == $0.value }
    #expect(kept.count == written.tensorNames.count, "the names are good and stay")
  }

  @Test(arguments: shippedSpecs, Names.allCases)
  func `whatever is left of its names`(name: String, names: Names) throws {
    var model = try shipped(name)
    model.labels = []
    model.graph = model.graph.scrambled(names)
    let written = try roundTrip(model)
    #expect(written.text.split(separator: "\n").count < 45)
  }

  @Test(arguments: shippedSpecs, Names.allCases)
  func `and with its norms folded into convolutions`(name: String, names: Names) throws {
    var model = try shipped(name)
    model.labels = []
    model.graph = try model.graph.withoutNorms().scrambled(names)
    let written = try roundTrip(model)
    #expect(written.text.split(separator: "\n").count < 45)
  }

  @Test(arguments: shippedSpecs)
  func `and for another batch`(name: String) throws {
    let written = try writeSpec(try shipped(name))
    let again = try elaborated(written.text, overrides: ["batch": "4"])
    let expected = try shipped(name, overrides: ["batch": "4"])
    #expect(canonical(again.graph) == canonical(expected.graph))
  }
}
