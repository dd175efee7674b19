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
}
