import Diagnostics
import Testing

@Suite("The nearest name")
struct NearestNameTests {
  @Test(
    "is the one with the fewest letters to change",
    arguments: [
      ("strid", "stride"), ("kernle", "kernel"), ("PAD", "pad"), ("paddings", nil), ("x", nil),
      ("relo", "relu"), ("", nil), ("krnl", "kernel"), ("ernel", "kernel"),
    ])
  func nearest(name: String, expected: String?) {
    #expect(nearestName(to: name, in: ["kernel", "stride", "pad", "relu", "channels"]) == expected)
  }

  @Test("is the first of equally near ones")
  func ties() {
    #expect(nearestName(to: "bn", in: ["bna", "bnb"]) == "bna")
    #expect(nearestName(to: "bn", in: []) == nil)
  }
}
