import Diagnostics
import Foundation
import ModelFiles
import Synchronization

/// The files beside a model in which exporters put large tensors, each opened once.
///
/// A model names them, and it is a stranger's: only files in its own folder, or below, are opened.
final class OnnxExternalFiles: Sendable {
  private let modelPath: String
  private let files = Mutex<[String: MappedFile]>([:])

  init(modelPath: String) { self.modelPath = modelPath }

  /// The elements that the entries of `external_data` point at.
  ///
  /// - Parameters:
  ///   - entries: `location`, and perhaps `offset` and `length`, in decimal digits.
  ///   - byteCount: how many bytes the tensor needs.
  ///   - tensor: what messages call it.
  /// - Throws: `OnnxFileError.badExternalData`.
  func elements(
    _ entries: [(key: String, value: String)], byteCount: Int, of tensor: String
  ) throws -> OnnxElements {
    func bad(_ reason: String) -> OnnxFileError {
      .badExternalData(path: modelPath, tensor: tensor, reason)
    }
    func number(_ key: String) throws -> Int? {
      guard let text = entries.last(where: { $0.key == key })?.value else { return nil }
      guard let value = Int(text), value >= 0 else {
        throw bad("its \(key) \(quoted(text)) is no number of bytes")
      }
      return value
    }
    guard let location = entries.last(where: { $0.key == "location" })?.value else {
      throw bad("the model does not name the file that they are in")
    }
    let offset = try number("offset") ?? 0
    if let length = try number("length"), length != byteCount {
      throw bad("they take \(byteCount) bytes, and the model says that \(length) are stored")
    }
    guard byteCount > 0 else { return .bytes(Data()) }
    let file = try open(location, bad)
    guard offset <= file.count, byteCount <= file.count - offset else {
      throw bad(
        "they should be the \(byteCount) bytes from byte \(offset) of \(file.path.printable()), "
          + "which has \(file.count); it may be truncated or belong to another model")
    }
    return .mapped(file, offset..<(offset + byteCount))
  }

  private func open(_ location: String, _ bad: (String) -> OnnxFileError) throws -> MappedFile {
    try files.withLock { files in
      if let file = files[location] { return file }
      let components = location.split(separator: "/", omittingEmptySubsequences: false)
      guard !location.isEmpty, !location.hasPrefix("/"), !components.contains(".."),
        !location.utf8.contains(0)
      else {
        throw bad(
          "they should be in \(quoted(location)), and only a file in the model's folder is opened")
      }
      let path = folder(of: modelPath) + location
      guard let target = realPath(path) else {
        throw bad(
          "they should be in \(quoted(location)), and there is no such file beside the model; keep "
            + "both together")
      }
      guard isInFolder(target) else {
        throw bad(
          "\(quoted(location)) is a link that leads out of the model's folder; copy the file there")
      }
      do {
        let file = try MappedFile(path: path)
        files[location] = file
        return file
      } catch let error as FileAccessError {
        throw bad(error.description.printable())
      }
    }
  }

  /// Whether a path without links is below the folder of the model, or of the file that the model's
  /// path is a link to. Hubs' caches link both files from one folder to another.
  private func isInFolder(_ path: String) -> Bool {
    guard let model = realPath(modelPath), let named = realPath(folder(of: modelPath)) else {
      return false
    }
    return path.hasPrefix(named == "/" ? named : named + "/") || path.hasPrefix(folder(of: model))
  }
}

/// What stands before the last component, with its slash; `./` if there is nothing.
private func folder(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
}

private func realPath(_ path: String) -> String? {
  guard let result = realpath(path, nil) else { return nil }
  defer { free(result) }
  return String(cString: result)
}
