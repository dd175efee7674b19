import Diagnostics
import SpecLanguage
import Testing

/// The canonical form of a spec that has one.
func format(_ text: String) -> String? {
  formatSpec(SourceFile(path: "net.spec", text: text)).text
}

@Suite struct `The specs that come with the project are in canonical form` {
  @Test func `all of them`() throws {
    for folder in ["", "/blocks"] {
      for path in try specPaths(in: specFolder + folder) {
        let text = try readFile(path)
        let canonical = format(text)
        if isRecording, let canonical { try writeFile(canonical, to: path) }
        #expect(canonical == text, "\(path) is not in canonical form; RECORD=1 rewrites it")
      }
    }
  }
}
