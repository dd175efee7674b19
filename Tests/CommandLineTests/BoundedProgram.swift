import Foundation

/// What a run of the program may take.
struct ProgramBounds {
  /// Memory of its own, in MB: what it allocates and writes to, and not what it maps of files. A run
  /// that wants more is ended by a signal.
  var megabytes: Int
  /// Seconds that it computes for; how long it waits for the processor does not count.
  var seconds = 30
}

/// Runs `resnetc` within bounds that the operating system keeps.
///
/// Peak resident memory would tell how much it was, but a child's includes that of the process that
/// starts it, and tests run beside others; a limit holds for the one program alone.
func resnetc(_ arguments: [String], within bounds: ProgramBounds) throws -> Outcome {
  let script = """
    ulimit -d \(bounds.megabytes * 1024) && ulimit -t \(bounds.seconds) && exec "$0" "$@"
    """
  return try RunningProgram("/bin/sh", ["-c", script, resnetcPath] + arguments).wait()
}
