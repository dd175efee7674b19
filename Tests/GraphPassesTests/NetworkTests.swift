import GraphIR
import Testing

@testable import GraphPasses

/// Networks of the family in small, before and after all passes.
@Suite("The whole pipeline")
struct NetworkTests {
  private func expect(
    _ before: String, becomes after: String, at location: SourceLocation = #_sourceLocation
  ) throws {
    let graph = try Graph(parsing: "graph g {\n\(before)\n}")
    let expected = try Graph(parsing: "graph g {\n\(after)\n}")
    let result = try PassManager().run(graph).graph
    #expect(result.text() == expected.text(), sourceLocation: location)
  }

  @Test("of an ImageNet ResNet only convolutions and the head are left")
  func projectionBlock() throws {
    try expect(
      """
      %0 = input() : f32[1,3,112,112] "input"
      %1 = conv(%0) weight="conv1.weight" channels=64 kernel=7x7 stride=2x2 pad=3 "conv1"
      %2 = batch_norm(%1) norm=bn("bn1") "bn1"
      %3 = relu(%2) "relu"
      %4 = max_pool(%3) kernel=3x3 stride=2x2 pad=1 "maxpool"
      %5 = conv(%4) weight="l.conv1.weight" channels=64 kernel=1x1 "l.conv1"
      %6 = batch_norm(%5) norm=bn("l.bn1") "l.bn1"
      %7 = relu(%6) "l.relu1"
      %8 = conv(%7) weight="l.conv2.weight" channels=256 kernel=1x1 "l.conv2"
      %9 = batch_norm(%8) norm=bn("l.bn2") "l.bn2"
      %10 = conv(%4) weight="l.downsample.0.weight" channels=256 kernel=1x1 "l.downsample.0"
      %11 = batch_norm(%10) norm=bn("l.downsample.1") "l.downsample.1"
      %12 = add(%9, %11) "l.add"
      %13 = relu(%12) "l.relu2"
      %14 = global_average_pool(%13) "avgpool"
      %15 = flatten(%14) "flatten"
      %16 = linear(%15) weight="fc.weight" bias="fc.bias" features=1000 "fc"
      return %16
      """,
      becomes: """
        %0 = input() : f32[1,3,112,112] "input"
        %1 = conv(%0) weight="conv1.weight" channels=64 kernel=7x7 stride=2x2 pad=3 \
        norms=[bn("bn1")] relu max_pool=(kernel=3x3 stride=2x2 pad=1) "conv1"
        %2 = conv(%1) weight="l.conv1.weight" channels=64 kernel=1x1 norms=[bn("l.bn1")] relu \
        "l.conv1"
        %3 = conv(%1) weight="l.downsample.0.weight" channels=256 kernel=1x1 \
        norms=[bn("l.downsample.1")] "l.downsample.0"
        %4 = conv(%2, %3) weight="l.conv2.weight" channels=256 kernel=1x1 norms=[bn("l.bn2")] \
        residual relu "l.conv2"
        %5 = linear(%4) weight="fc.weight" bias="fc.bias" features=1000 pooled "fc"
        return %5
        """)
  }

  @Test("of a CIFAR ResNet the option A shortcut stays, as a residual")
  func optionA() throws {
    try expect(
      """
      %0 = input() : f32[1,16,8,8] "input"
      %1 = pad(%0) pad=1 "pad"
      %2 = conv(%1) weight="a.weight" channels=32 kernel=3x3 stride=2x2 "a"
      %3 = batch_norm(%2) norm=bn("bn") "bn"
      %4 = pad_channels(%0) before=8 after=8 stride=2x2 "shortcut"
      %5 = add(%3, %4) "add"
      %6 = relu(%5) "relu"
      %7 = average_pool(%6) kernel=4x4 stride=4x4 "pool"
      %8 = flatten(%7) "flatten"
      %9 = linear(%8) weight="fc.weight" features=10 "fc"
      return %9
      """,
      becomes: """
        %0 = input() : f32[1,16,8,8] "input"
        %1 = pad_channels(%0) before=8 after=8 stride=2x2 "shortcut"
        %2 = conv(%0, %1) weight="a.weight" channels=32 kernel=3x3 stride=2x2 pad=1 \
        norms=[bn("bn")] residual relu "a"
        %3 = linear(%2) weight="fc.weight" features=10 pooled "fc"
        return %3
        """)
  }

  @Test("of a pre-activation ResNet only the norms of sums stay, each with its ReLU")
  func preActivation() throws {
    try expect(
      """
      %0 = input() : f32[1,16,8,8] "input"
      %1 = batch_norm(%0) norm=bn("a.bn1") "a.bn1"
      %2 = relu(%1) "a.relu1"
      %3 = conv(%2) weight="a.conv1.weight" channels=32 kernel=3x3 pad=1 "a.conv1"
      %4 = batch_norm(%3) norm=bn("a.bn2") "a.bn2"
      %5 = relu(%4) "a.relu2"
      %6 = conv(%5) weight="a.conv2.weight" channels=32 kernel=3x3 pad=1 "a.conv2"
      %7 = conv(%2) weight="a.shortcut.weight" channels=32 kernel=1x1 "a.shortcut"
      %8 = add(%6, %7) "a.add"
      %9 = batch_norm(%8) norm=bn("b.bn1") "b.bn1"
      %10 = relu(%9) "b.relu1"
      %11 = conv(%10) weight="b.conv1.weight" channels=32 kernel=3x3 pad=1 "b.conv1"
      %12 = add(%11, %8) "b.add"
      %13 = batch_norm(%12) norm=bn("bn") "bn"
      %14 = relu(%13) "relu"
      %15 = global_average_pool(%14) "pool"
      %16 = flatten(%15) "flatten"
      %17 = linear(%16) weight="fc.weight" features=10 "fc"
      return %17
      """,
      becomes: """
        %0 = input() : f32[1,16,8,8] "input"
        %1 = batch_norm(%0) norm=bn("a.bn1") relu "a.bn1"
        %2 = conv(%1) weight="a.conv1.weight" channels=32 kernel=3x3 pad=1 norms=[bn("a.bn2")] \
        relu "a.conv1"
        %3 = conv(%1) weight="a.shortcut.weight" channels=32 kernel=1x1 "a.shortcut"
        %4 = conv(%2, %3) weight="a.conv2.weight" channels=32 kernel=3x3 pad=1 residual "a.conv2"
        %5 = batch_norm(%4) norm=bn("b.bn1") relu "b.bn1"
        %6 = conv(%5, %4) weight="b.conv1.weight" channels=32 kernel=3x3 pad=1 residual "b.conv1"
        %7 = batch_norm(%6) norm=bn("bn") relu "bn"
        %8 = linear(%7) weight="fc.weight" features=10 pooled "fc"
        return %8
        """)
  }
}
