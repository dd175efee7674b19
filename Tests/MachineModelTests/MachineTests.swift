import Foundation
import Testing

@testable import MachineModel

@Suite("Machine descriptions")
struct MachineTests {
  @Test("are the same everywhere when generic")
  func generic() throws {
    let machine = try Machine.named("avx2")
    #expect(machine.instructionSet == .avx2)
    #expect(machine.l1DataBytes == 32 << 10)
    #expect(machine.l2Bytes == 512 << 10)
    #expect(machine.peakGFLOPS == 2 * 8 * 2 * 3.0)
  }

  @Test("do not exist for an unknown instruction set, and the error lists those that do")
  func unknown() {
    #expect(throws: MachineError.unknownInstructionSet("sse9")) { try Machine.named("sse9") }
    #expect(
      "\(MachineError.unknownInstructionSet("sse9"))"
        == "unknown instruction set 'sse9'; choose one of avx512, avx2, neon, portable")
  }

  @Test("of this host are found without measuring")
  func probe() {
    let machine = Machine.probe()
    #expect(machine == Machine.probe())
    #expect(machine.cores >= 1)
    #expect(machine.l1DataBytes >= 8 << 10)
    #expect(machine.l2Bytes >= machine.l1DataBytes)
  }

  @Test("are read from the system's files")
  func systemFiles() throws {
    let root = FileManager.default.temporaryDirectory
      .appendingPathComponent("machine-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    func write(_ text: String, _ path: String) throws {
      let url = root.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    try write("processor\t: 0\nmodel name\t: Example 9000\n", "proc/cpuinfo")
    let caches = [
      ("1", "Data", "48K", "0"), ("1", "Instruction", "32K", "0"), ("2", "Unified", "2M", "0-1"),
      ("3", "Unified", "64M", "0-3,8-11"),
    ]
    for (index, (level, type, size, sharers)) in caches.enumerated() {
      let folder = "sys/devices/system/cpu/cpu0/cache/index\(index)/"
      try write(level + "\n", folder + "level")
      try write(type + "\n", folder + "type")
      try write(size + "\n", folder + "size")
      try write(sharers + "\n", folder + "shared_cpu_list")
    }
    let machine = Machine.probe(root: root, instructionSet: .avx2, cores: 16)
    #expect(machine.name == "Example 9000")
    #expect(
      machine.caches == [
        .init(level: 1, bytes: 48 << 10), .init(level: 2, bytes: 2 << 20, sharedBy: 2),
        .init(level: 3, bytes: 64 << 20, sharedBy: 8),
      ])
    #expect(machine.l1DataBytes == 48 << 10)
    #expect(machine.l2Bytes == 1 << 20)
    #expect(machine.l3Bytes == 64 << 20)
  }

  @Test("fall back to the generic caches where the system says nothing")
  func noSystemFiles() {
    let nowhere = URL(fileURLWithPath: "/nonexistent")
    let machine = Machine.probe(root: nowhere, instructionSet: .portable, cores: 0)
    #expect(machine.cores == 1)
    #expect(machine.caches == Machine.generic(.portable).caches)
  }
}

@Suite("Processors")
struct ProcessorTests {
  @Test("are known by the numbers that the system gives")
  func numbers() {
    let x86 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 26\nmodel\t\t: 2\n"
    #expect(
      Processor(cpuinfo: x86) == Processor(vendor: "AuthenticAMD", family: 26, model: 2))
    let arm =
      "CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: 0xd40\n"
    #expect(Processor(cpuinfo: arm) == Processor(vendor: "0x41", family: 8, model: 0xD40))
    #expect(Processor(cpuinfo: "processor\t: 0\nmodel name\t: Example 9000\n") == nil)
    #expect(Processor(cpuinfo: "") == nil)
  }

  @Test("have the rates of their family, and the generic ones if they are not in the table")
  func rates() throws {
    let zen5 = try #require(
      ProcessorRates.known(Processor(vendor: "AuthenticAMD", family: 26, model: 2)))
    #expect(zen5.gigahertz == 4.5)
    let zen4 = try #require(
      ProcessorRates.known(Processor(vendor: "AuthenticAMD", family: 25, model: 0x11)))
    let zen3 = try #require(
      ProcessorRates.known(Processor(vendor: "AuthenticAMD", family: 25, model: 1)))
    #expect(zen3.gigahertz < zen4.gigahertz)
    #expect(ProcessorRates.known(Processor(vendor: "Unheard", family: 6, model: 1)) == nil)
    let machine = Machine(name: "x", instructionSet: .avx2, cores: 1, caches: [])
    #expect(machine.rates == .generic(.avx2))
  }

  @Test("read memory faster with more threads, up to what all can have")
  func bandwidth() {
    var machine = Machine.generic(.avx2)
    machine.rates = ProcessorRates(
      gigahertz: 3, memoryBandwidth: 10e9, sharedMemoryBandwidth: 25e9)
    #expect((1...4).map { machine.memoryBandwidth(threads: $0) } == [10e9, 20e9, 25e9, 25e9])
  }
}
