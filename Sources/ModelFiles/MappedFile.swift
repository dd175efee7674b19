import Foundation

/// Why a file cannot be read.
public enum FileAccessError: Error, Equatable, CustomStringConvertible {
  case missing(path: String)
  case isDirectory(path: String)
  /// A pipe, a socket or a device, which cannot be mapped into memory.
  case notRegular(path: String)
  case empty(path: String)
  case unreadable(path: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file"
    case .isDirectory(let path): "\(path): this is a directory; name a file"
    case .notRegular(let path): "\(path): this is not a regular file; copy it into one first"
    case .empty(let path): "\(path): the file is empty"
    case .unreadable(let path, let reason): "\(path): the file cannot be read: \(reason)"
    }
  }
}

/// A whole file mapped into memory, read-only, for as long as this object lives.
///
/// Pages are read when they are first touched and belong to the page cache, so a file of weights
/// costs no memory of its own. If another process shortens the file while it is mapped, touching
/// the lost part stops this process; `writeAtomically` replaces files without that danger.
public final class MappedFile: Sendable {
  public let path: String
  public let count: Int
  private let address: UInt

  /// - Throws: `FileAccessError`.
  public init(path: String) throws {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? FileAccessError.missing(path: path)
        : FileAccessError.unreadable(path: path, reason: lastSystemError())
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileAccessError.unreadable(path: path, reason: lastSystemError())
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileAccessError.isDirectory(path: path)
    default: throw FileAccessError.notRegular(path: path)
    }
    let size = Int(status.st_size)
    guard size > 0 else { throw FileAccessError.empty(path: path) }
    let mapping = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let mapping, mapping != MAP_FAILED else {
      throw FileAccessError.unreadable(path: path, reason: lastSystemError())
    }
    self.path = path
    count = size
    address = UInt(bitPattern: mapping)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(bitPattern: address), count)
  }

  /// Calls `body` with the file's bytes, which must not be used after it returns.
  public func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count))
    }
  }
}

/// The reason of the system call that has just failed, in words.
func lastSystemError() -> String {
  String(cString: strerror(errno))
}
