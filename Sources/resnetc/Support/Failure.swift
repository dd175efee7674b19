import ArgumentParser
import CodeGen
import Diagnostics
import GraphIR
import GraphPasses
import Interpreter
import KernelPlanning
import MachineModel
import ModelFiles
import ModuleBuilding
import OnnxExport
import OnnxFiles
import OnnxImport
import Pictures
import SpecWriting
import Toolchain
import Tuning

/// The exit codes of the program.
enum ExitStatus {
  static let ok: Int32 = 0
  /// What the user gave, a spec, weights, pictures or a path, is at fault; or a comparison failed.
  static let input: Int32 = 1
  /// The command line is at fault.
  static let usage: Int32 = 64
  /// The compiler is at fault.
  static let internalError: Int32 = 70
}

/// A spec with errors. The text is complete: a line with a place for each error.
struct SpecRefused: Error {
  var text: String
}

/// A fault in what the user gave that no other module has a word for.
struct InputError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Prints an error that a command threw, and tells the exit code for it.
func reportFailure(_ error: any Error) -> Int32 {
  switch error {
  case let refused as SpecRefused:
    Terminal.writeError(refused.text)
    return ExitStatus.input
  case let code as ExitCode:
    return code.rawValue
  case is ValidationError, is CleanExit:
    return ResNetC.reportParsing(error)
  // What the argument parser throws for `--help` is a type of its own.
  case _ where ResNetC.exitCode(for: error).isSuccess:
    return ResNetC.reportParsing(error)
  default:
    // It may quote what a file holds, such as the name of a tensor.
    let text = "\(error)".printable(keepingLines: true)
    Terminal.writeError("resnetc: \(Terminal.emphasized("error:")) \(text)\n")
    return exitStatus(of: error)
  }
}

/// Who is at fault.
private func exitStatus(of error: any Error) -> Int32 {
  switch error {
  case let error as PassError:
    if case .unknownPass = error { return ExitStatus.usage }
    return ExitStatus.internalError
  case is MachineError:
    return ExitStatus.usage
  case let error as ToolchainError:
    switch error {
    case .noCompiler, .compilerRefused, .cannotStart, .timedOut, .ended, .noArchiver, .cannotWrite:
      return ExitStatus.input
    case .compileFailed, .libraryFailed, .cannotLoad, .missingSymbol:
      return ExitStatus.internalError
    }
  case let error as InterpreterError:
    if case .inconsistentGraph = error { return ExitStatus.internalError }
    return ExitStatus.input
  case let error as SpecWritingError:
    if case .notReproduced = error { return ExitStatus.internalError }
    return ExitStatus.input
  case let error as OnnxExportError:
    if case .elementCount = error { return ExitStatus.internalError }
    return ExitStatus.input
  case let error as PeerError:
    if case .misunderstood = error { return ExitStatus.internalError }
    return ExitStatus.input
  case is InputError, is OutputSelectionError, is FileAccessError, is SafetensorsError,
    is SafetensorsIndexError,
    is ZipError,
    is PickleError, is TorchCheckpointError, is UnusedWeightsKey, is WeightsFolderError,
    is RenameError, is StateDictMismatch, is UnsuitableWeight, is NonFiniteWeight, is NumpyError,
    is WriteError, is PictureError, is PlanningError,
    is OnnxFileError, is OnnxImportError, is ModuleNameError, is NativeModuleError, is TuneLogError,
    is WeightPackingError, is FoldingError, is PixelsViewError:
    return ExitStatus.input
  default:
    return ExitStatus.internalError
  }
}
