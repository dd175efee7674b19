import Foundation

/// The weights that lie beside a spec under the same base name, if they are there:
/// `resnet8-cifar10.safetensors` for `resnet8-cifar10.spec`.
public func findWeights(besideSpec path: String) -> String? {
  let (folder, name) = splitPath(path)
  let base = name.hasSuffix(".spec") ? String(name.dropLast(".spec".count)) : name
  guard !base.isEmpty else { return nil }
  let candidate = folder + base + ".safetensors"
  var isDirectory: ObjCBool = false
  let exists = FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory)
  return exists && !isDirectory.boolValue ? candidate : nil
}
