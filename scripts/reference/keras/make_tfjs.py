"""Writes the fixtures of src/importers/tfjs: small models of TF-Keras as TensorFlow.js layers models and graph models, with
and without quantised weights, in one zip: `<case>/model.json`, `<case>/group1-shard…`, `<case>/expected.json`. The converter
is installed without its dependencies (pip install --no-deps tensorflowjs==4.22.0): what it imports and does not use here is
stood in for. Run: python make_tfjs.py"""

import io
import json
import os
import sys
import tempfile
import types
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_USE_LEGACY_KERAS"] = "1"
for unused in ("tensorflow_decision_forests", "tensorflow_hub", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules[unused] = types.ModuleType(unused)
sys.modules["jax"].experimental = sys.modules["jax.experimental"]
sys.modules["jax.experimental"].jax2tf = sys.modules["jax.experimental.jax2tf"]

import numpy as np

if not hasattr(np, "object"):
    np.object = object
    np.bool = bool

import tensorflow as tf
import tf_keras as keras
from tensorflowjs.converters import keras_h5_conversion, tf_saved_model_conversion_v2
from tf_keras import layers as L

from make import plain, randomise

OUT = Path(__file__).resolve().parents[3] / "src/importers/tfjs/fixtures/tfjs.zip"


def convnet():
    i = keras.Input((12, 10, 3), name="input0")
    x = L.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(i)
    x = L.ReLU(6.0)(L.BatchNormalization()(x))
    y = L.Activation("sigmoid")(L.SeparableConv2D(6, 3, padding="same")(x))
    x = L.Add()([x, L.Multiply()([x, y])])
    x = L.Concatenate()([L.MaxPooling2D()(x), L.AveragePooling2D()(x)])
    x = L.LeakyReLU()(L.Conv2D(4, 2)(L.ZeroPadding2D(1)(x)))
    return keras.Model(i, L.Dense(3, activation="softmax")(L.Dense(5, activation="relu")(L.Flatten()(x))))


def pooled():
    i = keras.Input((9, 9, 3), name="input0")
    x = L.DepthwiseConv2D(3, activation="relu")(L.Rescaling(1 / 127.5, -1)(i))
    x = L.UpSampling2D(2)(L.PReLU(shared_axes=[1, 2])(x))
    return keras.Model(i, L.Dense(4)(L.GlobalAveragePooling2D()(x)))


def mlp():
    return keras.Sequential([keras.Input((6,), name="input0"), L.Dense(8, activation="tanh"), L.BatchNormalization(), L.Dense(6)])


def nested():
    i = keras.Input((8, 8, 3), name="input0")
    base = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(4, 3, activation="elu"), L.BatchNormalization()], name="base")
    return keras.Model(i, L.Dense(2, activation="softmax")(L.Flatten()(base(i))))


def recurrent():
    i = keras.Input((7, 3), name="input0")
    return keras.Model(i, L.Dense(3)(L.Bidirectional(L.GRU(4))(L.LSTM(5, return_sequences=True)(i))))


LAYERS = {"convnet": convnet, "pooled": pooled, "mlp": mlp, "nested": nested, "recurrent": recurrent}
GRAPHS = {"convnet": convnet, "pooled": pooled, "mlp": mlp, "nested": nested}
QUANTISED = {"": None, "-uint8": {"uint8": "*"}, "-uint16": {"uint16": "*"}, "-float16": {"float16": "*"}}


def main():
    OUT.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, tempfile.TemporaryDirectory() as temporary:
        for kind, table in (("layers", LAYERS), ("graph", GRAPHS)):
            for name, build in table.items():
                for suffix, quantisation in QUANTISED.items():
                    if suffix and name != "convnet":
                        continue
                    keras.backend.clear_session()
                    keras.utils.set_random_seed(5)
                    rng = np.random.default_rng(5)
                    model = build()
                    randomise(model, rng)
                    folder = Path(temporary) / f"{kind}-{name}{suffix}"
                    folder.mkdir()
                    if kind == "layers":
                        h5 = Path(temporary) / "model.h5"
                        model.save(h5)
                        config, groups = keras_h5_conversion.h5_merged_saved_model_to_tfjs_format(str(h5))
                        keras_h5_conversion.write_artifacts(config, groups, str(folder), quantisation)
                    else:
                        saved = Path(temporary) / f"saved-{name}{suffix}"
                        model.export(saved) if hasattr(model, "export") else tf.saved_model.save(model, str(saved))
                        tf_saved_model_conversion_v2.convert_tf_saved_model(
                            str(saved), str(folder), signature_def="serving_default", saved_model_tags="serve", quantization_dtype_map=quantisation
                        )
                    rows = rng.normal(0, 1, (2, *model.inputs[0].shape[1:])).astype("float32")
                    expected = {"inputs": {"input0": plain(rows)}, "outputs": [plain(np.asarray(model(rows, training=False)))]}
                    (folder / "expected.json").write_text(json.dumps(expected))
                    for path in sorted(folder.iterdir()):
                        info = zipfile.ZipInfo(f"{folder.name}/{path.name}")
                        archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
                    print(folder.name, [path.name for path in folder.iterdir()])
    OUT.write_bytes(buffer.getvalue())


main()
