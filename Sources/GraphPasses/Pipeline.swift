/// All passes in the order in which a compilation runs them. This is the one place to add a pass.
public let standardPipeline = Pipeline(
  passes: [
    RemoveDeadCode(),
    Simplify(),
    SinkTransposes(),
    FoldPadding(),
    FoldBatchNorm(),
    FoldBatchNormForward(),
    FuseReLU(),
    FuseBatchNormReLU(),
    PoolBeforeProjection(),
    FuseScaledAdd(),
    FuseScale(),
    FuseResidual(),
    FuseStemPool(),
    FuseGlobalPoolLinear(),
  ],
  constraints: [
    OrderConstraint(
      "remove-dead", before: "fold-batch-norm",
      because: "a dead reader of a convolution would pass for a second reader and stop the fusion"),
    OrderConstraint(
      "remove-dead", before: "fuse-batch-norm-relu",
      because: "a dead reader of a batch norm would pass for a second reader and stop the fusion"),
    OrderConstraint(
      "remove-dead", before: "fuse-global-pool-linear",
      because: "a dead reader of the features would pass for a second reader and stop the fusion"),
    OrderConstraint(
      "remove-dead", before: "sink-transposes",
      because:
        "a dead reader of a transposition would pass for a second reader and keep it in place"
    ),
    OrderConstraint(
      "simplify", before: "sink-transposes",
      because: "an operation without effect can stand between two transpositions"),
    OrderConstraint(
      "sink-transposes", before: "fold-padding",
      because: "transpositions can stand between padding and its reader"),
    OrderConstraint(
      "sink-transposes", before: "fold-batch-norm",
      because: "transpositions can stand between a convolution and its norm"),
    OrderConstraint(
      "sink-transposes", before: "fuse-relu",
      because: "a transposition can stand between a convolution and its ReLU"),
    OrderConstraint(
      "sink-transposes", before: "fuse-residual",
      because: "a transposition can stand between a convolution and the add"),
    OrderConstraint(
      "simplify", before: "fold-padding",
      because: "an operation without effect can stand between padding and its reader"),
    OrderConstraint(
      "simplify", before: "fold-batch-norm",
      because: "an operation without effect can stand between a convolution and its norm"),
    OrderConstraint(
      "simplify", before: "fuse-batch-norm-relu",
      because: "an operation without effect can stand between a norm and its ReLU"),
    OrderConstraint(
      "simplify", before: "fuse-global-pool-linear",
      because: "an average pool that covers the whole image must have become a global one"),
    OrderConstraint(
      "fold-padding", before: "fuse-stem-pool",
      because: "explicit padding can stand between the convolution and the pool"),
    OrderConstraint(
      "fold-batch-norm", before: "fold-batch-norm-forward",
      because:
        "a norm between two convolutions belongs to the first, whose result is then what the "
        + "spec shows behind the norm"),
    OrderConstraint(
      "fold-batch-norm", before: "fuse-relu",
      because: "the norm stands between the convolution and its ReLU"),
    OrderConstraint(
      "fold-batch-norm", before: "fuse-residual",
      because: "the norm stands between the convolution and the add"),
    OrderConstraint(
      "remove-dead", before: "fuse-scaled-add",
      because: "a dead reader of a product would pass for a second reader and stop the fusion"),
    OrderConstraint(
      "simplify", before: "pool-before-projection",
      because: "an average pool that covers the whole image must have become a global one"),
    OrderConstraint(
      "simplify", before: "fuse-scaled-add",
      because: "an operation without effect can stand between a product and the add"),
    OrderConstraint(
      "fold-batch-norm", before: "pool-before-projection",
      because: "the norm stands between the convolution and the pool"),
    OrderConstraint(
      "pool-before-projection", before: "fuse-scale",
      because: "the factors must not depend on the convolution that they scale"),
    OrderConstraint(
      "fuse-relu", before: "fuse-scaled-add",
      because: "the ReLU stands behind the add, and only an add takes it in"),
    OrderConstraint(
      "fuse-scaled-add", before: "fuse-scale",
      because: "a convolution takes in the product and the add together"),
    OrderConstraint(
      "fuse-scaled-add", before: "fuse-residual",
      because: "a shortcut that is a convolution would take the product as its residual"),
    OrderConstraint(
      "fuse-relu", before: "fuse-stem-pool",
      because: "the ReLU stands between the convolution and the pool, and makes zero padding exact"),
  ])

/// A demand on the order of two passes. The reason is what a person who moves a pass must know.
public struct OrderConstraint: Equatable, Sendable {
  public var earlier: String
  public var later: String
  public var reason: String

  public init(_ earlier: String, before later: String, because reason: String) {
    self.earlier = earlier
    self.later = later
    self.reason = reason
  }
}

/// Passes in order, with the demands on that order.
public struct Pipeline: Sendable {
  public var passes: [any Pass]
  public var constraints: [OrderConstraint]

  public init(passes: [any Pass], constraints: [OrderConstraint] = []) {
    self.passes = passes
    self.constraints = constraints
  }

  public var passNames: [String] { passes.map(\.name) }

  /// Checks that names are unique, that constraints speak of passes that exist, and that they hold.
  ///
  /// - Throws: `PassError.brokenPipeline`.
  public func check() throws {
    var positions: [String: Int] = [:]
    for (position, name) in passNames.enumerated() {
      guard positions.updateValue(position, forKey: name) == nil else {
        throw PassError.brokenPipeline("two passes have the name \(name)")
      }
    }
    for constraint in constraints {
      guard let earlier = positions[constraint.earlier], let later = positions[constraint.later]
      else {
        throw PassError.brokenPipeline(
          "a constraint orders \(constraint.earlier) and \(constraint.later), of which one is no "
            + "pass")
      }
      guard earlier < later else {
        throw PassError.brokenPipeline(
          "\(constraint.earlier) must run before \(constraint.later): \(constraint.reason)")
      }
    }
  }
}
