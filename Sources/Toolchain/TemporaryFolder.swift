import Foundation

/// A folder of its own under the system's temporary directory, removed with everything in it when
/// the value goes away.
public final class TemporaryFolder: Sendable {
  public let url: URL

  /// - Throws: `ToolchainError.cannotWrite`.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("resnetc-\(UUID().uuidString)", isDirectory: true)
    try makeFolder(url)
  }

  deinit { try? FileManager.default.removeItem(at: url) }
}

/// Makes a folder and those above it.
func makeFolder(_ url: URL) throws {
  do {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  } catch {
    throw ToolchainError.cannotWrite(path: url.path, reason: error.localizedDescription)
  }
}

/// Writes a file, and makes the folders above it.
func write(_ text: String, to url: URL) throws {
  try makeFolder(url.deletingLastPathComponent())
  do {
    try Data(text.utf8).write(to: url)
  } catch {
    throw ToolchainError.cannotWrite(path: url.path, reason: error.localizedDescription)
  }
}
