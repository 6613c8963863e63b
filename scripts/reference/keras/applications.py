"""Writes the families of keras.applications, with random weights at a reduced size, to a folder: `<library>-<name>.<format>`
and `.json` with an input and what the model answers. Too large to keep: the test that reads them runs where the folder is.
Run: python applications.py <folder> [library …]; then DUGA_KERAS_APPLICATIONS=<folder> node --test scripts/reference/keras/compare-applications.ts."""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

SIZES = {"NASNetMobile": 64, "InceptionV3": 96, "Xception": 96}
NAMES = """MobileNet MobileNetV2 MobileNetV3Small MobileNetV3Large EfficientNetB0 EfficientNetB1 EfficientNetV2B0 DenseNet121
NASNetMobile ResNet50 ResNet50V2 InceptionV3 Xception ConvNeXtTiny VGG16""".split()


def randomise(model, rng):
    for variable in model.weights:
        name = getattr(variable, "path", variable.name)
        if "variance" in name:
            variable.assign(rng.uniform(0.7, 1.3, variable.shape))
        elif "gamma" in name and "layer_scale" not in name:
            variable.assign(rng.uniform(0.8, 1.2, variable.shape))
        elif "moving_mean" in name or "beta" in name or "bias" in name:
            variable.assign(rng.normal(0, 0.1, variable.shape))


def plain(array):
    return {"dims": list(array.shape), "values": [float(f"{v:.9g}") for v in np.asarray(array, "float32").ravel()]}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for library in sys.argv[2:] or ["keras", "tf_keras"]:
        keras = __import__(library)
        for name in NAMES:
            keras.utils.set_random_seed(1)
            rng = np.random.default_rng(1)
            size = SIZES.get(name, 64)
            options = {"weights": None, "input_shape": (size, size, 3), "classes": 10}
            model = getattr(keras.applications, name)(**options)
            randomise(model, rng)
            rows = rng.uniform(0, 255 if "Net" in name[:12] and "Eff" in name else 1, (2, size, size, 3)).astype("float32")
            answer = np.asarray(model(rows, training=False))
            expected = {"inputs": {model.inputs[0].name.split(":")[0]: plain(rows)}, "outputs": [plain(answer)]}
            (folder / f"{library}-{name}.json").write_text(json.dumps(expected))
            for suffix in ("keras", "h5"):
                model.save(folder / f"{library}-{name}.{suffix}")
            print(library, name, float(answer.max()), flush=True)
            keras.backend.clear_session()


main()
