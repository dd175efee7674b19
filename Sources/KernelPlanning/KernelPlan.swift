import GraphIR
import MachineModel

/// Everything the emitter needs to know and nothing of the spec's syntax: buffers at fixed offsets
/// in one arena, steps in order, packed weights at fixed offsets in one file, and for each
/// instruction set the tiles and the division of every step among threads.
public struct KernelPlan: Equatable, Sendable {
  public var modelName: String
  public var accuracy: Accuracy
  public var inputs: [BufferFormat]
  public var outputs: [BufferFormat]
  public var buffers: [Buffer]
  public var steps: [Step]
  public var weights: [PackedTensor]
  /// Bytes of all buffers together, sharing memory by lifetime.
  public var arenaBytes: Int
  /// The arena if no two buffers shared memory.
  public var unsharedBytes: Int
  /// The most bytes alive at once: no arena can be smaller.
  public var arenaLowerBound: Int
  /// Bytes each thread needs for itself.
  public var scratchBytes: Int
  public var maxThreads: Int
  /// How many threads the plan was made for.
  public var threads: Int
  /// One plan of tiles and shares for each instruction set in the library, best first.
  public var variants: [Variant]

  /// Bytes of the packed weights.
  public var weightBytes: Int { weights.last.map { $0.offset + $0.byteCount } ?? 0 }
}

/// A place for a tensor in the arena.
public struct Buffer: Equatable, Sendable {
  /// The node whose result it holds.
  public var name: String
  public var format: BufferFormat
  /// Bytes from the start of the arena.
  public var offset: Int
  /// The step that writes it.
  public var firstStep: Int
  /// The last step that reads it.
  public var lastStep: Int
  /// The buffer whose memory it takes over, in place.
  public var inPlaceOf: Int?
}

/// What a step reads or writes.
public enum Operand: Hashable, Sendable {
  case buffer(Int)
  /// A tensor of the caller's, NCHW.
  case input(Int)
  /// A tensor of the caller's, NCHW.
  case output(Int)
  /// A tensor of the weights file, by its index in the plan's weights: a constant, in row-major order.
  case weight(Int)
}

/// One kernel call.
public struct Step: Equatable, Sendable {
  /// The graph node it computes, such as `layer1.0.conv1`.
  public var name: String
  /// The node's index in the lowered graph; nil for conversions.
  public var node: NodeID?
  public var kernel: Kernel
  public var inputs: [Operand]
  public var output: Operand
  /// The buffer that a convolution also writes the sums of its tiles to.
  public var tileSums: Int?
  /// Indices into the plan's weights: matrix, then bias; or scale, then shift.
  public var weights: [Int]
  public var cost: StepCost
}

/// What a step must do at least, and what the model expects.
public struct StepCost: Equatable, Sendable {
  /// Floating-point operations of the direct algorithm, a multiply-add counting as two.
  public var flops: Double
  /// Weight bytes read.
  public var weightBytes: Double
  /// Activation bytes read and written.
  public var activationBytes: Double
  /// Seconds on the plan's threads, by the cost model.
  public var seconds: Double
  /// The seconds that were measured, if they were.
  public var measuredSeconds: Double?
  /// The seconds to expect.
  public var expectedSeconds: Double { measuredSeconds ?? seconds }

  public init(flops: Double, weightBytes: Double, activationBytes: Double, seconds: Double) {
    self.flops = flops
    self.weightBytes = weightBytes
    self.activationBytes = activationBytes
    self.seconds = seconds
  }
}

/// Tiles and shares for one instruction set.
public struct Variant: Equatable, Sendable {
  public var instructionSet: InstructionSet
  /// One a step.
  public var schedules: [Schedule]
}

/// How one step runs on one instruction set.
public struct Schedule: Hashable, Sendable {
  /// The register tile and cache block of a matrix kernel; nil for the others.
  public var tiling: Tiling?
  /// The blocks of a Winograd convolution; nil for the others.
  public var winogradBlocks: WinogradBlocks?
  /// `shares[t − 1]` divides the step among `t` threads.
  public var shares: [[ThreadShares.Share]]
  /// `balance[t − 1]` is mean over maximum of the predicted cost of the `t` shares.
  public var balance: [Double]
}

/// A tensor in the weights file.
public struct PackedTensor: Equatable, Sendable {
  /// What is packed, and of which node.
  public enum Contents: Equatable, Sendable {
    /// Panels of a convolution's or linear layer's matrix: `[panels][reduction][panelWidth]`.
    case panels(NodeID)
    /// The bias, filled with zeros to whole panels.
    case bias(NodeID)
    /// The scale of a batch norm that stands alone, filled with zeros to whole panels.
    case scale(NodeID)
    /// The shift of a batch norm that stands alone, filled with zeros to whole panels.
    case shift(NodeID)
    /// A tensor of the state dict as it is.
    case constant(NodeID)
  }

  public var name: String
  public var contents: Contents
  /// Bytes from the start of the payload; a multiple of 64.
  public var offset: Int
  public var byteCount: Int
  public var format = WeightFormat.float32

  public var elementCount: Int { byteCount / format.byteCount }
}
