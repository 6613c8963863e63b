"""Writes the fixtures of src/importers/keras: small models saved by Keras 3 and by TF-Keras 2, as .keras and .h5, with an
input and what the model answers. One zip a version: `<case>.keras`, `<case>.h5`, `<case>.json`. Run: python make.py"""

import io
import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np

from cases import cases

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/keras/fixtures"
BATCH = 2
BOTH = ("model-", "bidirectional", "attention", "time-distributed", "fold-", "separable", "lstm", "gru-", "conv-lstm", "normalization", "leaky")


def draw(rng, shape, kind):
    full = (BATCH, *(5 if size is None else size for size in shape))
    if isinstance(kind, tuple):
        values = rng.integers(0, kind[1], full)
        values[0, 0] = 0  # a mask that does not begin with a step that counts
        return values.astype("float32")
    values = rng.normal(0, 1, full).astype("float32")
    if kind == "gaps":
        values[0, :2] = 0
        values[1, 3] = 0
    return values


def randomise(model, rng):
    weights = []
    for variable in model.weights:
        value = rng.normal(0, 0.5, variable.shape)
        if "variance" in variable.name:
            value = rng.uniform(0.5, 1.5, variable.shape)
        if "count" in variable.name or "seed" in variable.name:
            weights.append(np.asarray(variable))
            continue
        weights.append(value.astype("float32"))
    model.set_weights(weights)


def plain(array):
    return {"dims": list(array.shape), "values": [float(f"{v:.9g}") for v in np.asarray(array, "float32").ravel()]}


def save(keras, archive, name, case):
    shapes, build, kind = case
    seed = sum(name.encode())
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    inputs = [keras.Input(shape, name=f"input{index}") for index, shape in enumerate(shapes)]
    outputs = build(*inputs)
    outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
    model = keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])
    randomise(model, rng)
    values = [draw(rng, shape, kind) for shape in shapes]
    results = model(values if len(values) > 1 else values[0], training=False)
    results = list(results) if isinstance(results, (list, tuple)) else [results]
    with tempfile.TemporaryDirectory() as folder:
        for suffix in formats(keras, name):
            path = Path(folder) / f"model.{suffix}"
            model.save(path)
            write(archive, f"{name}.{suffix}", path.read_bytes())
    expected = {
        "inputs": {f"input{index}": plain(value) for index, value in enumerate(values)},
        "outputs": [plain(np.asarray(value)) for value in results],
    }
    write(archive, f"{name}.json", json.dumps(expected).encode())


def formats(keras, name):
    """Each version's usual format; both where they store the weights differently."""
    if name.startswith(BOTH):
        return ("keras", "h5")
    return ("keras",) if keras.__name__ == "keras" else ("h5",)


def write(archive, name, content):
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


def main():
    import warnings

    warnings.filterwarnings("ignore")
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or ["keras", "tf_keras"]:
        keras = __import__(name)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for case, built in cases(keras).items():
                try:
                    save(keras, archive, case, built)
                except Exception as error:
                    raise RuntimeError(f"{name} {case}") from error
        (FIXTURES / f"{name}.zip").write_bytes(buffer.getvalue())
        print(name, keras.__version__, len(cases(keras)), "cases", len(buffer.getvalue()), "bytes")


if __name__ == "__main__":
    main()
