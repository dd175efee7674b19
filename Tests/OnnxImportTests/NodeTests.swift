import Foundation
import GraphIR
import Interpreter
import OnnxFiles
import Testing

@testable import OnnxImport

/// The ONNX project's own tests of the operators, which its Python package carries.
@Suite struct NodeTests {
  /// Every one of them gives what is expected, or is refused for a reason that the table names; and the
  /// table says the same.
  @Test func interpreterPassesAsTheTableSays() throws {
    func outcomes(_ collection: NodeTest.Collection) throws -> [OperatorTable.Row] {
      try collection.names.map { ($0, try outcome(of: $0, in: collection)) }
    }
    let table = OperatorTable(try outcomes(.node), pytorch: try outcomes(.pytorch))
    try expectText(table.text, at: OperatorTable.path)
  }

  private func outcome(
    of name: String, in collection: NodeTest.Collection
  ) throws -> NodeTest.Outcome {
    let test: NodeTest
    do { test = try NodeTest(name, in: collection) } catch let error as OnnxFileError {
      return .refused("\(error)")
    }
    var refusal = ""
    do {
      let imported = try test.network()
      let input = try #require(
        try test.input(), "\(name) is not refused, and its data are not here")
      let results = try GraphInterpreter(imported.model.graph, parameters: imported.weights)
        .run([input])
      let expected = try test.expected()
      #expect(results.map(\.shape) == expected.map(\.shape), "\(name)")
      for (found, wanted) in zip(results, expected) {
        #expect(
          largestError(found.elements, wanted.elements) <= NodeTest.tolerance(of: name), "\(name)")
      }
      return .network
    } catch let error as OnnxImportError {
      refusal = "\(error)"
    } catch let error as OnnxFileError {
      refusal = "\(error)"
    }
    for bindsAll in [false, true] {
      do {
        let constants = try test.constants(bindingAll: bindsAll).compactMap(\.self)
        if constants.count == test.model.graph.outputs.count {
          #expect(try test.areExpected(constants), "\(name)")
          return .constant
        }
      } catch is OnnxImportError {
      } catch is OnnxFileError {
      }
    }
    return .refused(refusal)
  }
}
