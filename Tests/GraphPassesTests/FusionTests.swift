import Diagnostics
import GraphIR
import Testing

@testable import GraphPasses

@Suite("fuse-relu and fuse-batch-norm-relu")
struct FuseReLUTests {
  @Test("make a ReLU part of a convolution, an add, a batch norm")
  func fuses() throws {
    let before = """
      %0 = input() : f32[1,4,8,8] "input"
      %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv"
      %2 = relu(%1) "relu1"
      %3 = add(%2, %0) "add"
      %4 = relu(%3) "relu2"
      %5 = batch_norm(%4) norm=bn("bn") "bn"
      %6 = relu(%5) "relu3"
      return %6
      """
    try expect(
      FuseReLU(), turns: before,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=4 kernel=1x1 relu "conv"
        %2 = add(%1, %0) relu "add"
        %3 = batch_norm(%2) norm=bn("bn") "bn"
        %4 = relu(%3) "relu3"
        return %4
        """, rewrites: 2)
    try expect(
      FuseBatchNormReLU(), turns: before,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv"
        %2 = relu(%1) "relu1"
        %3 = add(%2, %0) "add"
        %4 = relu(%3) "relu2"
        %5 = batch_norm(%4) norm=bn("bn") relu "bn"
        return %5
        """, rewrites: 1)
  }

  @Test("leave what is read before its ReLU, or has a pool fused behind it")
  func otherUses() throws {
    try expect(
      FuseReLU(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv"
        %2 = relu(%1) "relu1"
        %3 = add(%1, %2) "add"
        %4 = relu(%3) "relu2"
        %5 = conv(%4) weight="w" channels=4 kernel=1x1 max_pool=(kernel=2x2) "pooled"
        %6 = relu(%5) "relu3"
        return %3, %6
        """)
  }

  @Test("keep the places in the spec of both parts")
  func sources() throws {
    var graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,4,8,8] "input"
          %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv" from "a.spec":10..20
          %2 = relu(%1) "relu" from "a.spec":24..28, "a.spec":10..20
          return %2
        }
        """)
    _ = FuseReLU().run(on: &graph)
    #expect(
      graph.nodes[1].sources == [
        SourceRange(file: "a.spec", lower: 10, upper: 20),
        SourceRange(file: "a.spec", lower: 24, upper: 28),
      ])
  }
}

@Suite("fuse-residual")
struct FuseResidualTests {
  @Test(
    "adds the shortcut in the convolution, whichever operand it is",
    arguments: ["%1, %0", "%0, %1"])
  func identity(operands: String) throws {
    try expect(
      FuseResidual(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=4 kernel=3x3 pad=1 norms=[bn("bn")] "conv"
        %2 = add(\(operands)) relu "add"
        return %2
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0, %0) weight="w" channels=4 kernel=3x3 pad=1 norms=[bn("bn")] residual relu "conv"
        return %1
        """, rewrites: 1)
  }

  @Test("of a projection block, the main branch's last convolution adds, and stands last")
  func projection() throws {
    try expect(
      FuseResidual(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a" channels=4 kernel=1x1 relu "main.0"
        %2 = conv(%1) weight="b" channels=8 kernel=1x1 "main.1"
        %3 = conv(%0) weight="c" channels=8 kernel=1x1 "shortcut"
        %4 = add(%2, %3) "add"
        return %4
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a" channels=4 kernel=1x1 relu "main.0"
        %2 = conv(%0) weight="c" channels=8 kernel=1x1 "shortcut"
        %3 = conv(%1, %2) weight="b" channels=8 kernel=1x1 residual "main.1"
        return %3
        """, rewrites: 1)
  }

