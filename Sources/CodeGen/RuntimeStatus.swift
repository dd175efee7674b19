/// A value of a module's status enum, with the words of its C header, of its status text and of its
/// Swift error.
struct RuntimeStatus {
  var value: Int
  /// After the prefix: `OK`, `ERROR_OPEN`.
  var name: String
  /// For the comment in the header.
  var meaning: String
  /// What `status_text` answers: one sentence.
  var text: String
  /// `text` as string literals of C and of Swift, one a line.
  var textLines: [String]
  /// The case of the Swift error; `nil` for success.
  var swiftCase: String?
  /// Whether the Swift error tells the weights file's path.
  var namesFile: Bool
  /// `meaning` as a sentence.
  var meaningSentence: String

  /// Every status that a module with or without pixel functions can return.
  static func all(weightsFile: String, maxThreads: Int, pixels: Bool) -> [RuntimeStatus] {
    var rows: [(name: String, meaning: String, text: String, swiftCase: String?)] = [
      ("OK", "it worked", "no error", nil),
      (
        "ERROR_ARGUMENT", "a pointer is NULL", "a required pointer is NULL", "invalidArgument"
      ),
      (
        "ERROR_OPEN", "there is no readable file; errno says why",
        "the weights file cannot be opened; check that it exists and may be read", "cannotOpen"
      ),
      (
        "ERROR_NOT_WEIGHTS", "the file is not a weights file",
        "the file is not a weights file of this compiler; pass \(weightsFile)", "notAWeightsFile"
      ),
      (
        "ERROR_FORMAT_VERSION", "the file has another version of the format",
        "the weights file has another format version; compile the model again",
        "otherFormatVersion"
      ),
      (
        "ERROR_OTHER_MODEL", "the file belongs to another model or compilation",
        "the weights file belongs to another model or to another compilation of it; "
          + "use the \(weightsFile) written together with this library", "otherModel"
      ),
      (
        "ERROR_TRUNCATED", "the file's size is wrong",
        "the weights file is not as long as it should be; copy it again", "truncated"
      ),
      (
        "ERROR_CORRUPT", "the checksum does not match",
        "the weights file is damaged: its checksum does not match; copy it again", "corrupt"
      ),
      ("ERROR_MEMORY", "there is no memory left", "out of memory", "outOfMemory"),
      (
        "ERROR_ISA_UNKNOWN", "RESNETC_ISA names no variant",
        "RESNETC_ISA names no instruction set of this library; correct it or unset it",
        "unknownInstructionSet"
      ),
      (
        "ERROR_ISA_UNSUPPORTED", "the processor lacks the instruction set",
        "this processor cannot run the instruction set asked for; unset RESNETC_ISA",
        "unsupportedInstructionSet"
      ),
      (
        "ERROR_THREADS", "the number of threads is out of range",
        "the number of threads must be from 1 to \(maxThreads)", "invalidThreads"
      ),
      (
        "ERROR_STEPS", "there are no such steps",
        "the range of steps is outside of the network", "invalidSteps"
      ),
      (
        "ERROR_ALIGNMENT", "workspace or scratch is misaligned",
        "workspace and scratch must lie at multiples of 64 bytes", "misaligned"
      ),
    ]
    if pixels {
      rows.append(
        (
          "ERROR_PICTURE", "the picture's size, stride or format is invalid",
          "the picture is invalid: it needs pixels, a width and a height of at least 1 "
            + "that the network's input can be cut from, a known format, "
            + "and a row stride of at least its row's bytes", "invalidPicture"
        ))
    }
    let filePaths: Set = [
      "ERROR_OPEN", "ERROR_NOT_WEIGHTS", "ERROR_FORMAT_VERSION", "ERROR_OTHER_MODEL",
      "ERROR_TRUNCATED", "ERROR_CORRUPT",
    ]
    return rows.enumerated().map { index, row in
      RuntimeStatus(
        value: index, name: row.name, meaning: row.meaning, text: row.text,
        textLines: Self.literals(row.text), swiftCase: row.swiftCase,
        namesFile: filePaths.contains(row.name),
        meaningSentence: row.meaning.prefix(1).uppercased() + row.meaning.dropFirst() + ".")
    }
  }

  /// A text in pieces that fit a line, as string literals of C and of Swift.
  private static func literals(_ text: String) -> [String] {
    var pieces = [""]
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let last = pieces.count - 1
      if pieces[last].isEmpty || pieces[last].count + word.count < 80 {
        pieces[last] += pieces[last].isEmpty ? word : " " + word
      } else {
        pieces[last] += " "
        pieces.append(String(word))
      }
    }
    return pieces.map { "\"\($0)\"" }
  }
}
