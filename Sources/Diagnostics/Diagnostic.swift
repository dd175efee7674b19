/// One finding about the user's input: what is wrong, where, and what would put it right.
public struct Diagnostic: Error, Equatable, Sendable, CustomStringConvertible {
  /// Whether a finding keeps the input from being used.
  public enum Severity: String, Hashable, Sendable {
    case error
    case warning
  }

  /// A second place that explains the first, such as where a shape came from.
  public struct Note: Equatable, Sendable {
    public var message: String
    public var range: SourceRange?

    public init(_ message: String, at range: SourceRange? = nil) {
      self.message = message
      self.range = range
    }
  }

  /// A replacement that is likely what the user meant.
  public struct Fix: Equatable, Sendable {
    public var range: SourceRange
    public var replacement: String

    public init(replacing range: SourceRange, with replacement: String) {
      self.range = range
      self.replacement = replacement
    }
  }

  public var severity: Severity
  /// One clear sentence, without a place and without a final full stop.
  public var message: String
  /// `nil` for a finding about no place, such as a file that cannot be read.
  public var range: SourceRange?
  public var notes: [Note]
  public var fix: Fix?

  public init(
    _ message: String, at range: SourceRange?, severity: Severity = .error, notes: [Note] = [],
    fix: Fix? = nil
  ) {
    self.severity = severity
    self.message = message
    self.range = range
    self.notes = notes
    self.fix = fix
  }

  /// The message without its place; `DiagnosticRenderer` shows the place.
  public var description: String { "\(severity.rawValue): \(message)" }
}

extension Sequence<Diagnostic> {
  /// Whether any of the findings is an error.
  public var containsError: Bool { contains { $0.severity == .error } }

  /// The findings in the order of their places: by file, as listed, then by position. Those without
  /// a place stay in front, and those at one place stay in their order.
  public func sorted(in files: [SourceFile]) -> [Diagnostic] {
    let ranks = Dictionary(
      files.enumerated().map { ($0.element.path, $0.offset) },
      uniquingKeysWith: { first, _ in first }
    )
    func key(_ entry: (offset: Int, element: Diagnostic)) -> (Int, Int, Int) {
      guard let range = entry.element.range else { return (-1, 0, entry.offset) }
      return (ranks[range.file] ?? files.count, range.lower, entry.offset)
    }
    return enumerated().sorted { key($0) < key($1) }.map(\.element)
  }
}
