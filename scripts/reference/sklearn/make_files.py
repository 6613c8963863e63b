"""One small scaler and odd arrays as every kind of joblib file: src/importers/joblib/fixtures/files.json.

    pip install -r requirements-1.7.txt && python make_files.py
"""

import base64
import io
import json
import pickle
import tempfile
from pathlib import Path

import joblib
import numpy as np
from sklearn.preprocessing import StandardScaler

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/joblib/fixtures"


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def dumped(value, **options) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        joblib.dump(value, path, **options)
        return encode(path.read_bytes())


def main() -> None:
    rng = np.random.RandomState(0)
    rows = np.round(rng.randn(1000, 4) * [1, 10, 100, 1000], 2)
    rows[200:600] = rows[0]
    scaler = StandardScaler().fit(rows)
    scaler.rows = rows
    compressed = {
        str(method): dumped(scaler, compress=(method, level))
        for method, level in [("zlib", 3), ("gzip", 9), ("bz2", 9), ("lzma", 6), ("xz", 6), ("lz4", 3)]
    }
    compressed["raw"] = dumped(scaler)
    arrays = {
        "c": np.arange(24, dtype="<f8").reshape(2, 3, 4),
        "fortran": np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)),
        "bigEndian": np.arange(6, dtype=">i4").reshape(2, 3),
        "half": np.array([0.5, -2], "f2"),
        "bool": np.array([True, False]),
        "int64": np.array([2**62, -1]),
        "unicode": np.array([["satu", "dua"], ["", "🐕"]], order="F"),
        "bytes": np.array([b"ab", b"c"]),
        "objects": np.array([["satu", None], ["dua", "tiga"]], dtype=object, order="F"),
        "record": np.array([(1, 2.5), (-1, 0.5)], dtype=[("left", "<i8"), ("threshold", "<f8")]),
        "empty": np.zeros((0, 3)),
        "scalar": np.float64(1.5),
        "mapped": np.arange(5.0),
    }
    written = {name: {"joblib": dumped(value), "pickles": [pickled(value, protocol) for protocol in (2, 3, 4, 5)]} for name, value in arrays.items()}
    content = {"compressed": compressed, "mean": scaler.mean_.tolist(), "sum": float(rows.sum()), "arrays": written}
    FIXTURES.mkdir(parents=True, exist_ok=True)
    (FIXTURES / "files.json").write_text(json.dumps(content) + "\n")


def pickled(value, protocol: int) -> str:
    buffer = io.BytesIO()
    pickle.dump(value, buffer, protocol)
    return encode(buffer.getvalue())


main()
