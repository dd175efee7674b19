import GraphIR
import Testing

@testable import GraphPasses

@Suite("fuse-scaled-add")
struct FuseScaledAddTests {
  @Test(
    "makes a product with one factor a channel part of the add, whichever operand it is",
    arguments: ["%2, %0", "%0, %2"])
  func fuses(operands: String) throws {
    try expect(
      FuseScaledAdd(),
      turns: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = multiply(%0, %1) "product"
        %3 = add(\(operands)) relu "add"
        return %3
        """,
      into: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = scaled_add(%0, %1, %0) relu "add"
        return %2
        """, rewrites: 1)
  }

  @Test("of two products takes the later")
  func twoProducts() throws {
    try expect(
      FuseScaledAdd(),
      turns: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = multiply(%0, %1) "first"
        %3 = multiply(%0, %1) "second"
        %4 = add(%3, %2) "add"
        return %4
        """,
      into: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = multiply(%0, %1) "first"
        %3 = scaled_add(%0, %1, %2) "add"
        return %3
        """, rewrites: 1)
  }

  @Test("leaves products element by element, and those that are read elsewhere, twice or given out")
  func keeps() throws {
    try expect(
      FuseScaledAdd(),
      keeps: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = multiply(%0, %0) "elements"
        %3 = add(%2, %0) "a"
        %4 = multiply(%3, %1) "twice"
        %5 = add(%4, %4) "b"
        %6 = multiply(%5, %1) "elsewhere"
        %7 = add(%6, %5) "c"
        %8 = relu(%6) "d"
        %9 = multiply(%7, %1) "output"
        %10 = add(%9, %8) "e"
        return %10, %9
        """)
  }
}

@Suite("fuse-scale")
struct FuseScaleTests {
  private func block(_ conv: String, outputs: String = "%3") -> String {
    """
    %0 = input() : f32[2,4,8,8] "input"
    %1 = global_average_pool(%0) "factors"
    %2 = conv(%0) weight="w" channels=4 \(conv) "conv"
    %3 = scaled_add(%2, %1, %0) relu "add"
    return \(outputs)
    """
  }

  @Test("makes a scaled add the epilogue of a 1×1 convolution")
  func fuses() throws {
    try expect(
      FuseScale(), turns: block("kernel=1x1 norms=[bn(\"bn\")]"),
      into: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = global_average_pool(%0) "factors"
        %2 = conv(%0, %0, %1) weight="w" channels=4 kernel=1x1 norms=[bn("bn")] scaled residual relu \
        "conv"
        return %2
        """, rewrites: 1)
  }

  @Test("leaves other convolutions, and what the factors need")
  func keeps() throws {
    try expect(FuseScale(), keeps: block("kernel=3x3 pad=1"))
    try expect(FuseScale(), keeps: block("kernel=1x1 groups=2"))
    try expect(FuseScale(), keeps: block("kernel=1x1 relu"))
    try expect(FuseScale(), keeps: block("kernel=1x1", outputs: "%3, %2"))
    try expect(
      FuseScale(),
      keeps: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=4 kernel=1x1 "conv"
        %2 = global_average_pool(%1) "factors"
        %3 = scaled_add(%1, %2, %0) relu "add"
        return %3
        """)
  }
}

@Suite("pool-before-projection")
struct PoolBeforeProjectionTests {
  @Test("averages before a 1×1 convolution, which another one then includes")
  func exchanges() throws {
    try expect(
      PoolBeforeProjection(),
      turns: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = conv(%0) weight="w" bias="b" channels=16 kernel=1x1 norms=[bn("bn")] "conv"
        %2 = global_average_pool(%1) "means"
        %3 = conv(%2) weight="v" channels=2 kernel=1x1 relu "fc1"
        return %3, %1
        """,
      into: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = conv(%0) weight="w" bias="b" channels=16 kernel=1x1 norms=[bn("bn")] "conv"
        %2 = global_average_pool(%0) "means"
        %3 = conv(%2) weight="v" channels=2 kernel=1x1 \
        projection=(weight="w" bias="b" channels=16 norms=[bn("bn")]) relu "fc1"
        return %3, %1
        """, rewrites: 2)
  }

  @Test(
    "leaves convolutions that are not linear or whose pixels count unequally",
    arguments: [
      "kernel=1x1 relu", "kernel=3x3 pad=1", "kernel=1x1 stride=2x2", "kernel=1x1 groups=2",
      "kernel=1x1 pad=1", "kernel=1x1 max_pool=(kernel=2x2)",
    ])
  func keeps(conv: String) throws {
    try expect(
      PoolBeforeProjection(),
      keeps: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=16 \(conv) "conv"
        %2 = global_average_pool(%1) "means"
        %3 = conv(%2) weight="v" channels=2 kernel=1x1 relu "fc1"
        return %3
        """)
  }

  @Test("leaves means that are read elsewhere, or given out", arguments: ["%3, %2", "%3, %4"])
  func otherReaders(outputs: String) throws {
    try expect(
      PoolBeforeProjection(),
      keeps: """
        %0 = input() : f32[2,4,8,8] "input"
        %1 = conv(%0) weight="w" channels=16 kernel=1x1 "conv"
        %2 = global_average_pool(%1) "means"
        %3 = conv(%2) weight="v" channels=2 kernel=1x1 relu "fc1"
        %4 = relu(%2) "other"
        return \(outputs)
        """)
  }
}

@Suite("A block with squeeze-and-excitation")
struct SqueezeAndExcitationTests {
  @Test("becomes a convolution that scales, with the factors from the means of its input")
  func bottleneck() throws {
    let graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,16,8,8] "input"
          %1 = conv(%0) weight="a" channels=4 kernel=1x1 "conv2"
          %2 = relu(%1) "relu2"
          %3 = conv(%2) weight="w" channels=16 kernel=1x1 "conv3"
          %4 = batch_norm(%3) norm=bn("bn") "bn3"
          %5 = global_average_pool(%4) "means"
          %6 = conv(%5) weight="v1" bias="b1" channels=8 kernel=1x1 "fc1"
          %7 = relu(%6) "relu3"
          %8 = conv(%7) weight="v2" bias="b2" channels=16 kernel=1x1 "fc2"
          %9 = sigmoid(%8) "factors"
          %10 = multiply(%4, %9) "product"
          %11 = conv(%0) weight="d" channels=16 kernel=1x1 "downsample"
          %12 = add(%10, %11) "add"
          %13 = relu(%12) "relu"
          return %13
        }
        """)
    let expected = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,16,8,8] "input"
          %1 = conv(%0) weight="a" channels=4 kernel=1x1 relu "conv2"
          %2 = global_average_pool(%1) "means"
          %3 = conv(%2) weight="v1" bias="b1" channels=8 kernel=1x1 \
        projection=(weight="w" channels=16 norms=[bn("bn")]) relu "fc1"
          %4 = conv(%3) weight="v2" bias="b2" channels=16 kernel=1x1 "fc2"
          %5 = sigmoid(%4) "factors"
          %6 = conv(%0) weight="d" channels=16 kernel=1x1 "downsample"
          %7 = conv(%1, %6, %5) weight="w" channels=16 kernel=1x1 norms=[bn("bn")] scaled residual \
        relu "conv3"
          return %7
        }
        """)
    #expect(try PassManager().run(graph).graph.text() == expected.text())
  }
}
