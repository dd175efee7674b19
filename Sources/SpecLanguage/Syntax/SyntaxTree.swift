import Diagnostics

/// A parsed spec file.
public struct SpecFile: Equatable, Sendable {
  public var path: String
  public var items: [Item]
  /// Comments behind the last item.
  public var danglingComments: [Comment]
}

/// The comments that belong to a part of a file which can stand on a line of its own.
public struct Trivia: Equatable, Sendable {
  /// On lines of their own before the part.
  public var leading: [Comment] = []
  /// At the end of the part's last line.
  public var trailing: Comment?
  /// A blank line stands before the part, behind its leading comments.
  public var followsBlankLine = false

  public var hasComments: Bool { !leading.isEmpty || trailing != nil }
}

/// A word with its place.
public struct Identifier: Equatable, Sendable {
  public var text: String
  public var range: SourceRange
}

/// One declaration at the top of a file.
public struct Item: Equatable, Sendable {
  /// What is declared.
  public enum Kind: Equatable, Sendable {
    /// `import "blocks.spec"`; the expression is the string.
    case importFile(Expression)
    /// `name = value`
    case constant(Identifier, Expression)
    case block(Definition)
    case model(Definition)
  }

  public var kind: Kind
  public var range: SourceRange
  public var trivia: Trivia
}

/// A block or a model: a name, parameters, statements.
public struct Definition: Equatable, Sendable {
  public var name: Identifier
  public var parameters: [Parameter]
  /// Comments before the closing parenthesis of the parameters.
  public var danglingComments: [Comment]
  public var body: Body
}

/// A parameter of a block or model, `name` or `name = value`.
public struct Parameter: Equatable, Sendable {
  public var name: Identifier
  public var defaultValue: Expression?
  public var trivia: Trivia
}

/// Statements between braces.
public struct Body: Equatable, Sendable {
  public var statements: [Statement]
  /// Comments before the closing brace.
  public var danglingComments: [Comment]
}

/// A line of a body, or an `if` or `for` with its bodies.
public struct Statement: Equatable, Sendable {
  /// What a statement does.
  public indirect enum Kind: Equatable, Sendable {
    case assign(Identifier, Expression)
    /// `for name in values`, `for (a, b) in values`; one name stands for the whole element.
    case forEach([Identifier], isTuple: Bool, Expression, Body)
    /// The branches in order, then `else`.
    case ifElse([Branch], Body?)
    case returnValue(Expression)
    /// A declaration in the form of a call, such as `labels("names.txt")`.
    case call(Call)
  }

  /// A condition of an `if` with what it guards.
  public struct Branch: Equatable, Sendable {
    public var condition: Expression
    public var body: Body
  }

  public var kind: Kind
  public var range: SourceRange
  public var trivia: Trivia
}

/// A value, as it is written.
public struct Expression: Equatable, Sendable {
  /// The forms of expressions.
  public indirect enum Kind: Equatable, Sendable {
    /// The digits as written.
    case integer(String)
    /// The number as written.
    case real(String)
    /// The string as written, with its quotes.
    case string(String)
    case boolean(Bool)
    case name(String)
    case list(Arguments)
    case tuple(Arguments)
    case parenthesized(Expression)
    /// `-` or `not`.
    case unary(String, Expression)
    case binary(Identifier, Expression, Expression)
    case conditional(then: Expression, condition: Expression, otherwise: Expression)
    case member(Expression, Identifier)
    case index(Expression, Expression)
    /// `input[dimensions]`
    case input(Arguments)
    case call(Call)
    case pipeline(Expression, [Stage])
  }

  public var kind: Kind
  public var range: SourceRange
  /// The height of the tree, kept under a limit so that recursion over it is safe.
  public var depth: Int
}

/// Values between brackets, separated by commas.
/// An element of a call, list or tuple: `value` or `name: value`.
public struct Arguments: Equatable, Sendable {
  public var elements: [Argument]
  /// Comments before the closing bracket.
  public var danglingComments: [Comment]
}

public struct Argument: Equatable, Sendable {
  public var name: Identifier?
  public var value: Expression
  public var trivia: Trivia
}

/// The use of a block, an operation or a function.
public struct Call: Equatable, Sendable {
  public var callee: Identifier
  /// `nil` where a pipeline names only the operation, as in `|> relu`.
  public var arguments: Arguments?
  public var range: SourceRange
}

/// One step of a pipeline: `|> label: callee(arguments)`.
public struct Stage: Equatable, Sendable {
  public var label: Label?
  public var call: Call
  public var range: SourceRange
  public var trivia: Trivia

  /// The expressions in the label and the arguments.
  var expressions: [Expression] {
    (label?.interpolations ?? []) + (call.arguments?.elements.map(\.value) ?? [])
  }
}

/// The path that names an instance, such as `layer{stage}.{i}`.
public struct Label: Equatable, Sendable {
  /// A piece of a label: words, or an expression in braces.
  public enum Part: Equatable, Sendable {
    case text(String)
    case interpolation(Expression)
  }

  public var parts: [Part]
  public var range: SourceRange

  var interpolations: [Expression] {
    parts.compactMap { part in
      if case .interpolation(let value) = part { value } else { nil }
    }
  }
}
