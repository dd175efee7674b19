import Foundation

/// A few changes of the kinds that find faults in readers, within `range`.
package func mutated(
  _ bytes: [UInt8], in range: Range<Int>, _ random: inout SeededGenerator
) -> [UInt8] {
  var result = bytes
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    guard !range.isEmpty, range.upperBound <= result.count else { break }
    let place = Int.random(in: range, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: result[place] = UInt8.random(in: 0...255, using: &random)
    case 1: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2:
      let extremes: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF]
      let byte = extremes.randomElement(using: &random) ?? 0
      for i in place..<min(place + 4, result.count) { result[i] = byte }
    case 3: result[place] = bytes[Int.random(in: range, using: &random)]
    case 4:
      let end = min(place + Int.random(in: 1...16, using: &random), result.count)
      result.removeSubrange(place..<end)
    case 5:
      let end = min(place + Int.random(in: 1...16, using: &random), result.count)
      result.insert(contentsOf: result[place..<end], at: place)
    default:
      if Int.random(in: 0..<8, using: &random) == 0 { result.removeSubrange(place...) }
    }
  }
  return result.isEmpty ? [0] : result
}

/// What this thread has computed for so far; others may keep the processor for longer than that.
package func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
