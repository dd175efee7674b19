import GraphIR
import MachineModel

/// Everything that the parts of a generated module around its kernels are made from: the C entry
/// points, the header, the Swift API, the package manifest and the weights file's header.
public struct RuntimeDescription: Sendable {
  /// The names of the module and of its C functions.
  public var names: ModuleNames
  /// Of the caller's array; of images mostly `[batch, channels, height, width]`.
  public var inputShape: Shape
  /// The same of the images that step 0 leaves: `[batch, channels, height, width]` even where the
  /// caller's array has its channels last.
  public var imageShape: Shape
  /// At least one.
  public var outputs: [Output]
  /// The output that `classify` ranks; nil leaves classes out of the module.
  public var classOutput: Int?
  /// The names of the classes of that output; empty if the spec names none.
  public var labels: [String]
  /// The variants in the library, best first. The last one has to run on every processor of the
  /// architecture.
  public var instructionSets: [InstructionSet]
  /// Steps of an inference. Step 0 converts the caller's array into `inputBuffer`.
  public var stepCount: Int
  /// All activation buffers together.
  public var arenaBytes: Int
  /// The team's barrier, at the start of a workspace: the arena follows it.
  public static let barrierBytes = 128
  /// What each thread has for itself, such as Winograd tiles; may be 0.
  public var scratchBytesPerThread: Int
  /// The most threads the thread plan knows.
  public var maxThreads: Int
  /// 32 bytes as 64 hexadecimal digits, equal for a module and the weights packed for it and
  /// different for anything that orders its weights otherwise.
  public var fingerprint: String
  /// The packed weights' size, without header and checksum.
  public var weightsPayloadBytes: Int
  public var inputBuffer: InputBuffer
  /// How pictures become the input; `nil` leaves out the functions that take pixels.
  public var preprocessing: Preprocessing?
  /// Lines for the top of every generated file: what made it, from what. No times, no paths.
  public var banner: [String]
  /// What the linker calls the OpenMP runtime, such as `omp5`; `nil` if it needs none.
  public var openMPLibrary: String?
  /// The triple the library is compiled for, such as `x86_64-unknown-linux-gnu`.
  public var targetTriple: String

  /// A result of the network, as callers see it: dense, row-major.
  public struct Output: Hashable, Sendable {
    /// The spec's name for it. Of several outputs each has its own.
    public var name: String
    /// `[batch, classes]` or `[batch, channels, height, width]`.
    public var shape: Shape
    /// Whether each row is a probability distribution already, made by a softmax in the network.
    public var isProbability: Bool

    public init(name: String, shape: Shape, isProbability: Bool = false) {
      self.name = name
      self.shape = shape
      self.isProbability = isProbability
    }
  }

  /// Where in the arena step 1 expects the input, so that a picture is converted straight to its
  /// place. The buffer may have a border of zeros. Offsets and strides count float32 elements.
  public struct InputBuffer: Hashable, Sendable {
    /// Of the whole buffer, border included, from the start of the arena.
    public var offset: Int
    /// The whole buffer, border and all images included.
    public var byteCount: Int
    /// Of channel 0 of pixel (0, 0) of image 0, from the start of the arena.
    public var originOffset: Int
    public var imageStride: Int
    public var channelStride: Int
    public var rowStride: Int
    public var pixelStride: Int

    public init(
      offset: Int, byteCount: Int, originOffset: Int, imageStride: Int, channelStride: Int,
      rowStride: Int, pixelStride: Int
    ) {
      self.offset = offset
      self.byteCount = byteCount
      self.originOffset = originOffset
      self.imageStride = imageStride
      self.channelStride = channelStride
      self.rowStride = rowStride
      self.pixelStride = pixelStride
    }
  }

  public init(
    names: ModuleNames, inputShape: Shape, imageShape: Shape? = nil, outputs: [Output],
    classOutput: Int?, labels: [String],
    instructionSets: [InstructionSet], stepCount: Int, arenaBytes: Int,
    scratchBytesPerThread: Int, maxThreads: Int, fingerprint: String, weightsPayloadBytes: Int,
    inputBuffer: InputBuffer, preprocessing: Preprocessing?, banner: [String],
    openMPLibrary: String?, targetTriple: String
  ) {
    self.names = names
    self.inputShape = inputShape
    self.imageShape = imageShape ?? inputShape
    self.outputs = outputs
    self.classOutput = classOutput
    self.labels = labels
    self.instructionSets = instructionSets
    self.stepCount = stepCount
    self.arenaBytes = arenaBytes
    self.scratchBytesPerThread = scratchBytesPerThread
    self.maxThreads = maxThreads
    self.fingerprint = fingerprint
    self.weightsPayloadBytes = weightsPayloadBytes
    self.inputBuffer = inputBuffer
    self.preprocessing = preprocessing
    self.banner = banner
    self.openMPLibrary = openMPLibrary
    self.targetTriple = targetTriple
  }
}

extension RuntimeDescription {
  /// The C parameter that receives an output: `output` if there is one, else `output_NAME`.
  ///
  /// - Parameter index: of the output in `outputs`.
  public func outputParameter(_ index: Int) -> String {
    outputs.count == 1
      ? "output" : "output_" + ModuleNames.cIdentifier(for: outputs[index].name)
  }

  /// The C parameters of all outputs, as in `float *output`, with a comma between them.
  public var outputParameters: String {
    outputs.indices.map { "float *" + outputParameter($0) }.joined(separator: ", ")
  }
}
