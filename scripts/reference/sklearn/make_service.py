"""Text models as users of the product service have them, and what they answer: test/fixtures/import-text/.

    pip install -r requirements-1.7.txt && python make_service.py

Trained on a tenth of models/product/data/products.csv. The three files of the old service are fitted on cleaned names, without
lemmas: WordNet needs a download.
"""

import csv
import json
import string
from pathlib import Path

import joblib
import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "test/fixtures/import-text"
ASKED = [
    "susu ultra coklat 250ml", "Indomie Goreng Ayam Geprek 85gr", "SABUN LIFEBUOY BATANG MERAH 110 G", "kopi kapal-api (isi 20)",
    "teh & gula for me", "Shampoo clear men 2in1", "barang tak dikenal sama sekali", "😀 balon 😀", "Crème brûlée 90g",
]
STOP_WORDS = {"for", "me", "the", "and", "of", "in", "to", "a", "i"}


def clean(name):
    kept = name.lower().translate(str.maketrans("", "", string.punctuation)).split()
    return " ".join(word for word in kept if len(word) > 1 and word not in STOP_WORDS)


def softmax(scores):
    shifted = np.exp(scores - scores.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def main():
    with open(ROOT / "models/product/data/products.csv", encoding="utf-8") as file:
        rows = [(row["product_name"], row["category"]) for row in csv.DictReader(file)]
    rows = [row for row in rows if row[1] in ("Susu", "Kopi & Teh", "Mi Instan", "Sabun & Deterjen", "Perawatan Rambut")][::3]
    names, labels = [name for name, _ in rows], np.array([label for _, label in rows])
    FIXTURES.mkdir(parents=True, exist_ok=True)
    words = {"max_features": 300}
    models = {
        "logistic.joblib": make_pipeline(TfidfVectorizer(**words, ngram_range=(1, 2)), LogisticRegression()),
        "svc.joblib": make_pipeline(TfidfVectorizer(**words), LinearSVC(random_state=0)),
        "calibrated.joblib": make_pipeline(TfidfVectorizer(**words, sublinear_tf=True), CalibratedClassifierCV(LinearSVC(random_state=0), cv=3)),
        "forest.joblib": make_pipeline(TfidfVectorizer(**words), RandomForestClassifier(5, max_depth=6, random_state=0)),
    }
    expected = {}
    for name, model in models.items():
        model.fit(names, labels)
        joblib.dump(model, FIXTURES / name, compress=("xz", 6))
        scores = model.predict_proba(ASKED) if hasattr(model, "predict_proba") else softmax(model.decision_function(ASKED))
        expected[name] = {"labels": model.predict(ASKED).tolist(), "classes": model.classes_.tolist(), "scores": scores.tolist()}
    vectorizer = TfidfVectorizer(**words)
    encoder = LabelEncoder().fit(labels)
    svc = LinearSVC(C=1, random_state=0).fit(vectorizer.fit_transform([clean(name) for name in names]), encoder.transform(labels))
    joblib.dump(vectorizer, FIXTURES / "tfidf_vectorizer.joblib", compress=("xz", 6))
    joblib.dump(svc, FIXTURES / "svc_model.joblib", compress=("xz", 6))
    joblib.dump(list(encoder.classes_), FIXTURES / "model_classes.joblib")
    rows = vectorizer.transform([clean(name) for name in ASKED])
    expected["tfidf_vectorizer.joblib"] = {
        "labels": encoder.inverse_transform(svc.predict(rows)).tolist(),
        "classes": encoder.classes_.tolist(),
        "scores": softmax(svc.decision_function(rows)).tolist(),
    }
    content = {"asked": ASKED, "stopWords": sorted(STOP_WORDS), "models": expected}
    (FIXTURES / "expected.json").write_text(json.dumps(content, ensure_ascii=False) + "\n")


main()
