import GraphIR
import Testing

@testable import GraphPasses

@Suite("fold-batch-norm")
struct FoldBatchNormTests {
  @Test("takes every norm in a row, with the ReLU of the last, and keeps the convolution's name")
  func chain() throws {
    try expect(
      FoldBatchNorm(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a.weight" bias="a.bias" channels=4 kernel=3x3 pad=1 "a"
        %2 = batch_norm(%1) norm=bn("bn1") "bn1"
        %3 = batch_norm(%2) norm=bn("bn2", eps=0.001) relu "bn2"
        return %3
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a.weight" bias="a.bias" channels=4 kernel=3x3 pad=1 \
        norms=[bn("bn1"), bn("bn2", eps=0.001)] relu "a"
        return %1
        """, rewrites: 2)
  }

  @Test("leaves a convolution that is read elsewhere, or is an output")
  func otherUses() throws {
    try expect(
      FoldBatchNorm(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a.weight" channels=4 kernel=1x1 "a"
        %2 = batch_norm(%1) norm=bn("bn1") "bn1"
        %3 = add(%1, %2) "add"
        return %3
        """)
    try expect(
      FoldBatchNorm(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a.weight" channels=4 kernel=1x1 "a"
        %2 = batch_norm(%1) norm=bn("bn1") "bn1"
        return %2, %1
        """)
  }

  @Test(
    "leaves a convolution with something fused behind it",
    arguments: ["relu", "max_pool=(kernel=2x2)", "residual"])
  func epilogue(attribute: String) throws {
    let inputs = attribute == "residual" ? "%0, %0" : "%0"
    try expect(
      FoldBatchNorm(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(\(inputs)) weight="a.weight" channels=4 kernel=1x1 \(attribute) "a"
        %2 = batch_norm(%1) norm=bn("bn1") "bn1"
        return %2
        """)
  }
}

@Suite("fold-batch-norm-forward")
struct FoldBatchNormForwardTests {
  @Test("takes the norm before an unpadded convolution")
  func folds() throws {
    try expect(
      FoldBatchNormForward(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = batch_norm(%0) norm=bn("bn1", eps=0.01) "bn1"
        %2 = conv(%1, %0) weight="a.weight" channels=4 kernel=1x1 residual relu "a"
        return %2
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0, %0) weight="a.weight" channels=4 kernel=1x1 input_norm=bn("bn1", eps=0.01) \
        residual relu "a"
        return %1
        """, rewrites: 1)
  }

  @Test(
    "leaves what would not be exact",
    arguments: [
      (#"relu "bn""#, #"conv(%1) weight="w" channels=4 kernel=1x1"#, "%2"),
      (#""bn""#, #"conv(%1) weight="w" channels=4 kernel=3x3 pad=1"#, "%2"),
      (#""bn""#, #"conv(%1) weight="w" channels=4 kernel=1x1 input_norm=bn("n")"#, "%2"),
      (#""bn""#, #"conv(%0, %1) weight="w" channels=4 kernel=1x1 residual"#, "%2"),
      (#""bn""#, #"conv(%1, %1) weight="w" channels=4 kernel=1x1 residual"#, "%2"),
      (#""bn""#, #"conv(%1) weight="w" channels=4 kernel=1x1"#, "%2, %1"),
    ])
  func keeps(norm: String, conv: String, outputs: String) throws {
    try expect(
      FoldBatchNormForward(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = batch_norm(%0) norm=bn("bn1") \(norm)
        %2 = \(conv) "a"
        return \(outputs)
        """)
  }
}
