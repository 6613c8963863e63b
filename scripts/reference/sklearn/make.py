"""Reference values for src/importers/sklearn: small seeded models as scikit-learn saves them, and what they answer.

    pip install -r requirements-1.7.txt && python make.py

Run it once in an environment of each requirements-*.txt (0.24 needs Python 3.8, 1.0 3.9, 1.2 3.10, the rest 3.12).
Writes src/importers/sklearn/fixtures/<version>.json.gz: inputs, and per case the file and its outputs. Kept are three fits of
each estimator for 1.7 and one for the others; `python make.py 3 DIR` makes three of any version, elsewhere.
`python make.py --globals` prints the globals that the files name.
"""

import base64
import gzip
import io
import json
import pickle
import pickletools
import sys
import warnings
from pathlib import Path

import joblib
import numpy as np
import sklearn

from cases import NUMBER_CASES, TEXT_CASES, TEXTS, make_numbers

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/sklearn/fixtures"
VERSION = ".".join(sklearn.__version__.split(".")[:2])
FITS = sys.argv[1] if len(sys.argv) > 2 else "3" if VERSION == "1.7" else "1"
FOLDER = Path(sys.argv[2]) if len(sys.argv) > 2 else FIXTURES
SEEDS = list(range(3 if "--globals" in sys.argv else int(FITS)))
METHODS = ["predict_proba", "decision_function", "predict", "transform", "score_samples"]


def encode(values):
    """Numbers as [dims, base64 of float64]; labels as lists."""
    if hasattr(values, "toarray"):
        values = values.toarray()
    values = np.asarray(values)
    if values.dtype.kind in "OUS":
        return values.tolist()
    return {"dims": list(values.shape), "float64": base64.b64encode(np.ascontiguousarray(values, "<f8").tobytes()).decode()}


def outputs(model, rows):
    found = {}
    for name in METHODS:
        if name == "score_samples" and ("decision_function" in found or "predict" in found):
            continue
        try:
            found[name] = encode(getattr(model, name)(rows))
        except (AttributeError, NotImplementedError):
            continue
    return found


def save(model, seed):
    """Joblib's own format, or a pickle of some protocol: all of them come up."""
    if seed == 1:
        return pickle.dumps(model, 2)
    if seed == 2:
        return pickle.dumps(model, 5)
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def main():
    warnings.simplefilter("ignore")
    cases = []
    numbers = {}
    for seed in SEEDS:
        train, target, test = make_numbers(seed)
        numbers[seed] = encode(test)
        for name, make in NUMBER_CASES.items():
            model, adapt = make(seed)
            if model is None:
                continue
            model.fit(adapt(train), *target(name))
            file = save(model, seed)
            found = outputs(model, adapt(test))
            cases.append({"name": name, "seed": seed, "input": "numbers", "file": base64.b64encode(file).decode(), "outputs": found})
        for name, make in TEXT_CASES.items():
            model = make(seed)
            if model is None:
                continue
            texts, labels, asked = TEXTS(seed)
            model.fit(texts, labels)
            file = save(model, seed)
            cases.append({"name": name, "seed": seed, "input": "texts", "file": base64.b64encode(file).decode(), "outputs": outputs(model, asked)})
    text = {seed: TEXTS(seed)[2] for seed in SEEDS}
    content = {"sklearn": sklearn.__version__, "numpy": np.__version__, "joblib": joblib.__version__, "numbers": numbers, "texts": text, "cases": cases}
    if "--globals" in sys.argv:
        for line in sorted({name for case in cases for name in global_names(base64.b64decode(case["file"]))}):
            print(line)
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{VERSION}.json.gz", "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as file:
        file.write(json.dumps(content).encode())


def global_names(file):
    """Of plain pickles only: joblib's raw arrays lie between the opcodes."""
    found, strings = set(), []
    try:
        for opcode, argument, _ in pickletools.genops(file):
            if opcode.name in ("SHORT_BINUNICODE", "BINUNICODE", "UNICODE"):
                strings.append(argument)
            elif opcode.name == "GLOBAL":
                found.add(argument)
    except Exception:
        pass
    return found


main()
