import KernelPlanning

/// The memory that an inference keeps resident, besides code and libraries: the weights, the
/// activations, and each thread's scratch.
struct ResidentMemory {
  var plan: KernelPlan
  /// Bytes of the weights that are there because larger ones are faster; less than zero where those
  /// that are chosen are smaller than a direct algorithm's in float32.
  var addedWeightBytes: Int

  /// Bytes on a number of threads.
  func bytes(threads: Int) -> Int {
    plan.weightBytes + plan.arenaBytes + plan.scratchBytes * threads
  }

  /// `144.2 MB on 1 thread, 145.0 on 2, 150.9 on 8; 112.4 MB of it weights, of which 9.8 MB are added
  /// by fast algorithms (--max-memory)`.
  var text: String {
    let counts = [1, 2, plan.maxThreads].reduce(into: [Int]()) { counts, next in
      if next <= plan.maxThreads, !counts.contains(next) { counts.append(next) }
    }
    let sums = counts.map { count in
      Show.megabytes(bytes(threads: count))
        + (count == 1 ? " on 1 thread" : " on \(count)\(count == counts[0] ? " threads" : "")")
    }
    let added =
      addedWeightBytes <= 0
      ? "" : ", of which fast algorithms add \(Show.megabytes(addedWeightBytes)) (--max-memory)"
    return sums.joined(separator: ", ")
      + "; \(Show.megabytes(plan.weightBytes)) of it weights" + added
  }
}
