import GraphIR
import Testing

@testable import GraphPasses

@Suite("sink-transposes")
struct SinkTransposesTests {
  static let conv = #"weight="w" channels=4 kernel=1x1"#

  @Test("pairs around a ReLU and a shortcut's sum cancel, as in a residual block of Keras'")
  func residualBlock() throws {
    try expect(
      SinkTransposes(),
      turns: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = transpose(%0) order=[0,3,1,2] "in1"
        %2 = conv(%1) \(Self.conv) "conv1"
        %3 = transpose(%2) order=[0,2,3,1] "out1"
        %4 = relu(%3) "relu1"
        %5 = transpose(%4) order=[0,3,1,2] "in2"
        %6 = conv(%5) \(Self.conv) "conv2"
        %7 = transpose(%6) order=[0,2,3,1] "out2"
        %8 = add(%7, %4) "add"
        %9 = sigmoid(%8) "sigmoid"
        return %9
        """,
      into: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = transpose(%0) order=[0,3,1,2] "in1"
        %2 = conv(%1) \(Self.conv) "conv1"
        %3 = relu(%2) "relu1"
        %4 = conv(%3) \(Self.conv) "conv2"
        %5 = add(%4, %3) "add"
        %6 = sigmoid(%5) "sigmoid"
        %7 = transpose(%6) order=[0,2,3,1] "out2"
        return %7
        """, rewrites: 5)
  }

  @Test("one of another becomes one")
  func composition() throws {
    try expect(
      SinkTransposes(),
      turns: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = transpose(%0) order=[0,3,1,2] "first"
        %2 = transpose(%1) order=[1,0,3,2] "second"
        return %2, %1
        """,
      into: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = transpose(%0) order=[0,3,1,2] "first"
        %2 = transpose(%0) order=[3,0,2,1] "second"
        return %2, %1
        """, rewrites: 1)
  }

  @Test(
    "stays where its place matters or where another wants its value",
    arguments: [
      // Other operands are not transposed, or otherwise.
      "%4 = multiply(%3, %2) \"y\"\nreturn %4", "%4 = add(%3, %1) \"y\"\nreturn %4",
      // Not element by element.
      "%4 = batch_norm(%3) norm=bn(\"bn\") \"y\"\nreturn %4", "%4 = softmax(%3) \"y\"\nreturn %4",
      // Read twice, or a result.
      "%4 = relu(%3) \"y\"\n%5 = softmax(%3) \"z\"\nreturn %4, %5",
      "%4 = relu(%3) \"y\"\nreturn %4, %3",
    ])
  func keeps(rest: String) throws {
    try expect(
      SinkTransposes(),
      keeps: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = input() : f32[1,6,4,8] "x"
        %2 = input() : f32[1,6,1,1] "factors"
        %3 = transpose(%0) order=[0,2,3,1] "transpose"
        \(rest)
        """)
  }

  @Test("channels that come first already stay so: the input's transposition is its conversion's")
  func staysAtInput() throws {
    try expect(
      SinkTransposes(),
      keeps: """
        %0 = input() : f32[1,8,6,4] "input"
        %1 = transpose(%0) order=[0,3,1,2] "transpose"
        %2 = relu(%1) "relu"
        return %2
        """)
  }
}
