"""Writes src/importers/keras/fixtures/lookups.zip: models with StringLookup and IntegerLookup, saved by Keras 3 and by
TF-Keras 2, with an input and what they answer. `<library>-<case>.keras`, `.h5`, `.json`. Run: python make_lookups.py"""

import io
import json
import os
import tempfile
import zipfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/keras/fixtures"
NUMBERS = [10, 20, 30, -5]
ROWS = np.array([[10, -5, 7], [30, 99, -8]], "int64")


def cases(keras):
    """name -> (input, model): numbers first, and words or numbers last."""
    L = keras.layers
    argmax = keras.ops.argmax if keras.__name__ == "keras" else tf.argmax

    def numbers(**options):
        x = keras.Input((3,), dtype="int64", name="input0")
        return ROWS, keras.Model(x, L.IntegerLookup(**{"vocabulary": NUMBERS, **options})(x))

    def embedded():
        x = keras.Input((3,), dtype="int64", name="input0")
        ids = L.IntegerLookup(vocabulary=NUMBERS)(x)
        return ROWS, keras.Model(x, L.Dense(2)(L.Flatten()(L.Embedding(5, 3)(ids))))

    def one_column():
        x = keras.Input((1,), dtype="int64", name="input0")
        return ROWS[:, :1], keras.Model(x, L.Dense(2)(L.IntegerLookup(vocabulary=NUMBERS, output_mode="one_hot")(x)))

    def adapted():
        layer = L.IntegerLookup()
        layer.adapt(np.array([5, 7, 7, 9]))
        x = keras.Input((3,), dtype="int64", name="input0")
        return ROWS, keras.Model(x, layer(x))

    def ends(lookup):
        x = keras.Input((4,), name="input0")
        scores = L.Dense(3, activation="softmax")(x)
        return np.random.default_rng(5).normal(0, 1, (6, 4)).astype("float32"), keras.Model(
            x, lookup(argmax(scores, axis=-1))
        )

    def learnt_words():
        words = L.StringLookup(num_oov_indices=0)
        words.adapt(tf.constant(["kucing", "anjing", "anjing", "kelinci", "kelinci", "kelinci"]))
        return ends(L.StringLookup(vocabulary=words.get_vocabulary(), num_oov_indices=0, invert=True))

    def adapted_end():
        inverse = L.StringLookup(invert=True)
        inverse.adapt(tf.constant(["kucing", "anjing", "anjing"]))
        return ends(inverse)

    return {
        "numbers": lambda: numbers(),
        "numbers-mask": lambda: numbers(mask_token=99),
        "numbers-spread": lambda: numbers(num_oov_indices=3, mask_token=99),
        "numbers-many-hot": lambda: numbers(output_mode="multi_hot"),
        "numbers-many-hot-mask": lambda: numbers(output_mode="multi_hot", mask_token=99),
        "numbers-counts": lambda: numbers(output_mode="count", pad_to_max_tokens=True, max_tokens=9),
        "one-hot": one_column,
        "embedded": embedded,
        "adapted": adapted,
        "end-words": lambda: ends(L.StringLookup(vocabulary=["cat", "dog", "fox"], num_oov_indices=0, invert=True)),
        "end-unknown": lambda: ends(L.StringLookup(vocabulary=["cat", "dög"], invert=True)),
        "end-learnt": learnt_words,
        "end-adapted": adapted_end,
        "end-numbers": lambda: ends(L.IntegerLookup(vocabulary=[7, 8], invert=True)),
        "begin-words": lambda: (
            None,
            (lambda x: keras.Model(x, L.StringLookup(vocabulary=["a"])(x)))(keras.Input((1,), dtype="string")),
        ),
    }


def plain(array):
    values = [v.decode() if isinstance(v, bytes) else float(v) for v in np.asarray(array).ravel()]
    return {"dims": list(np.shape(array)), "values": values}


def save(keras, archive, name, made):
    keras.utils.set_random_seed(sum(name.encode()))
    rows, model = made()
    expected = {}
    if rows is not None:
        expected = {"input": plain(rows), "output": plain(model.predict(rows, verbose=0))}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("keras",) if "adapted" in name else ("keras", "h5"):
            path = Path(folder) / f"model.{suffix}"
            model.save(path)
            write(archive, f"{keras.__name__}-{name}.{suffix}", path.read_bytes())
    write(archive, f"{keras.__name__}-{name}.json", json.dumps(expected).encode())


def write(archive, name, content):
    archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)


def main():
    import warnings

    warnings.filterwarnings("ignore")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("keras", "tf_keras"):
            keras = __import__(name)
            for case, made in cases(keras).items():
                try:
                    save(keras, archive, case, made)
                except Exception as error:
                    raise RuntimeError(f"{name} {case}") from error
    (FIXTURES / "lookups.zip").write_bytes(buffer.getvalue())
    print(len(buffer.getvalue()), "bytes")


if __name__ == "__main__":
    main()
