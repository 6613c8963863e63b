"""Writes how scikit-learn splits rows over classes and weighs classes.

python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils.class_weight import compute_class_weight

ROOT = Path(__file__).resolve().parents[3] / "src"


def split(counts, fraction):
    """Counts of the test part; None where scikit-learn breaks a tie at random."""
    labels = np.repeat(np.arange(len(counts)), counts)
    seen = set()
    for seed in range(20):
        _, test = next(StratifiedShuffleSplit(1, test_size=fraction, random_state=seed).split(labels, labels))
        seen.add(tuple(np.bincount(labels[test], minlength=len(counts)).tolist()))
    return list(seen.pop()) if len(seen) == 1 else None


def main():
    rng = np.random.default_rng(1)
    splits = []
    while len(splits) < 60:
        counts = rng.integers(5, 200, rng.integers(2, 12)).tolist()
        fraction = float(rng.choice([0.1, 0.2, 0.25, 0.33]))
        test = split(counts, fraction)
        if test is not None:
            splits.append(dict(counts=counts, fraction=fraction, test=test))
    weights = []
    for counts in ([3, 5], [1, 10, 100], [7, 7, 7]):
        labels = np.repeat([f"c{i}" for i in range(len(counts))], counts)
        classes = np.unique(labels)
        balanced = compute_class_weight("balanced", classes=classes, y=labels)
        weights.append(dict(labels=labels.tolist(), weights=dict(zip(classes.tolist(), balanced.tolist()))))
    path = ROOT / "train/data/fixtures/splits.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(splits=splits, weights=weights)) + "\n")


main()
