import Foundation

/// A file that is written in pieces, for contents too large to have in memory twice.
///
/// It belongs in a folder that appears whole, such as that of `GeneratedFolder`: the file itself is
/// visible while it grows.
public struct StreamedFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Makes the file, or empties one that exists.
  ///
  /// - Throws: `WriteError.failed`.
  public init(path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw WriteError.failed(path: path, reason: lastSystemError())
    }
  }

  deinit { close(descriptor) }

  /// Writes the next bytes.
  ///
  /// - Throws: `WriteError.failed`, for example when the disk is full.
  public func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw WriteError.failed(path: path, reason: lastSystemError())
      }
      rest = rest.dropFirst(written)
    }
  }
}
