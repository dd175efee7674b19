import GraphIR
import Testing

@Suite("Shape inference")
struct ShapeInferenceTests {
  /// The shape that an operation, as text, makes of `%0`.
  private func shape(_ operation: String, of input: String) throws -> Shape {
    try Graph(
      parsing: """
        graph g {
          %0 = input() : f32\(input) "input"
          %1 = \(operation) "result"
          return %1
        }
        """
    ).nodes[1].type.shape
  }

  @Test(
    "finds the shapes that PyTorch finds",
    arguments: [
      (#"conv(%0) weight="w" channels=64 kernel=7x7 stride=2x2 pad=3"#, [2, 64, 112, 112]),
      (#"conv(%0) weight="w" channels=6 kernel=3x1 dilation=2x1 groups=3"#, [2, 6, 220, 224]),
      (#"conv(%0) weight="w" channels=1 kernel=2x2 pad=0,1,1,0 stride=1x3"#, [2, 1, 224, 75]),
      (
        #"conv(%0) weight="w" channels=8 kernel=7x7 stride=2x2 pad=3 "#
          + "max_pool=(kernel=3x3 stride=2x2 pad=1)", [2, 8, 56, 56]
      ),
      ("max_pool(%0) kernel=3x3 stride=2x2", [2, 3, 111, 111]),
      ("max_pool(%0) kernel=3x3 stride=2x2 ceil", [2, 3, 112, 112]),
      // The window that would start in the padding behind the image is dropped.
      ("max_pool(%0) kernel=2x2 stride=2x2 pad=1 ceil", [2, 3, 113, 113]),
      ("average_pool(%0) kernel=224x224", [2, 3, 1, 1]),
      ("global_average_pool(%0)", [2, 3, 1, 1]),
      ("pad_channels(%0) before=1 after=2 stride=3x2", [2, 6, 75, 112]),
      ("pad(%0) pad=1,2,3,4", [2, 3, 228, 230]),
      ("flatten(%0)", [2, 150528]),
      (#"linear(%0) weight="w" features=5 pooled"#, [2, 5]),
      ("softmax(%0)", [2, 3, 224, 224]),
    ])
  func shapes(operation: String, expected: [Int]) throws {
    #expect(try shape(operation, of: "[2,3,224,224]") == Shape(expected))
  }

  @Test(
    "refuses an operation on inputs it cannot take",
    arguments: [
      (#"conv(%0) weight="w" channels=4 kernel=1x1"#, "[2,3]", "conv takes an image"),
      (#"conv(%0) weight="w" channels=4 kernel=1x1 groups=2"#, "[1,3,4,4]", "multiples"),
      (#"conv(%0) weight="w" channels=3 kernel=1x1 groups=0"#, "[1,3,4,4]", "groups"),
      (#"conv(%0) weight="w" channels=4 kernel=3x3 dilation=2x2"#, "[1,3,4,4]", "larger"),
      (#"conv(%0) weight="w" channels=4 kernel=1x1 stride=0x1"#, "[1,3,4,4]", "strides"),
      (#"conv(%0, %0) weight="w" channels=4 kernel=1x1 residual"#, "[1,3,4,4]", "residual"),
      ("max_pool(%0) kernel=2x2 pad=2", "[1,3,4,4]", "padding only"),
      (#"linear(%0) weight="w" features=5"#, "[1,3,4,4]", "flatten it first"),
      (#"linear(%0) weight="w" features=5 pooled"#, "[1,3]", "takes an image"),
      ("add(%0)", "[1,3]", "add takes 2 input(s), not 1"),
      ("pad(%0) pad=-1", "[1,3,4,4]", "0 or more"),
    ])
  func refusals(operation: String, input: String, message: String) throws {
    let error = try #require(throws: GraphTextError.self) { try shape(operation, of: input) }
    #expect(error.message.contains(message), "\(error)")
  }
}
