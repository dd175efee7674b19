// Rates of processor families. Those of Zen 3 and Zen 5 were measured (virtual machines with two
// cores); the others follow from their makers' clocks under vector load and their memory channels, and
// serve until somebody measures: `resnetc tune` writes what it found into its log.

extension ProcessorRates {
  /// The rates of a known processor.
  public static func known(_ processor: Processor) -> ProcessorRates? {
    table.first { $0.matches(processor) }?.rates
  }

  private struct Row: Sendable {
    var vendor: String
    var family: Int
    var models: [ClosedRange<Int>]
    var rates: ProcessorRates

    /// - Parameters:
    ///   - one: GB/s of one core.
    ///   - all: GB/s of all cores of a socket.
    init(
      _ vendor: String, _ family: Int, _ models: [ClosedRange<Int>], gigahertz: Double, one: Double,
      all: Double
    ) {
      self.vendor = vendor
      self.family = family
      self.models = models
      rates = ProcessorRates(
        gigahertz: gigahertz, memoryBandwidth: one * 1e9, sharedMemoryBandwidth: all * 1e9)
    }

    func matches(_ processor: Processor) -> Bool {
      processor.vendor == vendor && processor.family == family
        && models.contains { $0.contains(processor.model) }
    }
  }

  /// The first row that matches counts.
  private static let table: [Row] = [
    // Zen 5.
    Row("AuthenticAMD", 26, [0...255], gigahertz: 4.5, one: 45, all: 400),
    // Zen 4, then Zen 3.
    Row(
      "AuthenticAMD", 25, [0x10...0x1F, 0x60...0x7F, 0xA0...0xAF], gigahertz: 3.7, one: 32,
      all: 300),
    Row("AuthenticAMD", 25, [0...255], gigahertz: 3.1, one: 18, all: 150),
    // Zen 2, then Zen.
    Row("AuthenticAMD", 23, [0x30...0x9F], gigahertz: 3.1, one: 16, all: 150),
    Row("AuthenticAMD", 23, [0...255], gigahertz: 2.9, one: 14, all: 120),
    // Skylake and Cascade Lake; Ice Lake; Sapphire and Emerald Rapids; Granite Rapids.
    Row("GenuineIntel", 6, [85...85], gigahertz: 2.6, one: 12, all: 100),
    Row("GenuineIntel", 6, [106...106, 108...108], gigahertz: 2.8, one: 14, all: 150),
    Row("GenuineIntel", 6, [143...143, 207...207], gigahertz: 3.0, one: 16, all: 220),
    Row("GenuineIntel", 6, [173...174], gigahertz: 3.2, one: 18, all: 400),
    // Neoverse N1, V1, N2 and V2.
    Row("0x41", 8, [0xD0C...0xD0C], gigahertz: 2.6, one: 20, all: 150),
    Row("0x41", 8, [0xD40...0xD40], gigahertz: 2.6, one: 25, all: 220),
    Row("0x41", 8, [0xD49...0xD49], gigahertz: 2.8, one: 25, all: 220),
    Row("0x41", 8, [0xD4F...0xD4F], gigahertz: 3.1, one: 35, all: 400),
  ]
}
