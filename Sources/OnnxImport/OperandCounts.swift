/// The most inputs that an operator of ONNX has in any version from 7 on.
func maximalOperandCount(of operation: String) -> Int {
  switch operation {
  // Any number, by ONNX; each becomes an operation of the network.
  case "Concat", "Sum": 10_000
  case "BatchNormalization", "Slice": 5
  case "Pad": 4
  case "Clip", "Conv", "Dropout", "Gemm", "Range", "Where": 3
  case "Add", "CastLike", "Div", "Equal", "Expand", "Gather", "Greater", "Less", "MatMul", "Mul",
    "ReduceMax", "ReduceMean", "ReduceProd", "ReduceSum", "Reshape", "Split", "Squeeze", "Sub",
    "Unsqueeze":
    2
  case "Constant": 0
  default: 1
  }
}
