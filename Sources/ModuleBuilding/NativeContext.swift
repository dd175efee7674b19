import CodeGen
import GraphIR
import KernelPlanning

/// The memory of one inference at a time over a loaded module.
public final class NativeContext {
  public let module: NativeModule
  public let threads: Int
  private let workspace: UnsafeMutableRawPointer
  private let outputs: [UnsafeMutableBufferPointer<Float>]
  private let outputPointers: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  init(_ module: NativeModule, threads: Int) throws {
    let bytes = module.functions.workspaceBytes(Int32(clamping: threads))
    guard bytes > 0 else {
      throw NativeModuleError.threads(threads, maximum: module.network.plan.maxThreads)
    }
    self.module = module
    self.threads = threads
    workspace = .allocate(byteCount: bytes, alignment: 64)
    outputs = module.network.runtime.outputs.map { output in
      let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: output.shape.elementCount)
      buffer.initialize(repeating: 0)
      return buffer
    }
    outputPointers = .allocate(capacity: outputs.count)
    for (index, buffer) in outputs.enumerated() {
      if let base = buffer.baseAddress { (outputPointers + index).initialize(to: base) }
    }
  }

  deinit {
    workspace.deallocate()
    for buffer in outputs { buffer.deallocate() }
    outputPointers.deallocate()
  }

  /// Runs the network on an NCHW tensor.
  ///
  /// - Returns: one tensor for each output.
  /// - Throws: `NativeModuleError.status`.
  public func run(_ input: [Float]) throws -> [Tensor] {
    try run(input, steps: 0..<module.network.plan.steps.count)
    return results
  }

  /// Runs some of the steps, in order over what earlier ones left; see the library's header.
  ///
  /// - Throws: `NativeModuleError.status`.
  public func run(_ input: [Float], steps: Range<Int>) throws {
    let status = input.withUnsafeBufferPointer { input in
      module.functions.runSteps(
        module.functions.model, workspace, input.baseAddress, outputPointers, Int32(threads),
        Int32(steps.lowerBound), Int32(steps.count))
    }
    try module.functions.check(status)
  }

  /// Runs the network on one RGB picture for each image of the batch, converted by the library.
  ///
  /// - Throws: `NativeModuleError.status`, for example for a picture that the spec's preprocessing
  ///   cannot use.
  public func run(_ pictures: [PixelView]) throws -> [Tensor] {
    guard let runPixels = module.functions.runPixels,
      let scratchBytes = module.functions.pictureScratchBytes
    else { throw NativeModuleError.noPreprocessing }
    guard pictures.count == module.network.runtime.inputShape.batch else {
      throw NativeModuleError.pictureCount(
        pictures.count, batch: module.network.runtime.inputShape.batch)
    }
    let bytes = pictures.map { scratchBytes($0.width, $0.height) }.max() ?? 0
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 64), alignment: 64)
    defer { scratch.deallocate() }
    let status = pictures.withUnsafeBytes { pictures in
      guard let base = pictures.baseAddress else { return Int32(0) }
      return runPixels(
        module.functions.model, workspace, base, scratch, outputPointers, Int32(threads))
    }
    try module.functions.check(status)
    return results
  }

  /// What the last run left in the outputs.
  public var results: [Tensor] {
    zip(module.network.runtime.outputs, outputs).map { Tensor($0.shape, Array($1)) }
  }

  /// The contents of a buffer of the plan in NCHW order. Buffers share memory: it holds the tensor
  /// only from the step that writes it to the last that reads it.
  public func contents(of buffer: Buffer) -> Tensor {
    let format = buffer.format
    let arena = memory(of: buffer)
    var elements: [Float] = []
    elements.reserveCapacity(format.batch * format.channels * format.height * format.width)
    for image in 0..<format.batch {
      for channel in 0..<format.channels {
        for row in 0..<format.height {
          for column in 0..<format.width {
            elements.append(
              arena[format.offset(image: image, channel: channel, row: row, column: column)])
          }
        }
      }
    }
    return Tensor([format.batch, format.channels, format.height, format.width], elements)
  }

  /// Puts a tensor, whose elements are in NCHW order, where the plan has a buffer; halo and filling
  /// channels become zero.
  func write(_ tensor: Tensor, to buffer: Buffer) {
    let format = buffer.format
    let arena = memory(of: buffer)
    arena.update(repeating: 0, count: format.elementCount)
    var element = tensor.elements.startIndex
    for image in 0..<format.batch {
      for channel in 0..<format.channels {
        for row in 0..<format.height {
          for column in 0..<format.width {
            arena[format.offset(image: image, channel: channel, row: row, column: column)] =
              tensor.elements[element]
            element += 1
          }
        }
      }
    }
  }

  private func memory(of buffer: Buffer) -> UnsafeMutablePointer<Float> {
    (workspace + RuntimeDescription.barrierBytes + buffer.offset).assumingMemoryBound(
      to: Float.self)
  }
}

/// A picture in memory, laid out as the generated header's `picture`. The pixels have to stay where
/// they are while it is used.
public struct PixelView {
  var pixels: UnsafePointer<UInt8>?
  var width: Int32
  var height: Int32
  var rowStride: Int
  /// The header's number for 3-byte RGB.
  var format: Int32 = 0

  /// - Parameter pixels: 8-bit RGB, rows without gaps.
  public init(rgb pixels: UnsafePointer<UInt8>?, width: Int, height: Int) {
    self.pixels = pixels
    self.width = Int32(clamping: width)
    self.height = Int32(clamping: height)
    rowStride = 3 * width
  }
}
