import CodeGen
import Foundation
import GraphIR
import ResNetCompiler
import Toolchain

/// A generated library loaded into this process, with its weights open.
public final class NativeModule: Sendable {
  public let network: CompiledNetwork
  private let folder: TemporaryFolder
  let functions: Functions

  /// The name of the instruction set that the library chose.
  public let instructionSetName: String

  init(
    _ network: CompiledNetwork, library: URL, weights: String, folder: TemporaryFolder
  ) throws {
    self.network = network
    self.folder = folder
    functions = try Functions(
      DynamicLibrary(library), prefix: network.runtime.names.cPrefix, weights: weights,
      pixels: network.runtime.preprocessing != nil)
    instructionSetName = functions.instructionSetName
  }

  /// Memory for inferences on up to `threads` threads.
  ///
  /// - Throws: `NativeModuleError.status` if the library's thread plan does not go so far.
  public func makeContext(threads: Int) throws -> NativeContext {
    try NativeContext(self, threads: threads)
  }
}

/// Why a loaded library did not do as asked.
public enum NativeModuleError: Error, Equatable, CustomStringConvertible {
  /// The library's own words.
  case status(String)
  /// The number of threads is not one the library was compiled for.
  case threads(Int, maximum: Int)
  /// The spec does not say how a picture becomes an input.
  case noPreprocessing
  /// A batch takes as many pictures as it has images.
  case pictureCount(Int, batch: Int)

  public var description: String {
    switch self {
    case .status(let text): text
    case .threads(let count, let maximum):
      "\(count) threads are out of range; this network was compiled for 1 to \(maximum)"
    case .noPreprocessing:
      "the spec has no 'preprocess', so pictures cannot be used; add one, or pass a tensor "
        + "('resnetc import' makes a spec of an ONNX file)"
    case .pictureCount(let count, let batch):
      "\(count) picture(s) given to a network with batch \(batch)"
    }
  }
}

/// The C functions of a library, and the model it opened.
struct Functions: @unchecked Sendable {
  typealias Open =
    @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  typealias Close = @convention(c) (OpaquePointer?) -> Void
  typealias StatusText = @convention(c) (Int32) -> UnsafePointer<CChar>
  typealias Name = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>
  typealias WorkspaceBytes = @convention(c) (Int32) -> Int
  typealias RunSteps =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer, UnsafePointer<Float>?,
      UnsafePointer<UnsafeMutablePointer<Float>>, Int32, Int32, Int32
    ) -> Int32
  typealias RunPixels =
    @convention(c) (
      OpaquePointer?, UnsafeMutableRawPointer, UnsafeRawPointer, UnsafeMutableRawPointer,
      UnsafePointer<UnsafeMutablePointer<Float>>, Int32
    ) -> Int32
  typealias ScratchBytes = @convention(c) (Int32, Int32) -> Int

  private let library: DynamicLibrary
  private let close: Close
  private let statusText: StatusText
  let model: OpaquePointer?
  let workspaceBytes: WorkspaceBytes
  let runSteps: RunSteps
  let pictureScratchBytes: ScratchBytes?
  let runPixels: RunPixels?
  let instructionSetName: String

  init(_ library: DynamicLibrary, prefix: String, weights: String, pixels: Bool) throws {
    self.library = library
    func function<F>(_ name: String, _ type: F.Type) throws -> F {
      try library.function("\(prefix)_\(name)", as: type)
    }
    close = try function("close", Close.self)
    statusText = try function("status_text", StatusText.self)
    workspaceBytes = try function("workspace_bytes", WorkspaceBytes.self)
    runSteps = try function("run_steps_to", RunSteps.self)
    pictureScratchBytes =
      pixels ? try function("picture_scratch_bytes", ScratchBytes.self) : nil
    runPixels = pixels ? try function("run_pixels_to", RunPixels.self) : nil
    var model: OpaquePointer?
    let status = try function("open", Open.self)(weights, &model)
    guard status == 0 else {
      throw NativeModuleError.status(String(cString: statusText(status)))
    }
    self.model = model
    instructionSetName = String(
      cString: try function("isa_name", Name.self)(model))
  }

  func check(_ status: Int32) throws {
    guard status == 0 else {
      throw NativeModuleError.status(String(cString: statusText(status)))
    }
  }
}
