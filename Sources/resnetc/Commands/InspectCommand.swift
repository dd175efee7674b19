import ArgumentParser

/// `resnetc inspect`: shows what the compiler decides.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show plans.")
  @OptionGroup var spec: SpecOptions
  func run() throws {}
}
