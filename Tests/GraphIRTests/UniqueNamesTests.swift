import GraphIR
import Testing

@Suite("Unique names")
struct UniqueNamesTests {
  @Test("are the wanted ones while these are free, then have the first free number")
  func numbers() {
    var names = UniqueNames()
    let claimed = ["relu", "relu", "relu_3", "relu", "relu", "relu_3", ""].map {
      names.claim($0)
    }
    #expect(claimed == ["relu", "relu_2", "relu_3", "relu_4", "relu_5", "relu_3_2", ""])
  }

  @Test("take no longer where many are alike", .timeLimit(.minutes(1)))
  func time() {
    var names = UniqueNames()
    for _ in 0..<200_000 { _ = names.claim("x") }
    #expect(names.claim("x") == "x_200001")
  }
}
