import GraphIR

/// A rewriting of a graph that keeps its meaning: on real numbers, the outputs are the same before
/// and after, for every input and all weights.
///
/// A pass sees names of weights and never their values; what is to be computed from the values is
/// described in the graph (`Convolution.outputNorms`) and done by who stores them. A fused node
/// keeps the name of the part that does the work and the source ranges of all parts.
public protocol Pass: Sendable {
  /// What the command line calls the pass, such as `fold-batch-norm`.
  var name: String { get }
  /// One line for `--help` and the documentation.
  var summary: String { get }

  /// Rewrites the graph, which is valid, into a valid one.
  ///
  /// - Returns: how many rewrites were made; if 0, the graph is unchanged.
  func run(on graph: inout Graph) throws -> Int
}
