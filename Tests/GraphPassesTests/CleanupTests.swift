import GraphIR
import Testing

@testable import GraphPasses

@Suite("remove-dead")
struct RemoveDeadCodeTests {
  @Test("drops what reaches no output, and keeps the inputs")
  func drops() throws {
    try expect(
      RemoveDeadCode(),
      turns: """
        %0 = input() : f32[1,4,8,8] "unused"
        %1 = input() : f32[1,4,8,8] "input"
        %2 = relu(%1) "dead"
        %3 = softmax(%1) "live"
        %4 = add(%2, %3) "dead too"
        return %3
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "unused"
        %1 = input() : f32[1,4,8,8] "input"
        %2 = softmax(%1) "live"
        return %2
        """, rewrites: 2)
  }
}

@Suite("simplify")
struct SimplifyTests {
  @Test(
    "drops an operation without effect",
    arguments: [
      "relu(%1)", "pad(%1) pad=0 value=3", "pad_channels(%1) before=0 after=0",
      "max_pool(%1) kernel=1x1", "average_pool(%1) kernel=1x1 ceil",
    ])
  func identities(operation: String) throws {
    try expect(
      Simplify(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = relu(%0) "relu"
        %2 = \(operation) "identity"
        %3 = softmax(%2) "softmax"
        return %2, %3
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = relu(%0) "relu"
        %2 = softmax(%1) "softmax"
        return %1, %2
        """, rewrites: 1)
  }

  @Test("drops the ReLU of anything that cannot be negative")
  func nonNegative() throws {
    try expect(
      Simplify(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = batch_norm(%0) norm=bn("bn") relu "bn"
        %2 = max_pool(%1) kernel=2x2 pad=1 "pool"
        %3 = pad_channels(%2) before=1 after=1 "channels"
        %4 = relu(%3) "relu"
        %5 = softmax(%4) "softmax"
        return %5
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = batch_norm(%0) norm=bn("bn") relu "bn"
        %2 = max_pool(%1) kernel=2x2 pad=1 "pool"
        %3 = pad_channels(%2) before=1 after=1 "channels"
        %4 = softmax(%3) "softmax"
        return %4
        """, rewrites: 1)
  }

  @Test("makes an average pool of the whole image global")
  func globalPool() throws {
    try expect(
      Simplify(),
      turns: """
        %0 = input() : f32[1,4,8,6] "input"
        %1 = average_pool(%0) kernel=8x6 stride=8x6 "pool"
        return %1
        """,
      into: """
        %0 = input() : f32[1,4,8,6] "input"
        %1 = global_average_pool(%0) "pool"
        return %1
        """, rewrites: 1)
  }

  @Test(
    "keeps what has an effect",
    arguments: [
      "relu(%0)", "pad(%0) pad=0,0,0,1", "pad_channels(%0) before=0 after=0 stride=1x2",
      "max_pool(%0) kernel=1x1 stride=2x1", "average_pool(%0) kernel=8x7",
      "average_pool(%0) kernel=9x9 pad=1", "flatten(%0)", "global_average_pool(%0)",
    ])
  func keeps(operation: String) throws {
    try expect(
      Simplify(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = \(operation) "operation"
        return %1
        """)
  }

  @Test("keeps an operation without effect between an input and an output, or two outputs")
  func outputs() throws {
    try expect(
      Simplify(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = pad(%0) pad=0 "pad"
        %2 = relu(%0) "relu1"
        %3 = relu(%2) "relu2"
        return %1, %2, %3
        """)
  }
}
