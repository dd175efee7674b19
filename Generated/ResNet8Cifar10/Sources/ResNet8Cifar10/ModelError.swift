// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
import CResNet8Cifar10

/// Why a model could not be opened or run.
public enum ModelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A pointer is NULL.
  case invalidArgument
  /// There is no readable file; errno says why.
  case cannotOpen(path: String)
  /// The file is not a weights file.
  case notAWeightsFile(path: String)
  /// The file has another version of the format.
  case otherFormatVersion(path: String)
  /// The file belongs to another model or compilation.
  case otherModel(path: String)
  /// The file's size is wrong.
  case truncated(path: String)
  /// The checksum does not match.
  case corrupt(path: String)
  /// There is no memory left.
  case outOfMemory
  /// RESNETC_ISA names no variant.
  case unknownInstructionSet
  /// The processor lacks the instruction set.
  case unsupportedInstructionSet
  /// The number of threads is out of range.
  case invalidThreads
  /// There are no such steps.
  case invalidSteps
  /// Workspace or scratch is misaligned.
  case misaligned
  /// The picture's size, stride or format is invalid.
  case invalidPicture
  /// A tensor or picture list has another number of elements than the network's.
  case wrongCount(of: String, expected: Int, found: Int)
  /// The library answered with a status that this package does not know.
  case unknown(status: Int)

  public var description: String {
    switch self {
    case .invalidArgument:
      "a required pointer is NULL"
    case .cannotOpen(let path):
      "\(path): "
        + "the weights file cannot be opened; check that it exists and may be read"
    case .notAWeightsFile(let path):
      "\(path): "
        + "the file is not a weights file of this compiler; pass ResNet8Cifar10.weights"
    case .otherFormatVersion(let path):
      "\(path): "
        + "the weights file has another format version; compile the model again"
    case .otherModel(let path):
      "\(path): "
        + "the weights file belongs to another model or to another compilation of it; use "
        + "the ResNet8Cifar10.weights written together with this library"
    case .truncated(let path):
      "\(path): "
        + "the weights file is not as long as it should be; copy it again"
    case .corrupt(let path):
      "\(path): "
        + "the weights file is damaged: its checksum does not match; copy it again"
    case .outOfMemory:
      "out of memory"
    case .unknownInstructionSet:
      "RESNETC_ISA names no instruction set of this library; correct it or unset it"
    case .unsupportedInstructionSet:
      "this processor cannot run the instruction set asked for; unset RESNETC_ISA"
    case .invalidThreads:
      "the number of threads must be from 1 to 8"
    case .invalidSteps:
      "the range of steps is outside of the network"
    case .misaligned:
      "workspace and scratch must lie at multiples of 64 bytes"
    case .invalidPicture:
      "the picture is invalid: it needs pixels, a width and a height of at least 1 that "
        + "the network's input can be cut from, a known format, and a row stride of at "
        + "least its row's bytes"
    case .wrongCount(let name, let expected, let found):
      "\(name) needs \(expected) elements, but has \(found)"
    case .unknown(let status):
      "the library failed with the unknown status \(status)"
    }
  }

  init(_ status: resnet8_cifar10_status, path: String = "") {
    self =
      switch status {
      case RESNET8_CIFAR10_ERROR_ARGUMENT: .invalidArgument
      case RESNET8_CIFAR10_ERROR_OPEN: .cannotOpen(path: path)
      case RESNET8_CIFAR10_ERROR_NOT_WEIGHTS: .notAWeightsFile(path: path)
      case RESNET8_CIFAR10_ERROR_FORMAT_VERSION: .otherFormatVersion(path: path)
      case RESNET8_CIFAR10_ERROR_OTHER_MODEL: .otherModel(path: path)
      case RESNET8_CIFAR10_ERROR_TRUNCATED: .truncated(path: path)
      case RESNET8_CIFAR10_ERROR_CORRUPT: .corrupt(path: path)
      case RESNET8_CIFAR10_ERROR_MEMORY: .outOfMemory
      case RESNET8_CIFAR10_ERROR_ISA_UNKNOWN: .unknownInstructionSet
      case RESNET8_CIFAR10_ERROR_ISA_UNSUPPORTED: .unsupportedInstructionSet
      case RESNET8_CIFAR10_ERROR_THREADS: .invalidThreads
      case RESNET8_CIFAR10_ERROR_STEPS: .invalidSteps
      case RESNET8_CIFAR10_ERROR_ALIGNMENT: .misaligned
      case RESNET8_CIFAR10_ERROR_PICTURE: .invalidPicture
      default: .unknown(status: Int(status.rawValue))
      }
  }

  static func check(_ status: resnet8_cifar10_status) throws(ModelError) {
    if status != RESNET8_CIFAR10_OK { throw ModelError(status) }
  }
}
