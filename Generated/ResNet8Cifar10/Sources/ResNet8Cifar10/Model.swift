// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import CResNet8Cifar10

/// resnet8_cifar10 with its weights, ready to run on this processor.
///
/// Open one model and share it: it never changes, and its weights are mapped into memory once
/// however many contexts run over it. Make a ``Context`` for each caller that may run at the same
/// time.
///
///     let model = try Model(weights: "ResNet8Cifar10.weights")
///     let context = try Context(model)
///     let output = try context.predict(input)
public final class Model: Sendable {
  /// The model's name in the spec it was compiled from.
  public static let name = "resnet8_cifar10"
  /// The input tensor: `[batch, channels, height, width]`, row-major.
  public static let inputShape = [1, 3, 32, 32]
  /// Elements of the input tensor.
  public static let inputCount = 3072
  /// Images in one input.
  public static let batch = 1
  /// The shape of output `output`, row-major.
  public static let outputShape = [1, 10]
  /// Elements of output `output`.
  public static let outputCount = 10
  /// Classes, the entries of a row of output `output`.
  public static let classCount = 10
  /// The most threads that one inference can use.
  public static let maximumThreads = 8
  /// The instruction sets that the library has kernels for, best first.
  public static let instructionSets = ["avx512", "avx2", "portable"]

  /// Opened by `init`, closed by `deinit`, and read only by the C library, which lets any number of
  /// threads do so.
  nonisolated(unsafe) let handle: OpaquePointer

  /// Maps a weights file, checks it, and picks the kernels for this processor.
  ///
  /// The environment variable `RESNETC_ISA` overrides the choice with one of ``instructionSets``.
  ///
  /// - Parameter path: the file `ResNet8Cifar10.weights` that was written with this package.
  /// - Throws: ``ModelError`` if the file cannot be read, is damaged or belongs to another model.
  public init(weights path: String) throws(ModelError) {
    var opened: OpaquePointer?
    let status = resnet8_cifar10_open(path, &opened)
    guard status == RESNET8_CIFAR10_OK, let opened else { throw ModelError(status, path: path) }
    handle = opened
  }

  deinit {
    resnet8_cifar10_close(handle)
  }

  /// The instruction set that runs on this processor.
  public var instructionSet: String {
    String(cString: resnet8_cifar10_isa_name(handle))
  }

  /// The names of the classes.
  public static let labels: [String] = [
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
  ]
}
