import Foundation

/// A folder that a compilation writes: built whole under a temporary name, then put in place by
/// renaming, so that a stopped compilation never leaves half a folder: what is at the path is the old
/// one, the new one or, for the instant between two renames, none.
///
/// The folder holds a marker file. A folder without it is never replaced unless it is empty, so that
/// a mistyped path cannot cost anyone their files.
public enum GeneratedFolder {
  /// The name of the marker file in a folder that this program wrote.
  public static let markerName = ".resnetc"

  private static let markerText = """
    resnetc wrote this folder and replaces it whole; keep nothing of your own in it.

    """

  /// Writes the folder at `path`, and the folders above it where they are missing.
  ///
  ///     try GeneratedFolder.write(to: "Generated/ResNet50") { temporary in
  ///       try writeAtomically(manifest, to: temporary + "/Package.swift")
  ///     }
  ///
  /// - Parameter build: puts the contents into the empty folder at the path it is given.
  /// - Throws: `WriteError`, or what `build` throws; either way `path` is as it was before, and
  ///   nothing is left of the temporary folder.
  @discardableResult
  public static func write<Result>(
    to path: String, build: (_ temporaryFolder: String) throws -> Result
  ) throws -> Result {
    let target = try resolve(path)
    try checkReplaceable(target, named: path)
    removeLeftovers(of: target)
    let temporary = temporarySibling(of: target)
    guard mkdir(temporary, 0o777) == 0 else {
      throw WriteError.failed(path: path, reason: lastSystemError())
    }
    defer { removeTree(temporary) }
    let result = try build(temporary)
    try writeAtomically(markerText, to: temporary + "/" + markerName)
    // Once more: building takes seconds, in which someone may have put files there.
    try checkReplaceable(target, named: path)
    try swap(temporary, target, named: path)
    return result
  }

  /// The path without trailing slashes and with symbolic links followed, as far as it exists.
  private static func resolve(_ path: String) throws -> String {
    if let resolved = resolvedPath(path) { return resolved }
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let parent = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    } catch {
      throw WriteError.failed(path: path, reason: "the folder \(parent.path) cannot be made")
    }
    var status = stat()
    if lstat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
      throw WriteError.linkToNothing(path: path)
    }
    return url.path
  }

  private static func checkReplaceable(_ target: String, named path: String) throws {
    var status = stat()
    guard stat(target, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw WriteError.notADirectory(path: path) }
    let contents: [String]
    do {
      contents = try FileManager.default.contentsOfDirectory(atPath: target)
    } catch {
      throw WriteError.failed(path: path, reason: "the folder cannot be listed")
    }
    guard contents.isEmpty || contents.contains(markerName) else {
      throw WriteError.foreignFolder(path: path)
    }
  }

  /// Puts the new folder at the target's name and removes what stood there.
  private static func swap(_ temporary: String, _ target: String, named path: String) throws {
    if rename(temporary, target) == 0 { return }  // nothing there, or an empty folder
    guard errno == ENOTEMPTY || errno == EEXIST else {
      throw WriteError.failed(path: path, reason: lastSystemError())
    }
    // Two renames, and back again if the second fails.
    let old = temporarySibling(of: target)
    guard rename(target, old) == 0 else {
      throw WriteError.failed(path: path, reason: lastSystemError())
    }
    guard rename(temporary, target) == 0 else {
      let reason = lastSystemError()
      rename(old, target)
      throw WriteError.failed(path: path, reason: reason)
    }
    removeTree(old)
  }

  /// Removes what killed processes left of earlier attempts to write the same folder.
  private static func removeLeftovers(of target: String) {
    let (folder, name) = splitPath(target)
    let prefix = "." + name + temporaryInfix
    let siblings = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for sibling in siblings where sibling.hasPrefix(prefix) {
      let id = sibling.dropFirst(prefix.count).prefix { $0 != "-" }
      guard let process = pid_t(id), hasEnded(process) else { continue }
      removeTree(folder + sibling)
    }
  }

  /// Removes what this process has of a folder that it is still writing: for the handler of a signal
  /// that ends it.
  public static func removeUnfinished(at path: String) {
    let target = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    let (folder, name) = splitPath(target)
    let prefix = ".\(name)\(temporaryInfix)\(getpid())-"
    let siblings = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for sibling in siblings where sibling.hasPrefix(prefix) { removeTree(folder + sibling) }
  }

  private static func removeTree(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Whether there is no process of that id any more.
public func hasEnded(_ process: pid_t) -> Bool {
  kill(process, 0) != 0 && errno == ESRCH
}
