import GraphIR

/// The order in which a convolution sums over its taps and input channels: nested loops, outermost
/// first, over the input's memory. The packed weights follow the same order, so that the kernel
/// reads them straight through.
///
/// In every layout it is tap by tap, row by row, and within a tap channel by channel, so that a sum
/// has the same bits whatever the layout.
public struct Reduction: Hashable, Sendable {
  /// What a loop runs over.
  public enum Axis: Hashable, Sendable {
    case kernelRow
    case kernelColumn
    /// Blocks of `panelWidth` channels.
    case channelBlock
    case channel
  }

  /// One loop of the reduction.
  public struct Loop: Hashable, Sendable {
    public var axis: Axis
    public var count: Int
    /// Input elements between two iterations.
    public var stride: Int
  }

  /// Outermost first; the last is over channels.
  public var loops: [Loop]

  /// The loops for one panel that reads `channels` consecutive channels of `input`.
  public init(_ conv: Convolution, input: BufferFormat, channels: Int) {
    let row = Loop(
      axis: .kernelRow, count: conv.kernel.height,
      stride: conv.dilation.height * input.rowStride)
    let column = Loop(
      axis: .kernelColumn, count: conv.kernel.width,
      stride: conv.dilation.width * input.pixelStride)
    switch input.layout {
    case .nhwc, .nchw:
      loops = [row, column, Loop(axis: .channel, count: channels, stride: input.channelStride)]
    case .blocked:
      loops = [
        row, column,
        Loop(axis: .channelBlock, count: channels / panelWidth, stride: input.panelStride),
        Loop(axis: .channel, count: panelWidth, stride: 1),
      ]
    }
  }

  /// Loops that every kernel has: as many as a dilated convolution over blocked channels needs.
  public static let kernelLoops = 4

  /// Multiply-adds for one output element.
  public var length: Int { loops.map(\.count).reduce(1, *) }

  /// The loops a kernel runs: single iterations dropped and neighbours that walk on at one stride
  /// merged. Exactly `kernelLoops`, outermost first, filled with single iterations.
  public var merged: [(count: Int, stride: Int)] {
    var result: [(count: Int, stride: Int)] = []
    for loop in loops where loop.count > 1 {
      if let outer = result.last, outer.stride == loop.count * loop.stride {
        result[result.count - 1] = (outer.count * loop.count, loop.stride)
      } else {
        result.append((loop.count, loop.stride))
      }
    }
    while result.count < Self.kernelLoops { result.insert((1, 0), at: 0) }
    return result
  }
}
