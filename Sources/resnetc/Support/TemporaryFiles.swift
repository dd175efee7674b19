import Foundation
import ModelFiles
import Synchronization

/// What this process has on the disk that must not outlive it.
///
/// Every temporary folder, the C compiler's too, lies in one folder of this process. It is removed
/// when the process ends and when it is interrupted or asked to stop; so is the unfinished part of an
/// output folder. What a killed process leaves carries its process id: the next process removes its
/// temporary folder, and the next compilation to the same place what there is of an output folder.
enum TemporaryFiles {
  private struct State {
    var folder: String?
    var outputs: [String] = []
  }

  private static let state = Mutex(State())

  /// Makes the folder and sees to interruptions. To be called before anything else.
  static func removeWhenInterrupted() {
    let parent = FileManager.default.temporaryDirectory
    removeLeftovers(in: parent.path)
    var template = Array(
      parent.appendingPathComponent("\(namePrefix)\(getpid())-XXXXXX").path.utf8CString)
    if mkdtemp(&template) != nil {
      let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      setenv("TMPDIR", folder, 1)
      state.withLock { $0.folder = folder }
    }
    Interruption.onSignal { remove() }
  }

  /// What the name of each process's folder begins with, before its id.
  private static let namePrefix = "resnetc-process-"

  /// Removes the folders of this user's processes that were killed.
  private static func removeLeftovers(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where name.hasPrefix(namePrefix) {
      let path = parent + "/" + name
      let id = name.dropFirst(namePrefix.count).prefix { $0 != "-" }
      var status = stat()
      guard let process = pid_t(id), hasEnded(process), lstat(path, &status) == 0,
        status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid()
      else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// Names the folders and files that are being written, for `remove`.
  static func setOutput(_ paths: String...) {
    state.withLock { $0.outputs = paths }
  }

  /// Removes everything that is not finished.
  static func remove() {
    let (folder, outputs) = state.withLock { ($0.folder, $0.outputs) }
    for output in outputs { GeneratedFolder.removeUnfinished(at: output) }
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }
}

/// Signals that ask the process to end.
private enum Interruption {
  /// Where the handler writes the signal's number; a handler may do little else.
  nonisolated(unsafe) private static var pipeEnds: [Int32] = [-1, -1]

  /// Runs `cleanUp` on a thread of its own when a signal comes, and then dies of the signal. One that
  /// the parent has this process ignore, as `nohup` does, stays ignored.
  static func onSignal(_ cleanUp: @escaping @Sendable () -> Void) {
    guard pipe(&pipeEnds) == 0 else { return }
    let (reading, writing) = (pipeEnds[0], pipeEnds[1])
    // The C compiler must not keep them open.
    for end in [reading, writing] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(reading, &number, 1) == -1, errno == EINTR {}
      cleanUp()
      signal(Int32(number), SIG_DFL)
      kill(getpid(), Int32(number))
    }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      sigaddset(&signals, number)
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.pipeEnds[1], &byte, 1)
      }
    }
    // A parent that blocks them for itself hands that on.
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // Functions cannot be compared, but their addresses can.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
