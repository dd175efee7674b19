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

  /// Bytes between the start of a workspace and the arena, as the generated library has it.
  private static let arenaOffset = 128

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

  /// What the last run left in the outputs.
  public var results: [Tensor] {
    zip(module.network.runtime.outputs, outputs).map { Tensor($0.shape, Array($1)) }
  }

  /// The contents of a buffer of the plan in NCHW order. Buffers share memory: it holds the tensor
  /// only from the step that writes it to the last that reads it.
  public func contents(of buffer: Buffer) -> Tensor {
    let format = buffer.format
    let arena = (workspace + Self.arenaOffset + buffer.offset).assumingMemoryBound(to: Float.self)
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
}
