import GraphIR
import Testing

@testable import GraphPasses

/// For each constraint of the pipeline, a graph on which the other order does worse.
@Suite("The order of passes")
struct OrderTests {
  static let conv = #"conv(%0) weight="w" channels=4 kernel=1x1 "conv""#

  /// The nodes behind an input `%0` of shape [1, 4, 400, 400].
  static let witnesses: [String: String] = [
    "remove-dead < fold-batch-norm": """
    %1 = \(conv)
    %2 = relu(%1) "dead"
    %3 = batch_norm(%1) norm=bn("bn") "bn"
    return %3
    """,
    "remove-dead < fuse-batch-norm-relu": """
    %1 = batch_norm(%0) norm=bn("bn") "bn"
    %2 = softmax(%1) "dead"
    %3 = relu(%1) "relu"
    return %3
    """,
    "remove-dead < fuse-global-pool-linear": """
    %1 = global_average_pool(%0) "pool"
    %2 = flatten(%1) "flatten"
    %3 = softmax(%2) "dead"
    %4 = linear(%2) weight="w" features=10 "fc"
    return %4
    """,
    "remove-dead < sink-transposes": """
    %1 = transpose(%0) order=[0,2,3,1] "last"
    %2 = softmax(%1) "dead"
    %3 = relu(%1) "relu"
    %4 = transpose(%3) order=[0,3,1,2] "first"
    return %4
    """,
    "simplify < sink-transposes": """
    %1 = transpose(%0) order=[0,2,3,1] "last"
    %2 = max_pool(%1) kernel=1x1 "identity"
    %3 = transpose(%2) order=[0,3,1,2] "first"
    %4 = relu(%3) "relu"
    return %4
    """,
    "sink-transposes < fold-padding": """
    %1 = pad(%0) pad=1 "pad"
    %2 = transpose(%1) order=[0,2,3,1] "last"
    %3 = transpose(%2) order=[0,3,1,2] "first"
    %4 = conv(%3) weight="w" channels=4 kernel=3x3 "conv"
    return %4
    """,
    "sink-transposes < fold-batch-norm": """
    %1 = \(conv)
    %2 = transpose(%1) order=[0,2,3,1] "last"
    %3 = transpose(%2) order=[0,3,1,2] "first"
    %4 = batch_norm(%3) norm=bn("bn") "bn"
    return %4
    """,
    "sink-transposes < fuse-relu": """
    %1 = \(conv)
    %2 = transpose(%1) order=[0,2,3,1] "last"
    %3 = relu(%2) "relu"
    return %3
    """,
    "sink-transposes < fuse-residual": """
    %1 = \(conv)
    %2 = transpose(%1) order=[0,2,3,1] "last"
    %3 = transpose(%0) order=[0,2,3,1] "shortcut"
    %4 = add(%2, %3) "add"
    return %4
    """,
    "simplify < fold-padding": """
    %1 = pad(%0) pad=1 "pad"
    %2 = max_pool(%1) kernel=1x1 "identity"
    %3 = conv(%2) weight="w" channels=4 kernel=3x3 "conv"
    return %3
    """,
    "simplify < fold-batch-norm": """
    %1 = \(conv)
    %2 = max_pool(%1) kernel=1x1 "identity"
    %3 = batch_norm(%2) norm=bn("bn") "bn"
    return %3
    """,
    "simplify < fuse-batch-norm-relu": """
    %1 = batch_norm(%0) norm=bn("bn") "bn"
    %2 = max_pool(%1) kernel=1x1 "identity"
    %3 = relu(%2) "relu"
    return %3
    """,
    "simplify < fuse-global-pool-linear": """
    %1 = average_pool(%0) kernel=400x400 "pool"
    %2 = flatten(%1) "flatten"
    %3 = linear(%2) weight="w" features=10 "fc"
    return %3
    """,
    "fold-padding < fuse-stem-pool": """
    %1 = conv(%0) weight="w" channels=4 kernel=1x1 relu "conv"
    %2 = pad(%1) pad=1 "pad"
    %3 = max_pool(%2) kernel=3x3 stride=2x2 "pool"
    return %3
    """,
    "fold-batch-norm < fold-batch-norm-forward": """
    %1 = \(conv)
    %2 = batch_norm(%1) norm=bn("bn") "bn"
    %3 = conv(%2) weight="v" channels=4 kernel=1x1 "next"
    return %3
    """,
    "fold-batch-norm < fuse-relu": """
    %1 = \(conv)
    %2 = batch_norm(%1) norm=bn("bn") "bn"
    %3 = relu(%2) "relu"
    return %3
    """,
    "fold-batch-norm < fuse-residual": """
    %1 = \(conv)
    %2 = batch_norm(%1) norm=bn("bn") "bn"
    %3 = add(%2, %0) "add"
    return %3
    """,
    "remove-dead < fuse-scaled-add": """
    %1 = global_average_pool(%0) "factors"
    %2 = multiply(%0, %1) "product"
    %3 = relu(%2) "dead"
    %4 = add(%2, %0) "add"
    return %4
    """,
    "simplify < pool-before-projection": """
    %1 = \(conv)
    %2 = average_pool(%1) kernel=400x400 "pool"
    %3 = conv(%2) weight="v" channels=2 kernel=1x1 "fc"
    return %3
    """,
    "simplify < fuse-scaled-add": """
    %1 = global_average_pool(%0) "factors"
    %2 = multiply(%0, %1) "product"
    %3 = max_pool(%2) kernel=1x1 "identity"
    %4 = add(%3, %0) "add"
    return %4
    """,
    "fold-batch-norm < pool-before-projection": """
    %1 = \(conv)
    %2 = batch_norm(%1) norm=bn("bn") "bn"
    %3 = global_average_pool(%2) "pool"
    %4 = conv(%3) weight="v" channels=2 kernel=1x1 "fc"
    return %4
    """,
    "pool-before-projection < fuse-scale": """
    %1 = \(conv)
    %2 = global_average_pool(%1) "pool"
    %3 = conv(%2) weight="v" channels=4 kernel=1x1 "fc"
    %4 = scaled_add(%1, %3, %0) "add"
    return %4
    """,
    "fuse-relu < fuse-scaled-add": """
    %1 = global_average_pool(%0) "factors"
    %2 = multiply(%0, %1) "product"
    %3 = add(%2, %0) "add"
    %4 = relu(%3) "relu"
    return %4
    """,
    "fuse-scaled-add < fuse-scale": """
    %1 = global_average_pool(%0) "factors"
    %2 = \(conv)
    %3 = multiply(%2, %1) "product"
    %4 = add(%3, %0) "add"
    return %4
    """,
    "fuse-scaled-add < fuse-residual": """
    %1 = global_average_pool(%0) "factors"
    %2 = multiply(%0, %1) "product"
    %3 = \(conv)
    %4 = add(%2, %3) "add"
    return %4
    """,
    "fuse-relu < fuse-stem-pool": """
    %1 = \(conv)
    %2 = relu(%1) "relu"
    %3 = max_pool(%2) kernel=3x3 stride=2x2 pad=1 "pool"
    return %3
    """,
  ]

