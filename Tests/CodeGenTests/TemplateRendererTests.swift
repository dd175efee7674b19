import CodeGen
import Foundation
import KernelTemplates
import Testing

@Suite("Templates are rendered as text, and a tag the view does not have is an error")
struct TemplateRendererTests {
  struct Tile {
    var rows: Int
    var name: String?
    var last = false
  }

  struct Kernel {
    var title = "a < b && \"c\""
    var tiles = [Tile(rows: 1, name: "one"), Tile(rows: 2, name: nil)]
    var shape = Tile(rows: 7, name: nil)
    var bias: Tile?
    var relu = true
    var empty: [Tile] = []
    var family = "tile.c"
    var counts = [3, 4]
  }

  private func render(_ text: String, tile: String = "{{rows}};\n") throws -> String {
    try TemplateRenderer(templates: ["main.c": text, "tile.c": tile]).render("main.c", Kernel())
  }

  @Test("C text is not escaped, and { { stays")
  func text() throws {
    #expect(try render("if ({{title}}) { {x} }") == "if (a < b && \"c\") { {x} }")
  }

  @Test("Sections over arrays, structs, optionals and booleans")
  func sections() throws {
    #expect(
      try render("{{#tiles}}{{rows}}{{#name}}={{name}}{{/name}}{{^last()}}, {{/last()}}{{/tiles}}")
        == "1=one, 2")
    #expect(try render("{{#shape}}{{rows}}{{/shape}} {{shape.rows}}") == "7 7")
    #expect(try render("{{#bias}}no{{/bias}}{{^bias}}none{{/bias}}[{{bias}}]") == "none[]")
    #expect(try render("{{#relu}}r{{/relu}}{{^relu}}n{{/relu}}{{^empty}}e{{/empty}}") == "re")
    #expect(try render("{{#counts}}{{.}} {{/counts}}{{count(tiles)}}") == "3 4 2")
  }

  @Test("An inner view sees the names of the views around it")
  func outerNames() throws {
    #expect(try render("{{#tiles}}{{family}} {{/tiles}}") == "tile.c tile.c ")
  }

  @Test("Partials, indented by their place, by fixed and by computed name")
  func partials() throws {
    let text = "{\n  {{#tiles}}\n  {{> tile.c}}\n  {{/tiles}}\n}\n"
    #expect(try render(text) == "{\n  1;\n  2;\n}\n")
    #expect(try render("{{#shape}}{{> *family}}{{/shape}}") == "7;\n")
    #expect(try render("{{> tile.c}}", tile: "{{title}}") == "a < b && \"c\"")
  }

  @Test("A missing tag is named with its template and line")
  func missingTags() throws {
    let missing = { (template: String, line: Int, tag: String) in
      TemplateError.missingTag(template: template, line: line, tag: tag)
    }
    #expect(throws: missing("main.c", 2, "tilte")) { try render("\n{{tilte}}") }
    #expect(throws: missing("main.c", 1, "bias2")) { try render("{{#bias2}}{{/bias2}}") }
    #expect(throws: missing("main.c", 1, "bias2")) { try render("{{^bias2}}{{/bias2}}") }
    #expect(throws: missing("main.c", 1, "shape.columns")) { try render("{{shape.columns}}") }
    #expect(throws: missing("main.c", 2, "columns")) {
      try render("{{#tiles}}\n{{columns}}{{/tiles}}")
    }
    #expect(throws: missing("tile.c", 1, "rows")) { try render("{{> tile.c}}") }
    #expect(throws: TemplateError.unknownPartial(template: "main.c", line: 1, name: "x.c")) {
      try render("{{> x.c}}")
    }
    #expect(throws: TemplateError.invalidTransform(template: "main.c", line: 1, tag: "last()")) {
      try render("{{last()}}")
    }
    #expect(throws: TemplateError.unknownTemplate(name: "x.c")) {
      try TemplateRenderer(templates: [:]).render("x.c", Kernel())
    }
  }

  @Test(
    "Malformed templates are refused with the line",
    arguments: [
      ("{{#tiles}}", 1), ("\n{{/tiles}}", 2), ("a\n{{x", 2), ("{{=<% %>=}}", 1), ("{{a..b}}", 1),
      ("{{#a}}\n{{/b}}", 2), ("{{last(}}", 1), ("\n{{a b+}}", 2),
    ])
  func syntax(text: String, line: Int) throws {
    #expect {
      try TemplateRenderer(templates: ["main.c": text])
    } throws: { error in
      guard case TemplateError.syntax("main.c", line, _) = error else { return false }
      return true
    }
  }

  @Test("The index lists every file of the template folders, and all of them parse")
  func index() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var names: Set<String> = []
    for folder in ["c", "swift"] {
      let path = root.appending(path: "Templates/\(folder)").path()
      for file in try FileManager.default.contentsOfDirectory(atPath: path) {
        names.insert(String(file.dropLast(".mustache".count)))
      }
    }
    #expect(Set(TemplateLibrary.all.keys) == names)
    _ = try TemplateRenderer()
  }
}
