import Diagnostics
import GraphIR
import SpecLanguage

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Why a test could not read its file.
struct FileError: Error, CustomStringConvertible {
  var description: String
}

/// The folder of the package, found from this file's place in it.
let packageFolder = {
  var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  parts.removeLast(3)
  return parts.joined(separator: "/")
}()

let specFolder = packageFolder + "/Specs"

func readFile(_ path: String) throws -> String {
  guard let file = fopen(path, "rb") else { throw FileError(description: "there is no such file") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  return String(decoding: bytes, as: UTF8.self)
}

func writeFile(_ text: String, to path: String) throws {
  guard let file = fopen(path, "wb") else { throw FileError(description: "cannot write \(path)") }
  defer { fclose(file) }
  let bytes = Array(text.utf8)
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
    throw FileError(description: "cannot write \(path)")
  }
}

/// `RECORD=1` rewrites what a test compares with, and then the test fails.
let isRecording = getenv("RECORD") != nil

/// The paths of the specs in a folder of the package, in alphabetic order.
func specPaths(in folder: String = specFolder) throws -> [String] {
  guard let directory = opendir(folder) else {
    throw FileError(description: "there is no folder \(folder)")
  }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name.hasSuffix(".spec") { names.append("\(folder)/\(name)") }
  }
  return names.sorted()
}

/// Compiles one of the specs that come with the project.
func compileShipped(_ name: String, overrides: [String: String] = [:]) -> SpecCompilation {
  compileSpec(path: "\(specFolder)/\(name).spec", overrides: overrides, load: readFile)
}

/// Compiles specs given as texts by path; the model is in `net.spec`.
func compile(
  _ text: String, overrides: [String: String] = [:], others: [String: String] = [:]
) -> SpecCompilation {
  compileSpec(path: "net.spec", overrides: overrides) { path in
    if path == "net.spec" { return text }
    guard let other = others[path] else { throw FileError(description: "there is no such file") }
    return other
  }
}

/// The numbers a network learns; running statistics are not among them.
func learnedCount(_ graph: Graph) -> Int {
  graph.parameters().filter { !$0.name.contains(".running_") }.map(\.shape.elementCount)
    .reduce(0, +)
}
