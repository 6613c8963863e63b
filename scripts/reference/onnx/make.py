"""Writes the fixtures of src/onnx and src/tensor/safetensors.ts with the onnx and safetensors packages. Run: python make.py"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

SOURCE = Path(__file__).resolve().parents[3] / "src"

TYPES = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "bool"]
VALUES = [0, 1, 2, 100, 3, 1]


def main() -> None:
    initializers, expected = [], {}
    for name in TYPES:
        array = np.array(VALUES, dtype=name).reshape(2, 3)
        code = helper.np_dtype_to_tensor_dtype(array.dtype)
        initializers.append(numpy_helper.from_array(array, f"{name}.raw"))
        initializers.append(helper.make_tensor(f"{name}.list", code, [2, 3], array.flatten().tolist()))
        for form in ("raw", "list"):
            expected[f"{name}.{form}"] = [float(v) for v in array.flatten()]
    for form, raw in (("raw", True), ("list", False)):
        values = np.array([1.0, -2.5, 0.0, 3.140625], dtype=np.float32)
        halves = (values.view(np.uint32) >> 16).astype(np.uint16)
        data = halves.tobytes() if raw else values.tolist()
        initializers.append(helper.make_tensor(f"bfloat16.{form}", TensorProto.BFLOAT16, [4], data, raw=raw))
        expected[f"bfloat16.{form}"] = values.tolist()
    ports = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 3]),
    ]
    nodes = [
        helper.make_node("LeakyRelu", ["x"], ["h"], alpha=0.25, doc_string="a comment"),
        helper.make_node("Clip", ["h", "", "float32.max"], ["y"], name="clip"),
    ]
    initializers.append(numpy_helper.from_array(np.float32(1.5), "float32.max"))
    expected["float32.max"] = [1.5]
    graph = helper.make_graph(nodes, "fixture", ports[:1], ports[1:], initializers)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, {"key": "value"})
    onnx.checker.check_model(model)
    fixtures = SOURCE / "onnx/fixtures"
    fixtures.mkdir(parents=True, exist_ok=True)
    onnx.save(model, fixtures / "tensors.onnx")
    (fixtures / "tensors.json").write_text(json.dumps(expected) + "\n")
    kept = {name: np.array(VALUES, dtype=name).reshape(2, 3) for name in TYPES if name != "float16"}
    save_file(kept, SOURCE / "tensor/fixtures/types.safetensors", metadata={"made": "by the package"})


main()
