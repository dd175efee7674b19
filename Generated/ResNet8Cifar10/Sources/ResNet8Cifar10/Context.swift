// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import CResNet8Cifar10

/// One caller's place to run a ``Model``: the memory for intermediate results and a number of
/// threads. Making it starts the threads and has the system find the memory, so that the first
/// inference is as fast as later ones. Keep it, and an inference allocates nothing but its result.
///
/// A context serves one inference at a time and is therefore not sendable. Contexts on different
/// threads run at the same time over one model.
public final class Context {
  /// What this context runs.
  public let model: Model
  /// Threads of an inference, the calling one included.
  public let threads: Int

  let workspace: UnsafeMutableRawPointer
  /// Grows to what the largest picture so far needs.
  private var scratch: UnsafeMutableRawBufferPointer?

  /// - Parameters:
  ///   - model: what to run.
  ///   - threads: 1 to ``Model/maximumThreads``. The results do not depend on it.
  /// - Throws: ``ModelError/invalidThreads`` for another number.
  public init(_ model: Model, threads: Int = 1) throws(ModelError) {
    let byteCount = resnet8_cifar10_workspace_bytes(Int32(clamping: threads))
    guard byteCount > 0 else { throw .invalidThreads }
    self.model = model
    self.threads = threads
    workspace = .allocate(byteCount: byteCount, alignment: Int(RESNET8_CIFAR10_WORKSPACE_ALIGNMENT))
    // What could be wrong with its arguments has been checked.
    try ModelError.check(resnet8_cifar10_prepare(model.handle, workspace, Int32(threads)))
  }

  deinit {
    workspace.deallocate()
    scratch?.deallocate()
  }

  /// Runs the network on a tensor.
  ///
  /// - Parameter input: ``Model/inputCount`` values of shape ``Model/inputShape``, row-major,
  ///   preprocessed as the network was trained.
  /// - Returns: ``Model/outputCount`` values of shape ``Model/outputShape``, row-major.
  /// - Throws: ``ModelError/wrongCount(of:expected:found:)`` for another number of values.
  public func predict(_ input: [Float]) throws(ModelError) -> [Float] {
    try Self.require(input.count, of: "input", Model.inputCount)
    return try results { output in
      input.withUnsafeBufferPointer {
        resnet8_cifar10_run(
          model.handle, workspace, $0.baseAddress, output, Int32(threads))
      }
    }
  }

  /// Runs the network from memory to memory, without a copy or an allocation.
  ///
  /// - Parameters:
  ///   - input: ``Model/inputCount`` values.
  ///   - output: receives ``Model/outputCount`` values.
  /// - Throws: ``ModelError/wrongCount(of:expected:found:)`` for another number of values.
  public func predict(
    _ input: UnsafeBufferPointer<Float>,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(ModelError) {
    try Self.require(input.count, of: "input", Model.inputCount)
    try Self.require(output.count, of: "output", Model.outputCount)
    try ModelError.check(
      resnet8_cifar10_run(
        model.handle, workspace, input.baseAddress,
        output.baseAddress,
        Int32(threads)))
  }

  /// Runs the network from memory to memory, without a copy or an allocation.
  ///
  /// - Parameters:
  ///   - input: ``Model/inputCount`` values.
  ///   - output: receives ``Model/outputCount`` values.
  /// - Throws: ``ModelError/wrongCount(of:expected:found:)`` for another number of values.
  public func predict(
    _ input: Span<Float>,
    into output: inout MutableSpan<Float>
  ) throws(ModelError) {
    try Self.require(input.count, of: "input", Model.inputCount)
    try Self.require(output.count, of: "output", Model.outputCount)
    let status = input.withUnsafeBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        resnet8_cifar10_run(
          model.handle, workspace, input.baseAddress,
          output.baseAddress,
          Int32(threads))
      }
    }
    try ModelError.check(status)
  }

  /// Runs the network on a tensor and names what it finds.
  ///
  /// - Parameters:
  ///   - input: as for ``predict(_:)-([Float])``.
  ///   - count: how many classes to return at most.
  /// - Returns: the best classes, best first.
  /// - Throws: ``ModelError/wrongCount(of:expected:found:)`` for another number of values.
  public func classify(_ input: [Float], top count: Int = 5) throws(ModelError)
    -> [Classification]
  {
    Classification.best(count, of: try predict(input))
  }

  static func require(_ found: Int, of name: String, _ expected: Int) throws(ModelError) {
    guard found == expected else {
      throw .wrongCount(of: name, expected: expected, found: found)
    }
  }

  /// New arrays for the outputs, filled by a run of the network.
  func results(
    _ run: (UnsafeMutablePointer<Float>?) -> resnet8_cifar10_status
  ) throws(ModelError) -> [Float] {
    var status = RESNET8_CIFAR10_OK
    let output = [Float](unsafeUninitializedCapacity: Model.outputCount) { buffer, count in
      status = run(buffer.baseAddress)
      count = status == RESNET8_CIFAR10_OK ? Model.outputCount : 0
    }
    try ModelError.check(status)
    return output
  }

  /// Scratch memory of at least this size, kept for the next picture.
  func scratch(byteCount: Int) -> UnsafeMutableRawPointer? {
    if let scratch, scratch.count >= byteCount { return scratch.baseAddress }
    scratch?.deallocate()
    let grown = UnsafeMutableRawBufferPointer.allocate(
      byteCount: byteCount, alignment: Int(RESNET8_CIFAR10_WORKSPACE_ALIGNMENT))
    scratch = grown
    return grown.baseAddress
  }
}

@available(*, unavailable, message: "make one context for each concurrent caller; share the model")
extension Context: Sendable {}
