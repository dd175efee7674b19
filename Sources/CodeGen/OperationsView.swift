import KernelPlanning
import MachineModel

/// What every kernel template can say in an instruction set: the vector type and the names of its
/// operations, with the widths they work on.
struct OperationsView {
  var vector: String
  var lanes: Int
  var panelWidth: Int
  var load: String
  var loadHalf: String
  var store: String
  var broadcast: String
  var zero: String
  var add: String
  var sub: String
  var mul: String
  var div: String
  var max: String
  var min: String
  var maxOrNaN: String
  var fma: String
  var fnmadd: String
  var powerOfTwo: String
  var permute: String

  init(_ instructionSet: InstructionSet) {
    vector = instructionSet.vectorType
    lanes = instructionSet.lanes
    panelWidth = KernelPlanning.panelWidth
    load = instructionSet.load
    loadHalf = instructionSet.loadHalf
    store = instructionSet.store
    broadcast = instructionSet.broadcast
    zero = instructionSet.zero
    add = instructionSet.add
    sub = instructionSet.sub
    mul = instructionSet.mul
    div = instructionSet.div
    max = instructionSet.max
    min = instructionSet.min
    maxOrNaN = instructionSet.maxOrNaN
    fma = instructionSet.fma
    fnmadd = instructionSet.fnmadd
    powerOfTwo = instructionSet.powerOfTwo
    permute = instructionSet.permute
  }
}
