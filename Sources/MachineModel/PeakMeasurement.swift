import CPeak
import Dispatch

/// Measures the float32 multiply-add rate that `threads` threads reach together, in GFLOP/s, with
/// all operands in registers: the ceiling for any kernel of a direct algorithm.
///
/// The best of many runs of about 1 ms: what disturbs a run can only slow it down, and a short run is
/// often left alone.
///
/// - Throws: `MachineError.notSupportedHere`.
public func measureFMAPeak(
  _ instructionSet: InstructionSet, threads: Int = 1, runs: Int = 150
) throws -> Double {
  guard instructionSet.isSupportedHere, let kind = instructionSet.peakKind else {
    throw MachineError.notSupportedHere(instructionSet)
  }
  let threads = max(threads, 1)
  let operations = Double(cpeak_operations_per_iteration(kind))

  // One run wakes the vector units and says how many iterations 1 ms takes.
  let trial: Int64 = 200_000
  var seconds = elapsed { _ = cpeak_multiply_add(kind, trial) }
  seconds = min(seconds, elapsed { _ = cpeak_multiply_add(kind, trial) })
  let iterations = max(Int64(Double(trial) * 0.001 / max(seconds, 1e-6)), 1)

  var best = 0.0
  for _ in 0..<max(runs, 1) {
    let seconds = elapsed {
      DispatchQueue.concurrentPerform(iterations: threads) { _ in
        _ = cpeak_multiply_add(kind, iterations)
      }
    }
    best = max(best, operations * Double(iterations) * Double(threads) / seconds)
  }
  return best / 1e9
}

/// Measures how fast `threads` threads together read memory that is in no cache, in bytes a second:
/// the best of several passes over `bytes` bytes.
public func measureReadBandwidth(threads: Int = 1, bytes: Int = 256 << 20, passes: Int = 4)
  -> Double
{
  let threads = max(threads, 1)
  let wordsPerThread = max(bytes / threads / 64 * 8, 8)
  let words = [UInt64](repeating: 1, count: wordsPerThread * threads)
  return words.withUnsafeBufferPointer { buffer in
    let source = ReadOnlyWords(buffer)
    var best = 0.0
    for _ in 0..<max(passes, 1) {
      let seconds = elapsed {
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
          source.read(from: thread * wordsPerThread, count: wordsPerThread)
        }
      }
      best = max(best, Double(words.count * 8) / seconds)
    }
    return best
  }
}

/// Memory that nobody writes while several threads read it.
private struct ReadOnlyWords: @unchecked Sendable {
  private let words: UnsafeBufferPointer<UInt64>

  init(_ words: UnsafeBufferPointer<UInt64>) {
    self.words = words
  }

  func read(from start: Int, count: Int) {
    guard let base = words.baseAddress, start + count <= words.count else { return }
    _ = cpeak_read(base + start, count)
  }
}

/// The seconds that `body` takes.
private func elapsed(_ body: () -> Void) -> Double {
  let duration = ContinuousClock().measure(body)
  let (seconds, attoseconds) = duration.components
  return Double(seconds) + Double(attoseconds) / 1e18
}
