import GraphIR
import Testing

@testable import GraphPasses

@Suite("fold-padding")
struct FoldPaddingTests {
  static let exact = [
    (
      "pad(%0) pad=0,1,2,3", #"conv(%2) weight="w" channels=4 kernel=3x3 pad=1"#,
      #"conv(%0) weight="w" channels=4 kernel=3x3 pad=1,2,3,4"#
    ),
    (
      "pad(%0) pad=1", "average_pool(%2) kernel=3x3 stride=2x2",
      "average_pool(%0) kernel=3x3 stride=2x2 pad=1"
    ),
    ("pad(%0) pad=1", "average_pool(%2) kernel=3x3 pad=1", "average_pool(%0) kernel=3x3 pad=2"),
    (
      "pad(%0) pad=1", "average_pool(%2) kernel=3x3 exclude_padding",
      "average_pool(%0) kernel=3x3 pad=1"
    ),
    ("pad(%0) pad=1 value=-inf", "max_pool(%2) kernel=3x3", "max_pool(%0) kernel=3x3 pad=1"),
    ("pad(%1) pad=1", "max_pool(%2) kernel=3x3", "max_pool(%1) kernel=3x3 pad=1"),
    ("pad(%1) pad=1 value=-2", "max_pool(%2) kernel=3x3", "max_pool(%1) kernel=3x3 pad=1"),
    ("pad(%0) pad=1 value=2", "pad(%2) pad=0,1,0,1 value=2", "pad(%0) pad=1,2,1,2 value=2"),
  ]

  static let inexact = [
    ("pad(%0) pad=1 value=1", #"conv(%2) weight="w" channels=4 kernel=3x3"#),
    ("pad(%0) pad=1", #"conv(%2) weight="w" channels=4 kernel=1x1 input_norm=bn("n")"#),
    ("pad(%0) pad=1 value=1", "average_pool(%2) kernel=3x3"),
    ("pad(%0) pad=1", "average_pool(%2) kernel=3x3 pad=1 exclude_padding"),
    ("pad(%0) pad=1", "max_pool(%2) kernel=3x3"),
    ("pad(%1) pad=1 value=1", "max_pool(%2) kernel=3x3"),
    // A window of padding alone has a result before, and would have none after.
    ("pad(%1) pad=3", "max_pool(%2) kernel=3x3"),
    // The last window starts in the padding below the image, where a pool of its own drops it.
    ("pad(%0) pad=0,0,1,1", "average_pool(%2) kernel=3x3 stride=4x4 ceil"),
    ("pad(%0) pad=1", "pad(%2) pad=1 value=1"),
    ("pad(%0) pad=1", "relu(%2)"),
  ]

  @Test("moves padding into its reader where that is exact", arguments: exact)
  func folds(pad: String, reader: String, expected: String) throws {
    try expect(
      FoldPadding(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = relu(%0) "relu"
        %2 = \(pad) "pad"
        %3 = \(reader) "reader"
        return %1, %3
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = relu(%0) "relu"
        %2 = \(expected) "reader"
        return %1, %2
        """, rewrites: 1)
  }

  @Test("leaves padding where moving it would change a result", arguments: inexact)
  func keeps(pad: String, reader: String) throws {
    try expect(
      FoldPadding(),
      keeps: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = relu(%0) "relu"
        %2 = \(pad) "pad"
        %3 = \(reader) "reader"
        return %1, %3
        """)
  }

  @Test("moves padding into one reader and keeps it for another")
  func readers() throws {
    try expect(
      FoldPadding(),
      turns: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = pad(%0) pad=1 "pad"
        %2 = conv(%1) weight="w" channels=4 kernel=3x3 "conv"
        %3 = relu(%1) "relu"
        return %2, %3
        """,
      into: """
        %0 = input() : f32[1,4,8,8] "input"
        %1 = pad(%0) pad=1 "pad"
        %2 = conv(%0) weight="w" channels=4 kernel=3x3 pad=1 "conv"
        %3 = relu(%1) "relu"
        return %2, %3
        """, rewrites: 1)
  }
}
