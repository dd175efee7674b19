// Written by resnetc 0.1.0 for the network resnet8_cifar10.
// Network c0985e5f100fc3f9. Do not edit: compile the spec again instead.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Glibc)
  import Glibc
#endif

/// A class that the network gives to a picture.
public struct Classification: Hashable, Sendable, CustomStringConvertible {
  /// The class's name in the spec.
  public let label: String
  /// The class's place in the output, from 0.
  public let index: Int
  /// The network's output for the class.
  public let score: Float
  /// From 0 to 1, the softmax of the scores.
  public let probability: Float

  public var description: String { "\(label) (\((probability * 1000).rounded() / 10) %)" }
}

extension Classification {
  /// The best classes of an output, best first; of equal ones the first.
  ///
  /// - Parameters:
  ///   - count: how many to return at most.
  ///   - output: ``Model/classCount`` scores.
  public static func best(_ count: Int, of output: [Float]) -> [Classification] {
    best(count, ofRow: output[...])
  }

  private static func best(_ count: Int, ofRow row: ArraySlice<Float>) -> [Classification] {
    guard count > 0 else { return [] }
    var ranked: [(index: Int, score: Float)] = []
    for (index, score) in row.enumerated() {
      if ranked.count == count, let worst = ranked.last, !(score > worst.score) { continue }
      let place = ranked.firstIndex { score > $0.score } ?? ranked.endIndex
      ranked.insert((index, score), at: place)
      if ranked.count > count { ranked.removeLast() }
    }
    // The greatest score is taken off first, so that no exponential overflows.
    let greatest = ranked.first?.score ?? 0
    let sum = row.reduce(into: Float(0)) { $0 += exp($1 - greatest) }
    return ranked.map { index, score in
      Classification(
        label: index < Model.labels.count ? Model.labels[index] : "class \(index)", index: index,
        score: score, probability: exp(score - greatest) / sum)
    }
  }
}
