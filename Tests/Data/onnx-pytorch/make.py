"""Copies ONNX's tests of models by PyTorch into this folder. Operators are understood from version 7 on;
files of earlier versions are converted to it, in which their operators mean the same.

    pip install onnx
    python make.py
"""

import pathlib
import shutil

import onnx
from onnx import version_converter

FOLDER = pathlib.Path(__file__).resolve().parent
DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
# Operations on float32 whose operators can be imported, with windows in one or two dimensions of space. Left
# out are files of megabytes, such as test_MaxPool2d_stride_padding_dilation and test_operator_conv.
TESTS = {
    "pytorch-converted": """
        AvgPool1d AvgPool1d_stride AvgPool2d AvgPool2d_stride BatchNorm1d_3d_input_eval BatchNorm2d_eval
        BatchNorm2d_momentum_eval BatchNorm3d_eval ConstantPad2d Conv1d Conv1d_dilated Conv1d_groups
        Conv1d_pad1 Conv1d_pad1size1 Conv1d_pad2 Conv1d_pad2size1 Conv1d_stride Conv2d Conv2d_depthwise
        Conv2d_depthwise_padded Conv2d_depthwise_strided Conv2d_depthwise_with_multiplier Conv2d_dilated
        Conv2d_groups Conv2d_groups_thnn Conv2d_no_bias Conv2d_padding Conv2d_strided LeakyReLU
        LeakyReLU_with_negval Linear Linear_no_bias MaxPool1d MaxPool1d_stride MaxPool2d PixelShuffle ReLU
        ReflectionPad2d ReplicationPad2d Sigmoid Softmax Softmin ZeroPad2d softmax_functional_dim3
        softmax_lastdim
    """,
    "pytorch-operator": """
        operator_addmm operator_clip operator_concat2 operator_flatten operator_mm operator_pad
        operator_permute2 operator_reduced_mean operator_reduced_mean_keepdim operator_view
    """,
    "simple": """
        expand_shape_model1 expand_shape_model2 expand_shape_model3 expand_shape_model4 single_relu_model
    """,
}


def main() -> None:
    for kind, names in TESTS.items():
        for name in names.split():
            source = DATA / kind / f"test_{name}"
            target = FOLDER / f"test_{name}"
            target.mkdir(exist_ok=True)
            model = onnx.load(source / "model.onnx")
            if model.opset_import[0].version < 7:
                model = version_converter.convert_version(model, 7)
            onnx.save(model, target / "model.onnx")
            for data in sorted((source / "test_data_set_0").glob("*.pb")):
                shutil.copy(data, target)


if __name__ == "__main__":
    main()
