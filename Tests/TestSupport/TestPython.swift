import Foundation

/// The Python that `Scripts/install-dependencies.sh --tests` makes, with onnx and onnxruntime.
package enum TestPython {
  /// Its path; nil if it is not there. `RESNETC_TEST_PYTHON` names another.
  package static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["RESNETC_TEST_PYTHON"], !named.isEmpty { return named }
    let cache =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
      ?? environment["HOME"].map { $0 + "/.cache" }
    guard let cache else { return nil }
    let path = cache + "/resnetc/test-python/bin/python"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  package static var isThere: Bool { path != nil }

  /// Whether tests have to fail without it rather than be skipped.
  package static let isRequired =
    ProcessInfo.processInfo.environment["RESNETC_REQUIRE_TEST_PYTHON"] == "1"

  /// Why a test is skipped without it.
  package static let reason =
    "there is no Python with onnx and onnxruntime; Scripts/install-dependencies.sh --tests makes one"
}
