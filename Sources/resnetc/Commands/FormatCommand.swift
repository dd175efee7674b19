import ArgumentParser
import Diagnostics
import ModelFiles
import SpecLanguage

/// `resnetc fmt`: writes specs in their canonical form.
struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Print specs in their canonical form.",
    discussion: """
      Example:
        resnetc fmt --in-place Specs/resnet50.spec
        resnetc fmt --check Specs/*.spec
      """)

  @ArgumentParser.Argument(
    help: "The spec files, or '-' for standard input.", completion: .file(extensions: ["spec"]))
  var files: [String]

  @Flag(help: "Print the names of files that are not in canonical form, and fail if there are any.")
  var check = false

  @Flag(name: [.customShort("i"), .long], help: "Rewrite the files.")
  var inPlace = false

  func validate() throws {
    if check, inPlace { throw ValidationError("give either --check or --in-place") }
    if inPlace, files.contains("-") {
      throw ValidationError("standard input cannot be rewritten; leave out --in-place")
    }
  }

  func run() throws {
    var failed = false
    for path in files {
      let file: SourceFile
      let name = path == "-" ? SpecText.standardInputName : path
      do {
        file = SourceFile(path: name, text: try SpecText.read(name))
      } catch {
        throw InputError("cannot read '\(path)': \(error)")
      }
      let result = formatSpec(file)
      Terminal.writeError(
        DiagnosticRenderer(files: [file], usesColor: Terminal.usesColor).render(result.diagnostics))
      guard let text = result.text else {
        failed = true
        continue
      }
      if check {
        guard text != file.text else { continue }
        print(name)
        failed = true
      } else if !inPlace {
        print(text, terminator: "")
      } else if text != file.text {
        try writeAtomically(text, to: path)
      }
    }
    if failed { throw ExitCode(ExitStatus.input) }
  }
}