  @Test("every constraint prevents a worse graph", arguments: standardPipeline.constraints)
  func constraint(_ constraint: OrderConstraint) throws {
    let key = "\(constraint.earlier) < \(constraint.later)"
    let nodes = try #require(Self.witnesses[key])
    let graph = try Graph(
      parsing: """
        graph g {
          %0 = input() : f32[1,4,400,400] "input"
          \(nodes)
        }
        """)
    func result(_ names: [String]) throws -> Graph {
      let passes = names.flatMap { name in standardPipeline.passes.filter { $0.name == name } }
      return try PassManager(pipeline: Pipeline(passes: passes)).run(graph).graph
    }
    let right = try result([constraint.earlier, constraint.later])
    let wrong = try result([constraint.later, constraint.earlier])
    if key == "fuse-scaled-add < fuse-residual" {
      // As many nodes either way, but a convolution that scales cannot take in a product as residual.
      #expect(
        right.description.contains("scaled_add") && !wrong.description.contains("scaled_add"))
    } else if key == "simplify < pool-before-projection"
      || key == "fold-batch-norm < pool-before-projection"
    {
      #expect(
        right.description.contains("projection=") && !wrong.description.contains("projection="))
    } else if key == "fold-batch-norm < fold-batch-norm-forward" {
      // As many nodes either way; it is a matter of whose the norm is.
      #expect(
        right.description.contains("kernel=1x1 norms=") && !wrong.description.contains("norms="))
    } else {
      #expect(right.nodes.count < wrong.nodes.count)
    }
  }
}
