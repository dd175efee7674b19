/// One file of a generated module, in memory.
public struct GeneratedFile: Hashable, Sendable {
  /// Relative to the module's folder, with `/` between its parts.
  public var path: String
  /// UTF-8 text.
  public var contents: String

  public init(path: String, contents: String) {
    self.path = path
    self.contents = contents
  }
}
