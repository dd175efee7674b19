import GraphPasses

/// What the passes did, on one line.
enum PassRewrites {
  /// The passes that rewrote something, in order, each with how often: `fuse-relu 49, fuse-residual 16`.
  static func text(_ reports: [PassReport]) -> String {
    reports.filter { $0.rewrites > 0 }.map { "\($0.name) \($0.rewrites)" }
      .joined(separator: ", ")
  }
}
