"""Reference values of the vibration features and of the dynamic threshold.

pip install -r requirements.txt && python make.py

Writes src/tensor/fixtures/window-statistics.json (pandas; SciPy must agree) and dynamic-threshold.json (NumPy).
The signals are made here from a seed; none is a recording.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

OUT = Path(__file__).resolve().parents[3] / "src" / "tensor" / "fixtures"
ORDER = ["x", "acceleration", "y", "z"]


def features(frame: pd.DataFrame) -> list[float]:
    """The 24 features, by pandas alone; NaN (a constant series) becomes 0."""
    last = frame.iloc[-1]
    row = [last["acceleration"], last["x"], last["y"], last["z"]]
    for axis in ORDER:
        column = frame[axis]
        mean = column.mean()
        row += [mean, column.std(ddof=0), last[axis] - mean, column.skew(), column.kurt()]
        if column.nunique() > 1:
            np.testing.assert_allclose(column.skew(), stats.skew(column, bias=False), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(column.kurt(), stats.kurtosis(column, bias=False), rtol=1e-9, atol=1e-12)
    return [float(value) for value in np.nan_to_num(np.array(row, np.float64))]


def window(rng: np.random.Generator, kind: str) -> pd.DataFrame:
    t = np.arange(24)
    if kind == "noise":
        xyz = rng.normal([0.02, -0.03, 0.98], [0.05, 0.04, 0.06], (24, 3))
    elif kind == "sine":
        xyz = np.stack([np.sin(t / 3), 0.4 * np.cos(t / 2), 1 + 0.2 * np.sin(t)], 1) + rng.normal(0, 0.01, (24, 3))
    elif kind == "spike":
        xyz = rng.normal([0, 0, 1], 0.01, (24, 3))
        xyz[7] += [3.0, -2.0, 5.0]
    elif kind == "quantised":
        xyz = np.round(rng.normal([1.0, 0.05, -0.12], 0.02, (24, 3)) / 0.004) * 0.004
    elif kind == "skewed":
        xyz = rng.lognormal(-3, 0.9, (24, 3)) + [0, 0.2, 1]
    elif kind == "large":
        xyz = rng.normal([16384, -120, 33], [800, 40, 5], (24, 3))
    elif kind == "tiny":
        xyz = rng.normal(0, [1e-6, 1e-7, 1e-5], (24, 3))
    elif kind == "one-axis-constant":
        xyz = rng.normal([0, 0, 1], 0.05, (24, 3))
        xyz[:, 1] = 0.1
    elif kind == "two-valued":
        xyz = rng.integers(0, 2, (24, 3)) * 0.25
    elif kind == "constant":
        xyz = np.tile([0.1, -0.3, 0.98], (24, 1))
    else:
        raise ValueError(kind)
    frame = pd.DataFrame(xyz, columns=["x", "y", "z"])
    frame["acceleration"] = np.sqrt((frame**2).sum(axis=1))
    return frame


def make_statistics() -> None:
    rng = np.random.default_rng(24)
    kinds = ["noise", "sine", "spike", "quantised", "skewed", "large", "tiny", "one-axis-constant", "two-valued", "constant"]
    cases = []
    for kind in kinds:
        for _ in range(3 if kind != "constant" else 1):
            frame = window(rng, kind)
            cases.append({"kind": kind, **{c: frame[c].tolist() for c in frame.columns}, "features": features(frame)})
    write("window-statistics.json", {"pandas": pd.__version__, "scipy": __import__("scipy").__version__, "cases": cases})


def make_threshold() -> None:
    rng = np.random.default_rng(99)
    draws = {
        "gamma": rng.gamma(6, 0.005, 4000),
        "lognormal": rng.lognormal(-4, 0.4, 4000),
        "uniform": rng.uniform(0.01, 0.02, 4000),
        "normal": np.abs(rng.normal(0.03, 0.004, 4000)),
    }
    cases = []
    for name, values in draws.items():
        values = np.round(values, 6)
        cases.append({
            "name": name,
            "errors": values.tolist(),
            "p99": float(np.percentile(values, 99)),
            "p99_lower": float(np.percentile(values, 99, method="lower")),
            "p50_lower": float(np.percentile(values, 50, method="lower")),
        })
    write("dynamic-threshold.json", {"numpy": np.__version__, "cases": cases})


def write(name: str, value: dict) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    make_statistics()
    make_threshold()
