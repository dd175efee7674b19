/// A half-open range of UTF-8 offsets in a named source file.
///
/// Every node of a graph keeps the ranges it came from, so that a message about a fused kernel can
/// still point at lines of the spec.
public struct SourceRange: Hashable, Sendable {
  /// The path of the file, as the user named it.
  public var file: String
  /// The offset of the first UTF-8 code unit.
  public var lower: Int
  /// The offset one past the last UTF-8 code unit; equal to `lower` for a position.
  public var upper: Int

  public init(file: String, lower: Int, upper: Int) {
    self.file = file
    self.lower = lower
    self.upper = upper
  }
}
