import Foundation
import GraphIR

/// The classes of one row of an output, best first.
struct Classification {
  struct Entry {
    var index: Int
    var label: String
    var score: Float
    var probability: Double
  }

  var entries: [Entry]

  /// - Parameters:
  ///   - scores: of all classes.
  ///   - isProbability: the scores are probabilities; otherwise softmax makes them so.
  ///   - labels: of all classes, or none.
  ///   - count: how many to keep.
  init(_ scores: some Sequence<Float>, isProbability: Bool, labels: [String], count: Int) {
    let scores = Array(scores)
    let greatest = Double(scores.max() ?? 0)
    let weights = scores.map { isProbability ? Double($0) : exp(Double($0) - greatest) }
    let sum = isProbability ? 1 : weights.reduce(0, +)
    let order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    entries = order.prefix(max(count, 0)).map { index in
      Entry(
        index: index, label: index < labels.count ? labels[index] : "class \(index)",
        score: scores[index], probability: weights[index] / sum)
    }
  }

  var json: JSON {
    .array(
      entries.map {
        .object([
          ("index", .integer($0.index)), ("label", .string($0.label)), ("score", .float($0.score)),
          ("probability", .double($0.probability)),
        ])
      })
  }
}
