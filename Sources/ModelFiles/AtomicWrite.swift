import Foundation

/// Why something could not be written.
public enum WriteError: Error, Equatable, CustomStringConvertible {
  case failed(path: String, reason: String)
  /// A directory stands where a file is to be written.
  case isDirectory(path: String)
  /// A device or the like stands where a file is to be written.
  case notARegularFile(path: String)
  /// A file stands where a folder is to be written.
  case notADirectory(path: String)
  /// A symbolic link stands where a folder is to be written, and leads nowhere.
  case linkToNothing(path: String)
  /// The folder holds something that this program did not write.
  case foreignFolder(path: String)

  public var description: String {
    switch self {
    case .failed(let path, let reason): "\(path): cannot be written: \(reason)"
    case .isDirectory(let path): "\(path): this is a directory; name a file to write"
    case .notARegularFile(let path): "\(path): this is no file that could be replaced; name another"
    case .notADirectory(let path): "\(path): this is a file; name a folder to write"
    case .linkToNothing(let path):
      "\(path): this is a symbolic link to nothing; make the folder that it names, or remove it"
    case .foreignFolder(let path):
      "\(path): this folder is not empty and was not written by resnetc; "
        + "name another folder, or empty this one yourself"
    }
  }
}

/// Writes a file so that, whatever happens, the path has either its old content or all of the new:
/// into a temporary file in the same folder, flushed to the disk, then renamed. See the function for
/// pieces.
///
/// - Throws: `WriteError`.
public func writeAtomically(_ bytes: some Sequence<UInt8>, to path: String) throws {
  let contiguous = Array(bytes)
  try contiguous.withUnsafeBytes { try writeAtomically($0, to: path) }
}

/// Writes a text, in UTF-8. See the function for bytes.
///
/// - Throws: `WriteError`.
public func writeAtomically(_ text: String, to path: String) throws {
  try writeAtomically(Array(text.utf8), to: path)
}

/// Writes a file from memory that need not be copied. See the function for sequences.
///
/// - Throws: `WriteError`.
public func writeAtomically(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
  try writeAtomically(to: path) { append in try append(bytes) }
}

/// Writes a file in pieces, for contents too large to have in memory twice, so that, whatever happens,
/// the path has either its old content or all of the new.
///
/// A failure leaves nothing behind. A symbolic link is followed, unless it leads nowhere. A file that
/// is replaced hands on its permissions.
///
/// - Parameter body: is given a function that writes the next bytes.
/// - Throws: `WriteError`, or what `body` throws.
public func writeAtomically(
  to path: String, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
) throws {
  let file = try UnfinishedFile(for: path)
  defer { file.discard() }
  try body(file.append)
  try file.finish()
  try file.takePlace()
}

/// Writes a file and another that belongs to it, in pieces, so that no file is ever found beside one of
/// another writing.
///
/// The companion takes its place first. Where one is there already, the old file is removed before that:
/// for the instant between, there is none.
///
/// - Parameter body: is given two functions that write the next bytes, of the file and of its companion.
/// - Throws: `WriteError`, or what `body` throws.
public func writeAtomically(
  to path: String, companion: String,
  _ body: (
    (UnsafeRawBufferPointer) throws -> Void, (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Void
) throws {
  let file = try UnfinishedFile(for: path)
  defer { file.discard() }
  let other = try UnfinishedFile(for: companion)
  defer { other.discard() }
  try body(file.append, other.append)
  try other.finish()
  try file.finish()
  if other.replaces { try file.removeOld() }
  try other.takePlace()
  try file.takePlace()
}

/// A file that is written under a hidden name beside the one whose place it is to take.
private final class UnfinishedFile {
  /// Whether there is a file already.
  let replaces: Bool
  private let path: String
  private let target: String
  private let temporary: String
  private var descriptor: Int32

  /// - Throws: `WriteError`.
  init(for path: String) throws {
    self.path = path
    target = resolvedPath(path) ?? path
    var status = stat()
    replaces = stat(target, &status) == 0
    if replaces { try checkReplaceable(status, path) }
    temporary = temporarySibling(of: target)
    descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure() }
    if replaces, fchmod(descriptor, status.st_mode & 0o7777) != 0 {
      let error = failure()
      discard()
      throw error
    }
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw failure()
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Sees to it that everything is on the disk.
  func finish() throws {
    guard fsync(descriptor) == 0 else { throw failure() }
    close(descriptor)
    descriptor = -1
  }

  func removeOld() throws {
    guard !replaces || unlink(target) == 0 else { throw failure() }
  }

  func takePlace() throws {
    guard rename(temporary, target) == 0 else { throw failure() }
  }

  /// Removes what has not taken its place.
  func discard() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    unlink(temporary)
  }

  private func failure() -> WriteError { .failed(path: path, reason: lastSystemError()) }
}

/// Finds out whether `writeAtomically` could write a file now; leaves no trace.
///
/// - Throws: `WriteError`.
public func checkWritable(_ path: String) throws {
  let target = resolvedPath(path) ?? path
  var status = stat()
  if stat(target, &status) == 0 { try checkReplaceable(status, path) }
  let temporary = temporarySibling(of: target)
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw WriteError.failed(path: path, reason: lastSystemError()) }
  close(descriptor)
  unlink(temporary)
}

/// Whether a file may take the place of what is there. A device must not be renamed over.
private func checkReplaceable(_ status: stat, _ path: String) throws {
  switch status.st_mode & S_IFMT {
  case S_IFREG: return
  case S_IFDIR: throw WriteError.isDirectory(path: path)
  default: throw WriteError.notARegularFile(path: path)
  }
}

/// The path with all symbolic links followed; nil if there is nothing at it.
func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}

/// A name for something half-made, in the same folder as `path` and hidden. It holds the process
/// id, so that what a killed process left can be told from what a running one is making.
func temporarySibling(of path: String) -> String {
  let (folder, name) = splitPath(path)
  return "\(folder).\(name)\(temporaryInfix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
}

let temporaryInfix = ".resnetc-partial-"

/// The path up to and with its last slash, and what follows that.
func splitPath(_ path: String) -> (folder: String, name: String) {
  let nameStart = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
  return (String(path[..<nameStart]), String(path[nameStart...]))
}
