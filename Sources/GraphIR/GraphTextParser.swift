import Diagnostics

extension Graph {
  /// Reads a graph from its textual form, which `text()` prints:
  ///
  ///     graph     = "graph" word "{" node* "return" [values] "}"
  ///     node      = value "=" operation "(" [values] ")" attribute* [":" type] string [sources]
  ///     attribute = flag | key "=" setting
  ///     type      = element "[" [integer ("," integer)*] "]"
  ///     values    = value ("," value)*
  ///     sources   = "from" string ":" integer ".." integer ("," …)*
  ///
  /// Values are numbered from `%0` in the order of their definition and defined before their use.
  /// A type left out is inferred; a type given is taken as it stands, for `verify()` to check.
  ///
  /// - Throws: `GraphTextError`, with the line and the column of what was not expected.
  public init(parsing text: String) throws {
    var lexer = GraphTextLexer(text)
    var parser = GraphTextParser(tokens: try lexer.tokens(), bytes: lexer.bytes)
    self = try parser.graph()
  }
}

/// A recursive-descent parser over the tokens of a graph's text.
struct GraphTextParser {
  let tokens: [GraphTextToken]
  let bytes: [UInt8]
  private var position = 0

  init(tokens: [GraphTextToken], bytes: [UInt8]) {
    self.tokens = tokens
    self.bytes = bytes
  }

  // MARK: Tokens

  /// The token to be read next; the last one, `end`, is never passed.
  var current: GraphTextToken { tokens[min(position, tokens.count - 1)] }

  mutating func advance() { position += 1 }

  func error(_ message: String, at token: GraphTextToken? = nil) -> GraphTextError {
    GraphTextError(message, at: (token ?? current).offset, in: bytes)
  }

  func expected(_ what: String) -> GraphTextError {
    error("expected \(what), found \(current.description)")
  }

  mutating func skip(_ mark: Character) -> Bool {
    guard current.kind == .mark(mark) else { return false }
    advance()
    return true
  }

  mutating func take(_ mark: Character, in context: String) throws {
    guard skip(mark) else { throw expected("'\(mark)' \(context)") }
  }

  mutating func skip(keyword: String) -> Bool {
    guard current.kind == .word(keyword) else { return false }
    advance()
    return true
  }

  mutating func word(_ what: String) throws -> String {
    guard case .word(let word) = current.kind else { throw expected(what) }
    advance()
    return word
  }

  mutating func string(_ what: String) throws -> String {
    guard case .string(let string) = current.kind else { throw expected(what) }
    advance()
    return string
  }

  /// An integer of at most 31 bits, so that shapes can be computed without overflow.
  mutating func integer(_ what: String) throws -> Int {
    guard case .word(let word) = current.kind, let value = Int32(word) else {
      throw expected("\(what): an integer below 2147483648")
    }
    advance()
    return Int(value)
  }

  /// Items separated by commas, one at least.
  mutating func list<Item>(_ item: (inout Self) throws -> Item) throws -> [Item] {
    var items = [try item(&self)]
    while skip(",") { items.append(try item(&self)) }
    return items
  }

  // MARK: Graph

  mutating func graph() throws -> Graph {
    guard skip(keyword: "graph") else { throw expected("'graph'") }
    var graph = Graph(name: "")
    if case .string(let name) = current.kind {
      graph.name = name
      advance()
    } else {
      graph.name = try word("the graph's name")
    }
    try take("{", in: "before the nodes")
    while case .value = current.kind { graph.nodes.append(try node(in: graph)) }
    guard skip(keyword: "return") else { throw expected("a node or 'return'") }
    if case .value = current.kind {
      graph.outputs = try list { try $0.operand(in: graph) }
    }
    try take("}", in: "after the results")
    guard current.kind == .end else { throw expected("the end of the text") }
    return graph
  }

  private mutating func node(in graph: Graph) throws -> Node {
    guard current.kind == .value(graph.nodes.count) else {
      throw expected("'%\(graph.nodes.count)', the number of the next node")
    }
    advance()
    try take("=", in: "after the number of a node")
    let start = current
    let mnemonic = try word("an operation")
    guard Op.mnemonics.contains(mnemonic) else {
      let near = nearestName(to: mnemonic, among: Op.mnemonics).map { "; did you mean '\($0)'?" }
      throw error("there is no operation '\(mnemonic)'\(near ?? "")", at: start)
    }
    try take("(", in: "before the operands")
    var inputs: [NodeID] = []
    if current.kind != .mark(")") { inputs = try list { try $0.operand(in: graph) } }
    try take(")", in: "after the operands")
    let op = try operation(mnemonic, at: start)
    let type: TensorType
    if skip(":") {
      type = try self.type()
    } else {
      do {
        type = try inferType(of: op, inputs: inputs.map { graph[$0].type })
      } catch let cause as ShapeError {
        throw error(cause.message, at: start)
      }
      guard type.shape.isAddressable else {
        throw error("the result \(type) has too many elements", at: start)
      }
    }
    let name = try string("the node's name in quotes")
    let sources = skip(keyword: "from") ? try list { try $0.source() } : []
    return Node(op: op, inputs: inputs, type: type, name: name, sources: sources)
  }

  private mutating func operand(in graph: Graph) throws -> NodeID {
    guard case .value(let index) = current.kind else { throw expected("a value such as '%0'") }
    guard index < graph.nodes.count else { throw error("%\(index) is used before it is defined") }
    advance()
    return NodeID(index)
  }

  private mutating func type() throws -> TensorType {
    let start = current
    let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
    guard case .word(let word) = current.kind, let element = ElementType(rawValue: word) else {
      throw expected("an element type (\(known))")
    }
    advance()
    try take("[", in: "before the dimensions")
    var dimensions: [Int] = []
    if current.kind != .mark("]") { dimensions = try list { try $0.integer("a dimension") } }
    try take("]", in: "after the dimensions")
    let shape = Shape(dimensions)
    guard shape.isAddressable else {
      throw error(
        "the dimensions of \(shape) must be 1 or more and their product below 2^40",
        at: start)
    }
    return TensorType(shape, element)
  }

  /// `"file":lower..upper`
  private mutating func source() throws -> SourceRange {
    let file = try string("the name of a source file in quotes")
    try take(":", in: "after the name of a source file")
    let what = "a range of offsets such as '12..34'"
    guard case .word(let range) = current.kind else { throw expected(what) }
    let dots = range.utf8.indices.first { range.utf8[$0...].starts(with: "..".utf8) }
    guard let dots, let lower = Int(range[..<dots]),
      let upper = Int(range[range.index(dots, offsetBy: 2)...])
    else { throw expected(what) }
    advance()
    return SourceRange(file: file, lower: lower, upper: upper)
  }
}

extension Shape {
  /// Whether every dimension is 1 or more and the elements number less than 2^40, so that no size
  /// computed from the shape overflows.
  public var isAddressable: Bool {
    var count = 1
    for dimension in dimensions {
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 1, !overflows, product < 1 << 40 else { return false }
      count = product
    }
    return true
  }
}
