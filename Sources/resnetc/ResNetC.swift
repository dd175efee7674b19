import ArgumentParser
import Foundation
import ResNetCompiler

/// The root of the command line.
@main
struct ResNetC: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resnetc",
    abstract: "Compiles ResNets to native libraries specialised to one network and one processor.",
    discussion: """
      Example:
        resnetc compile Specs/resnet50.spec --weights resnet50.safetensors -o Generated/ResNet50
        resnetc run Specs/resnet8-cifar10.spec --image cat.png
      """,
    version: "resnetc \(compilerVersion)",
    subcommands: [
      CompileCommand.self, RunCommand.self, CompareCommand.self, BenchCommand.self,
      InspectCommand.self, TuneCommand.self, ImportCommand.self, ExportCommand.self,
      FormatCommand.self,
    ])

  /// Parses the arguments, runs the command, and ends the process with its exit code.
  ///
  /// The process ends only after the command has returned or thrown, when nothing holds a temporary
  /// folder any more: `exit` would not remove them.
  static func main() {
    TemporaryFiles.removeWhenInterrupted()
    var code = runCommand()
    // What was printed may not have fitted where it went, such as a full disk.
    if fflush(nil) != 0, code == ExitStatus.ok {
      code = reportFailure(InputError("standard output cannot be written"))
    }
    TemporaryFiles.remove()
    exit(withError: ExitCode(code))
  }

  private static func runCommand() -> Int32 {
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      return reportParsing(error)
    }
    do {
      try command.run()
      return ExitStatus.ok
    } catch {
      return reportFailure(error)
    }
  }

  /// Prints what the argument parser has to say: help, the version, or what is wrong with the
  /// arguments.
  static func reportParsing(_ error: any Error) -> Int32 {
    let text = fullMessage(for: error)
    let code = exitCode(for: error)
    guard !code.isSuccess else {
      print(text)
      return ExitStatus.ok
    }
    let label = "Error: "
    let message = text.hasPrefix(label) ? String(text.dropFirst(label.count)) : text
    Terminal.writeError("resnetc: \(Terminal.emphasized("error:")) \(message)\n")
    return ExitStatus.usage
  }
}
