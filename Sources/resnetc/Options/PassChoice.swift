import ArgumentParser
import GraphPasses

/// Which passes run.
struct PassChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Leave a pass out, or 'all' passes. Repeatable.", valueName: "pass"))
  var disablePass: [String] = []

  /// The arguments that say the same.
  var arguments: [String] { disablePass.flatMap { ["--disable-pass", $0] } }

  var options: PassOptions { PassOptions(disabled: Set(disablePass)) }
}
