import CPeak
import Foundation

extension InstructionSet {
  /// Whether this processor, under this operating system, runs the instructions.
  public var isSupportedHere: Bool {
    peakKind.map { cpeak_supports($0) != 0 } ?? false
  }

  /// The best instruction set of this processor.
  public static var host: InstructionSet {
    all.first(where: \.isSupportedHere) ?? .portable
  }

  /// The name that the measuring loops have for the instruction set.
  var peakKind: cpeak_isa? {
    switch name {
    case "portable": CPEAK_PORTABLE
    case "avx2": CPEAK_AVX2
    case "avx512": CPEAK_AVX512
    case "neon": CPEAK_NEON
    default: nil
    }
  }
}

extension Machine {
  /// This machine, as the operating system describes it: model and caches from `/proc/cpuinfo` and
  /// `/sys` (what cannot be read there is taken from the generic description), rates from the table
  /// of processors.
  ///
  /// Nothing is measured, so two calls on one machine give equal values.
  public static func probe() -> Machine {
    probe(
      root: URL(fileURLWithPath: "/"), instructionSet: .host,
      cores: ProcessInfo.processInfo.activeProcessorCount)
  }

  /// As `probe()`, with the system's files looked up below `root`.
  static func probe(root: URL, instructionSet: InstructionSet, cores: Int) -> Machine {
    var machine = generic(instructionSet)
    machine.cores = max(cores, 1)
    let cpuinfo = text(root, "proc/cpuinfo") ?? ""
    if let model = processorModel(cpuinfo: cpuinfo) { machine.name = model }
    machine.processor = Processor(cpuinfo: cpuinfo)
    if let known = machine.processor.flatMap(ProcessorRates.known) { machine.rates = known }
    let found = dataCaches(root, cores: machine.cores)
    if found.contains(where: { $0.level == 1 }) { machine.caches = found }
    return machine
  }

  /// The value of the first `model name` line.
  static func processorModel(cpuinfo: String) -> String? {
    for line in cpuinfo.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == "model name" else {
        continue
      }
      let model = parts[1].trimmingCharacters(in: .whitespaces)
      return model.isEmpty ? nil : model
    }
    return nil
  }

  /// The data and unified caches of the first processor, nearest first.
  private static func dataCaches(_ root: URL, cores: Int) -> [Cache] {
    var caches: [Cache] = []
    for index in 0..<8 {
      let folder = "sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard let level = text(root, folder + "level").flatMap({ Int($0) }),
        let type = text(root, folder + "type"), type != "Instruction",
        let bytes = text(root, folder + "size").flatMap(byteCount)
      else { continue }
      let sharers = text(root, folder + "shared_cpu_list").map(processorCount) ?? 1
      caches.append(Cache(level: level, bytes: bytes, sharedBy: min(max(sharers, 1), cores)))
    }
    return caches.sorted { $0.level < $1.level }
  }

  /// The bytes that `48K` or `32M` stands for.
  static func byteCount(_ text: String) -> Int? {
    switch text.last {
    case "K": Int(text.dropLast()).map { $0 << 10 }
    case "M": Int(text.dropLast()).map { $0 << 20 }
    default: Int(text)
    }
  }

  /// How many processors a list such as `0-3,8-11` names.
  static func processorCount(_ list: String) -> Int {
    list.split(separator: ",").reduce(0) { count, range in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, last >= first else { return count }
      return count + last - first + 1
    }
  }

  private static func text(_ root: URL, _ path: String) -> String? {
    let url = root.appendingPathComponent(path)
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
