"""Writes the fixture of src/importers/pickle: values as CPython pickles them, in every protocol. Run: python make.py"""

import base64
import json
import pickle
from collections import OrderedDict
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[3] / "src/importers/pickle/fixtures"

shared = ["shared"]
VALUES = {
    "none": None,
    "booleans": [True, False],
    "small integers": [0, 1, 255, 256, 65535, 65536, -1, -(2**31), 2**31 - 1],
    "large integers": [2**31, -(2**53) + 1, 2**53 - 1],
    "floats": [0.0, -1.5, 1e300, 3.141592653589793],
    "texts": ["", "abc", "Ünïcode 🐕", "line\nbreak", "x" * 300],
    "tuples": [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]],
    "nested": {"a": [1, {"b": [2, [3]]}], "c": {}},
    "shared": [shared, shared],
    "long list": list(range(1100)),
}


def as_tuples(value):
    return tuple(tuple(item) for item in value)


def main() -> None:
    FIXTURES.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, value in VALUES.items():
        for protocol in range(6):
            made = as_tuples(value) if name == "tuples" else value
            data = pickle.dumps(made, protocol)
            cases.append({"name": name, "protocol": protocol, "pickle": base64.b64encode(data).decode(), "value": value})
    others = {
        "bytes": pickle.dumps([b"", b"\x00\xff", b"y" * 300], 4),
        "bytearray": pickle.dumps(bytearray(b"\x01\x02"), 5),
        "set": pickle.dumps({1, "a"}, 4),
        "frozenset": pickle.dumps(frozenset([1]), 4),
        "bigint": pickle.dumps([2**53, -(2**63), 2**200], 4),
        "ordered": pickle.dumps(OrderedDict(a=1, b=2), 2),
        "os": pickle.dumps(eval, 4),
    }
    encoded = {name: base64.b64encode(data).decode() for name, data in others.items()}
    text = json.dumps({"cases": cases, "others": encoded})
    (FIXTURES / "cpython.json").write_text(text + "\n")


main()