  @Test("a sum that was fused is the residual of the next block")
  func blocks() throws {
    try expect(
      FuseResidual(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a" channels=4 kernel=1x1 "a"
        %2 = add(%1, %0) "add1"
        %3 = conv(%2) weight="b" channels=4 kernel=1x1 "b"
        %4 = add(%3, %2) "add2"
        return %4
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0, %0) weight="a" channels=4 kernel=1x1 residual "a"
        %2 = conv(%1, %1) weight="b" channels=4 kernel=1x1 residual "b"
        return %2
        """, rewrites: 2)
  }

  @Test("leaves an add whose convolution is used elsewhere, twice, or has an epilogue")
  func keeps() throws {
    try expect(
      FuseResidual(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = conv(%0) weight="a" channels=4 kernel=1x1 "a"
        %2 = add(%1, %1) "twice"
        %3 = conv(%2) weight="b" channels=4 kernel=1x1 relu "b"
        %4 = add(%3, %2) "relu"
        %5 = conv(%4) weight="c" channels=4 kernel=1x1 "c"
        %6 = add(%5, %4) "output"
        return %6, %5
        """)
  }
}

@Suite("fuse-stem-pool")
struct FuseStemPoolTests {
  private func stem(_ attributes: String, _ pool: String) -> String {
    """
    %0 = input() : f32[1,3,224,224] "input"
    %1 = conv(%0) weight="w" channels=64 kernel=7x7 stride=2x2 pad=3 \(attributes) "conv"
    %2 = max_pool(%1) \(pool) "pool"
    return %2
    """
  }

  @Test(
    "fuses the pool of an ImageNet stem",
    arguments: [
      ("relu", "kernel=3x3 stride=2x2 pad=1"), ("relu", "kernel=3x3 stride=2x2 ceil"),
      ("", "kernel=2x2 stride=2x2"),
    ])
  func fuses(attributes: String, pool: String) throws {
    try expect(
      FuseStemPool(), turns: stem(attributes, pool),
      into: """
        %0 = input() : f32[1,3,224,224] "input"
        %1 = conv(%0) weight="w" channels=64 kernel=7x7 stride=2x2 pad=3 \(attributes) \
        max_pool=(\(pool)) "conv"
        return %1
        """, rewrites: 1)
  }

  @Test("leaves a pool that zero padding could win, or a convolution that adds or pools already")
  func inexact() throws {
    try expect(FuseStemPool(), keeps: stem("", "kernel=3x3 stride=2x2 pad=1"))
    try expect(FuseStemPool(), keeps: stem("", "kernel=3x3 stride=2x2 ceil"))
    try expect(FuseStemPool(), keeps: stem("max_pool=(kernel=2x2)", "kernel=2x2"))
  }

  @Test("leaves a result that a core's second-level cache holds")
  func small() throws {
    let text = """
      %0 = input() : f32[1,3,32,32] "input"
      %1 = conv(%0) weight="w" channels=64 kernel=3x3 pad=1 relu "conv"
      %2 = max_pool(%1) kernel=2x2 stride=2x2 "pool"
      return %2
      """
    // 64 × 32 × 32 float32 are 262144 bytes.
    try expect(FuseStemPool(), keeps: text)
    try expect(FuseStemPool(minimumByteCount: 262_145), keeps: text)
    var graph = try Graph(parsing: "graph g { \(text) }")
    #expect(FuseStemPool(minimumByteCount: 262_144).run(on: &graph) == 1)
  }
}

@Suite("fuse-global-pool-linear")
struct FuseGlobalPoolLinearTests {
  @Test("makes the head one node")
  func fuses() throws {
    try expect(
      FuseGlobalPoolLinear(),
      turns: """
        %0 = input() : f32[2,64,7,7] "input"
        %1 = global_average_pool(%0) "pool"
        %2 = flatten(%1) "flatten"
        %3 = linear(%2) weight="w" bias="b" features=10 "fc"
        return %3
        """,
      into: """
        %0 = input() : f32[2,64,7,7] "input"
        %1 = linear(%0) weight="w" bias="b" features=10 pooled "fc"
        return %1
        """, rewrites: 1)
  }

  @Test("leaves features that are an output too", arguments: ["%1", "%2"])
  func embedding(output: String) throws {
    try expect(
      FuseGlobalPoolLinear(),
      keeps: """
        %0 = input() : f32[2,64,7,7] "input"
        %1 = global_average_pool(%0) "pool"
        %2 = flatten(%1) "flatten"
        %3 = linear(%2) weight="w" features=10 "fc"
        return %3, \(output)
        """)
  }
}
