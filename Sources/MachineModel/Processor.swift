/// Which processor it is, by the numbers that the processor itself gives.
public struct Processor: Hashable, Sendable, CustomStringConvertible {
  /// `AuthenticAMD`, `GenuineIntel`, or an Arm implementer such as `0x41`.
  public var vendor: String
  /// The family (x86) or the architecture's version (Arm).
  public var family: Int
  /// The model (x86) or the part (Arm).
  public var model: Int

  public init(vendor: String, family: Int, model: Int) {
    self.vendor = vendor
    self.family = family
    self.model = model
  }

  public var description: String { "\(vendor) family \(family) model \(model)" }

  /// What `/proc/cpuinfo` says of its first processor; nil if it does not say it all.
  init?(cpuinfo: String) {
    var values: [String: String] = [:]
    for line in cpuinfo.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map(trimmed)
      if parts.count == 2, values[parts[0]] == nil { values[parts[0]] = parts[1] }
    }
    func number(_ keys: String...) -> Int? {
      guard let text = keys.lazy.compactMap({ values[$0] }).first else { return nil }
      return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }
    guard let vendor = values["vendor_id"] ?? values["CPU implementer"],
      let family = number("cpu family", "CPU architecture"),
      let model = number("model", "CPU part")
    else { return nil }
    self.init(vendor: vendor, family: family, model: model)
  }
}

/// How fast a processor computes and reads memory: what the cost model divides by.
public struct ProcessorRates: Hashable, Sendable {
  /// The clock, in GHz, that all cores sustain in vector code.
  public var gigahertz: Double
  /// Bytes a second that one core reads from memory.
  public var memoryBandwidth: Double
  /// Bytes a second that all cores together read from memory.
  public var sharedMemoryBandwidth: Double

  public init(gigahertz: Double, memoryBandwidth: Double, sharedMemoryBandwidth: Double) {
    self.gigahertz = gigahertz
    self.memoryBandwidth = memoryBandwidth
    self.sharedMemoryBandwidth = sharedMemoryBandwidth
  }

  /// What current server cores have at least, by the width of their vectors: those with 64 bytes
  /// came with more memory to feed them.
  public static func generic(_ instructionSet: InstructionSet) -> ProcessorRates {
    instructionSet.lanes >= 16
      ? ProcessorRates(gigahertz: 3, memoryBandwidth: 30e9, sharedMemoryBandwidth: 240e9)
      : ProcessorRates(gigahertz: 3, memoryBandwidth: 16e9, sharedMemoryBandwidth: 128e9)
  }
}

private func trimmed(_ text: Substring) -> String {
  var text = text
  while let first = text.first, first.isWhitespace { text.removeFirst() }
  while let last = text.last, last.isWhitespace { text.removeLast() }
  return String(text)
}
