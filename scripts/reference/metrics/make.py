"""Reference values of the evaluation metrics, by scikit-learn.

pip install -r requirements.txt && python make.py

Writes src/train/metrics/fixtures/metrics.json. Labels and probabilities are made here from a seed; some are rounded so
that scores tie, some classes are absent from the truth or never named. What is undefined (the AUC of a class without
rows, say) is null.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

OUT = Path(__file__).resolve().parents[3] / "src" / "train" / "metrics" / "fixtures"
BINS = 15


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def make(rng: np.random.Generator, truth: np.ndarray, classes: int, skill: float, decimals: int | None = None):
    z = rng.normal(size=(len(truth), classes))
    z[np.arange(len(truth)), truth] += skill
    p = softmax(z)
    if decimals is not None:
        p = np.round(p, decimals)
        p[:, -1] = np.maximum(0, np.round(1 - p[:, :-1].sum(axis=1), decimals))
    return p


def number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def curves(positive: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None) -> dict:
    """One class against the rest."""
    out: dict = {"roc_auc": None, "average_precision": None, "roc": None, "pr": None, "suggestions": None}
    if not positive.any():
        return out
    out["average_precision"] = m.average_precision_score(positive, score, sample_weight=weight)
    precision, recall, at = m.precision_recall_curve(positive, score, sample_weight=weight)
    out["pr"] = {"precision": precision.tolist(), "recall": recall.tolist(), "thresholds": at.tolist()}
    if positive.all():
        return out
    out["roc_auc"] = m.roc_auc_score(positive, score, sample_weight=weight)
    fpr, tpr, t = m.roc_curve(positive, score, sample_weight=weight, drop_intermediate=True)
    out["roc"] = {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": [None, *t[1:].tolist()]}
    fpr, tpr, t = m.roc_curve(positive, score, sample_weight=weight, drop_intermediate=False)
    fpr, tpr, t = fpr[1:], tpr[1:], t[1:]
    equal = int(np.argmin(np.round(np.abs(fpr - (1 - tpr)), 12)))
    youden = int(np.argmax(np.round(tpr - fpr, 12)))
    f1 = [m.f1_score(positive, score >= x, sample_weight=weight) for x in t]
    best = int(np.argmax(np.round(f1, 12)))
    out["suggestions"] = {
        "equal_error_rate": {"threshold": t[equal], "value": (fpr[equal] + 1 - tpr[equal]) / 2},
        "youden": {"threshold": t[youden], "value": tpr[youden] - fpr[youden]},
        "f1": {"threshold": t[best], "value": f1[best]},
    }
    return out


def expected(truth: np.ndarray, p: np.ndarray, weight: np.ndarray | None = None) -> dict:
    classes = p.shape[1]
    every = list(range(classes))
    named = p.argmax(axis=1)
    precision, recall, f1, support = m.precision_recall_fscore_support(
        truth, named, labels=every, zero_division=0, sample_weight=weight
    )
    w = {"sample_weight": weight, "zero_division": 0}
    onehot = np.eye(classes)[truth]
    total = np.ones(len(truth)) if weight is None else weight
    # Brier's definition by NumPy; scikit-learn must agree where it takes the case (halved for two classes).
    brier = float(np.average(((p - onehot) ** 2).sum(axis=1), weights=total)) / (2 if classes == 2 else 1)
    if classes == 2:
        np.testing.assert_allclose(brier, m.brier_score_loss(truth, p[:, 1], sample_weight=weight, labels=every))
    else:
        np.testing.assert_allclose(brier, m.brier_score_loss(truth, p, sample_weight=weight, labels=every))
    confidence, correct = p.max(axis=1), (named == truth).astype(float)
    out = {
        "accuracy": m.accuracy_score(truth, named, sample_weight=weight),
        "balanced_accuracy": m.balanced_accuracy_score(truth, named, sample_weight=weight),
        "precision_macro": m.precision_score(truth, named, average="macro", **w),
        "recall_macro": m.recall_score(truth, named, average="macro", **w),
        "f1_macro": m.f1_score(truth, named, average="macro", **w),
        "precision_weighted": m.precision_score(truth, named, average="weighted", **w),
        "recall_weighted": m.recall_score(truth, named, average="weighted", **w),
        "f1_weighted": m.f1_score(truth, named, average="weighted", **w),
        "log_loss": m.log_loss(truth, p / p.sum(axis=1, keepdims=True), labels=every, sample_weight=weight),
        "brier_score": brier,
        "confusion": m.confusion_matrix(truth, named, labels=every, sample_weight=weight).tolist(),
        "per_class": {"precision": precision, "recall": recall, "f1": f1, "support": np.asarray(support, float)},
        "one_vs_rest": [curves(truth == c, p[:, c], weight) for c in every],
    }
    out["per_class"] = {k: v.tolist() for k, v in out["per_class"].items()}
    if len(set(truth.tolist())) == classes > 2 and np.allclose(p.sum(axis=1), 1):
        out["roc_auc_macro"] = m.roc_auc_score(truth, p, multi_class="ovr", labels=every, sample_weight=weight)
    if weight is None:
        true_share, mean = calibration_curve(correct, confidence, n_bins=BINS)
        edges = np.linspace(0, 1, BINS + 1)
        bins = np.searchsorted(edges[1:-1], confidence)
        counts = np.bincount(bins, minlength=BINS)
        filled = counts > 0
        out["reliability"] = {
            "counts": counts.tolist(),
            "mean_confidence": mean.tolist(),
            "accuracy": true_share.tolist(),
        }
        out["expected_calibration_error"] = float((np.abs(true_share - mean) * counts[filled]).sum() / len(truth))
    return out


def main() -> None:
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(42)
    cases = []

    def add(name: str, truth, p, weight=None) -> None:
        truth, p = np.asarray(truth), np.asarray(p, float)
        cases.append(
            {
                "name": name,
                "classes": p.shape[1],
                "labels": truth.tolist(),
                "probabilities": p.ravel().tolist(),
                "weights": None if weight is None else weight.tolist(),
                "expected": expected(truth, p, weight),
            }
        )

    truth = rng.integers(0, 2, 60)
    add("binary", truth, np.round(make(rng, truth, 2, 1.0), 6))
    truth = rng.choice(2, 80, p=[0.85, 0.15])
    add("binary, imbalanced, tied", truth, make(rng, truth, 2, 1.2, 1))
    add("binary, perfect", [0, 1, 1, 0, 1], [[0.9, 0.1], [0.2, 0.8], [0.25, 0.75], [0.75, 0.25], [0, 1]])
    add("binary, all tied", [0, 1, 1, 0, 1, 0], [[0.5, 0.5]] * 6)
    add("binary, worst", [0, 1, 0, 1], [[0.125, 0.875], [0.75, 0.25], [0.25, 0.75], [0.875, 0.125]])
    add("binary, one row", [1], [[0.25, 0.75]])
    add("binary, single class", [1] * 8, np.round(make(rng, np.ones(8, int), 2, 0.5), 4))
    truth = rng.choice(4, 90, p=[0.5, 0.3, 0.15, 0.05])
    add("four classes", truth, np.round(make(rng, truth, 4, 1.5), 6))
    truth = rng.choice(4, 50)
    add("four classes, tied", truth, make(rng, truth, 4, 1.5, 1))
    truth = rng.choice([0, 1, 3], 50)
    add("four classes, one without rows", truth, np.round(make(rng, truth, 4, 1.0), 6))
    truth = rng.choice([0, 1], 30)
    p = make(rng, truth, 4, 2.0)
    p[:, 2:] *= 0.01
    add("four classes, two without rows and never named", truth, np.round(p / p.sum(axis=1, keepdims=True), 6))
    truth = rng.choice(3, 40)
    p = make(rng, truth, 3, 1.0)
    p[:, 2] *= 0.05
    add("three classes, one never named", truth, np.round(p / p.sum(axis=1, keepdims=True), 6))
    add("three classes, single class", [2] * 10, np.round(make(rng, np.full(10, 2), 3, 0.7), 6))
    truth = rng.choice(3, 60)
    add("three classes, weighted", truth, make(rng, truth, 3, 1.0, 2), rng.integers(0, 4, 60).astype(float))
    truth = rng.integers(0, 2, 50)
    add("binary, weighted", truth, np.round(make(rng, truth, 2, 0.8), 2), rng.integers(0, 4, 50).astype(float))

    scores = np.round(rng.gamma(2.0, 0.1, 101), 4)
    percentiles = [{"q": q, "value": float(np.percentile(scores, q))} for q in (0, 1, 50, 95, 97.5, 99, 99.9, 100)]
    OUT.mkdir(parents=True, exist_ok=True)
    document = {"bins": BINS, "cases": cases, "percentiles": {"scores": scores.tolist(), "values": percentiles}}
    path = OUT / "metrics.json"
    path.write_text(json.dumps(document, allow_nan=False) + "\n")
    print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
