import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A shared library loaded into this process.
///
/// It stays loaded to the end of the process: an OpenMP library keeps threads that would run on in
/// code that is gone.
public struct DynamicLibrary: @unchecked Sendable {
  public let url: URL
  private let handle: UnsafeMutableRawPointer

  /// - Throws: `ToolchainError.cannotLoad`.
  public init(_ url: URL) throws {
    self.url = url
    guard let handle = dlopen(url.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
      throw ToolchainError.cannotLoad(library: url.path, reason: reason)
    }
    self.handle = handle
  }

  /// The address of a symbol.
  ///
  /// - Throws: `ToolchainError.missingSymbol`.
  public func address(of symbol: String) throws -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, symbol) else {
      throw ToolchainError.missingSymbol(symbol, library: url.path)
    }
    return address
  }

  /// A function of the library.
  ///
  /// - Parameter type: a C function type, `(@convention(c) (Int32) -> Int32).self`. That it is the
  ///   function's own is for the caller to see to: C symbols do not tell.
  /// - Throws: `ToolchainError.missingSymbol`.
  public func function<Function>(_ symbol: String, as type: Function.Type) throws
    -> Function
  {
    unsafeBitCast(try address(of: symbol), to: type)
  }
}
