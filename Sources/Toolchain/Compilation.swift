import Foundation

/// One C file to compile.
public struct CSource: Hashable, Sendable {
  /// A relative path that ends in `.c`; also what the object is called.
  public var name: String
  public var text: String
  /// Flags for this file alone, such as those of its instruction set.
  public var flags: [String]

  public init(name: String, text: String, flags: [String] = []) {
    self.name = name
    self.text = text
    self.flags = flags
  }
}

/// A header that the C files include by its name.
public struct CHeader: Hashable, Sendable {
  /// A relative path.
  public var name: String
  public var text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}

extension CCompiler {
  /// Compiles C files to objects, several at a time.
  ///
  /// The same texts, flags and compiler give the same bytes in any folder: the compiler runs inside
  /// the folder, sees relative paths only, and is told not to record where it ran.
  ///
  /// - Parameters:
  ///   - folder: receives sources, headers and objects. Made if it does not exist.
  ///   - flags: what every file is compiled with, before the file's own flags.
  ///   - jobs: compilers that run at once.
  ///   - progress: called with the number of files compiled so far and of all files.
  /// - Returns: an object for each source, in order.
  /// - Throws: `ToolchainError`; when one file fails, the compilers that still run are stopped.
  public func compile(
    _ sources: [CSource], headers: [CHeader] = [], in folder: URL,
    flags: [String] = CCompiler.openMPFlags,
    jobs: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: (_ compiled: Int, _ all: Int) -> Void = { _, _ in }
  ) throws -> [URL] {
    try makeFolder(folder)
    // The compiler knows its folder by the path with symbolic links resolved.
    let place = folder.resolvingSymlinksInPath()
    for header in headers { try write(header.text, to: place.appendingPathComponent(header.name)) }
    for source in sources { try write(source.text, to: place.appendingPathComponent(source.name)) }

    // The longest is taken first, so that the last to end is a short one. The result does not depend
    // on the order.
    var waiting = sources.sorted {
      ($0.text.utf8.count, $1.name) < ($1.text.utf8.count, $0.name)
    }
    var running: [(source: CSource, process: ChildProcess)] = []
    defer { for (_, process) in running { process.kill() } }
    var compiled = 0
    while compiled < sources.count {
      while running.count < max(jobs, 1), let source = waiting.popLast() {
        let arguments =
          flags + source.flags
          + [
            "-ffile-prefix-map=\(place.path)=.", "-I.", "-c", source.name, "-o",
            objectName(source),
          ]
        running.append((source, try ChildProcess(command + arguments, in: place)))
      }
      var stillRunning: [(source: CSource, process: ChildProcess)] = []
      for (index, (source, process)) in running.enumerated() {
        guard let outcome = process.poll() else {
          stillRunning.append((source, process))
          continue
        }
        guard outcome.succeeded else {
          running = stillRunning + running[(index + 1)...]
          throw ToolchainError.compileFailed(
            source: source.name, compiler: path, diagnostics: outcome.explanation)
        }
        compiled += 1
        progress(compiled, sources.count)
      }
      if stillRunning.count == running.count {
        Thread.sleep(forTimeInterval: ChildProcess.pollInterval)
      }
      running = stillRunning
    }
    return sources.map { folder.appendingPathComponent(objectName($0)) }
  }

  private func objectName(_ source: CSource) -> String {
    (source.name.hasSuffix(".c") ? String(source.name.dropLast(2)) : source.name) + ".o"
  }
}
