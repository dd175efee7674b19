/// The index of the templates that generated files are made from.
///
/// A template is a file `c/NAME.mustache` or `swift/NAME.mustache` in this folder, embedded in the
/// compiler's own binary, and is known by NAME: `model.c`, `tile.c`. A partial refers to it by the
/// same name: `{{> tile.c}}`. A new file needs one line here; a test compares this list with the
/// folder.
public enum TemplateLibrary {
  /// Every template's text by its name.
  public static let all: [String: String] = embedded.mapValues {
    String(decoding: $0, as: UTF8.self)
  }

  private static let embedded: [String: [UInt8]] = [
    "vector.h": PackageResources.vector_h_mustache,
    "Model.swift": PackageResources.Model_swift_mustache,
  ]
}
