import Foundation

/// Numbers as text for people.
enum Show {
  /// `12.34`.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : "inf" }
    return String(format: "%.\(digits)f", value)
  }

  /// `1.2e-06`, or `0` for nothing at all.
  static func scientific(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : "inf" }
    return value == 0 ? "0" : String(format: "%.1e", value)
  }

  /// Seconds as milliseconds with four significant digits or so.
  static func milliseconds(_ seconds: Double) -> String {
    let value = seconds * 1e3
    return fixed(value, value < 10 ? 3 : value < 100 ? 2 : 1)
  }

  /// `8.25 MB`, with 10⁶ bytes to the MB.
  static func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 2) + " MB" }

  /// `123.4` for kB.
  static func kilobytes(_ bytes: Double) -> String { fixed(bytes / 1e3, 1) }

  static func percent(_ fraction: Double) -> String { fixed(fraction * 100, 1) }

  /// `1×64×56×56`.
  static func shape(_ dimensions: [Int]) -> String {
    dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: "×")
  }
}

extension Duration {
  var seconds: Double { self / .seconds(1) }
}

/// The seconds that `body` takes.
func elapsed(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  let start = clock.now
  try body()
  return (clock.now - start).seconds
}
