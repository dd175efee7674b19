import Mustache

// A view is any Swift struct. Before rendering it is turned once into the three shapes a template
// can see, so that the check and the rendering look at the same thing and reflection is paid once:
// an object with named fields, an array, or a value that prints itself.

/// A struct, tuple, class or string-keyed dictionary of a view: its stored properties by name.
struct ViewObject: MustacheParent, MustacheCustomRenderable {
  let fields: [String: Any]
  let value: Any

  func child(named name: String) -> Any? { fields[name] }
  var renderText: String { String(describing: value) }
  var isNull: Bool { false }
}

/// An optional that is nil: present, prints nothing, and its section is skipped.
struct ViewNull: MustacheCustomRenderable {
  var renderText: String { "" }
  var isNull: Bool { true }
}

/// Turns a view, or a part of one, into what templates see.
///
/// Only stored properties are visible, since reflection shows no others. An enum prints as its
/// description.
func templateValue(of value: Any) -> Any {
  switch value {
  case is String, is Int, is Bool, is Double, is Float, is UInt64: return value
  default: break
  }
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .optional:
    guard let wrapped = mirror.children.first else { return ViewNull() }
    return templateValue(of: wrapped.value)
  case .collection:
    return mirror.children.map { templateValue(of: $0.value) }
  case .dictionary:
    guard let dictionary = value as? [String: Any] else { return String(describing: value) }
    return ViewObject(fields: dictionary.mapValues(templateValue(of:)), value: value)
  case .struct, .tuple, .class:
    var fields: [String: Any] = [:]
    for child in mirror.children {
      if let label = child.label { fields[label] = templateValue(of: child.value) }
    }
    return ViewObject(fields: fields, value: value)
  default:
    return String(describing: value)
  }
}
