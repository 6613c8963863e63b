"""The models of make.py: name → function of a seed to an unfitted model. None where this version has no such thing."""

import numpy as np
import sklearn
from sklearn import ensemble, linear_model, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD
from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401 (needed before 1.0)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, SelectKBest, SelectPercentile, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
LOG_LOSS = "log_loss" if VERSION >= (1, 1) else "log"
DENSE = {"sparse_output": False} if VERSION >= (1, 2) else {"sparse": False}
FEATURES = 5


def make_numbers(seed):
    """Training rows, targets by the name of a case, and rows to ask for."""
    rng = np.random.RandomState(seed)
    train = rng.randn(60, FEATURES) * [1, 3, 0.5, 2, 1] + [0, 1, -2, 0.5, 10]
    test = rng.randn(8, FEATURES) * [1, 3, 0.5, 2, 1] + [0, 1, -2, 0.5, 10]
    three = np.digitize(train[:, 0] + 0.3 * train[:, 1] + 0.3 * rng.randn(60), [-0.5, 0.8])
    two = (train[:, 0] - train[:, 3] + 0.3 * rng.randn(60) > 0).astype(int)
    value = 2 * train[:, 0] - train[:, 2] ** 2 + 0.1 * rng.randn(60)

    def target(name):
        if ":two" in name:
            return (two,)
        if ":value" in name:
            return (value,)
        if ":values" in name:
            return (np.stack([value, -train[:, 1]], 1),)
        if ":count" in name:
            return (np.round(np.abs(value)) + 1,)
        if ":names" in name:
            return (np.array(["merah", "hijau", "biru"])[three],)
        return (three,)

    return train, target, test


def same(rows):
    return rows


def with_gaps(rows):
    """Every seventh value is missing."""
    rows = rows.copy()
    rows.ravel()[::7] = np.nan
    return rows


def whole(rows):
    """Small whole numbers, as counts or codes; three values a column, so that test rows hold no new one."""
    return np.clip(np.round(rows - rows.mean(0)), -1, 1) + 1


def positive(rows):
    return np.abs(rows)


def case(make, adapt=same):
    return lambda seed: (make(seed), adapt)


NUMBER_CASES = {
    # Linear
    "LinearSVC": case(lambda s: svm.LinearSVC(random_state=s, max_iter=5000)),
    "LinearSVC:two": case(lambda s: svm.LinearSVC(random_state=s, max_iter=5000)),
    "LinearSVC:names": case(lambda s: svm.LinearSVC(random_state=s, max_iter=5000)),
    "LogisticRegression": case(lambda s: linear_model.LogisticRegression(max_iter=1000)),
    "LogisticRegression:two": case(lambda s: linear_model.LogisticRegression(max_iter=1000)),
    "LogisticRegression:names": case(lambda s: linear_model.LogisticRegression(max_iter=1000)),
    "LogisticRegression ovr": case(lambda s: linear_model.LogisticRegression(max_iter=1000, multi_class="ovr"))
    if VERSION < (1, 7) else case(lambda s: None),
    "LogisticRegression liblinear:two": case(lambda s: linear_model.LogisticRegression(solver="liblinear")),
    "SGDClassifier hinge": case(lambda s: linear_model.SGDClassifier(random_state=s)),
    "SGDClassifier log": case(lambda s: linear_model.SGDClassifier(loss=LOG_LOSS, random_state=s)),
    "SGDClassifier log:two": case(lambda s: linear_model.SGDClassifier(loss=LOG_LOSS, random_state=s)),
    "SGDClassifier huber": case(lambda s: linear_model.SGDClassifier(loss="modified_huber", random_state=s)),
    "SGDClassifier huber:two": case(lambda s: linear_model.SGDClassifier(loss="modified_huber", random_state=s)),
    "RidgeClassifier": case(lambda s: linear_model.RidgeClassifier()),
    "RidgeClassifier:two": case(lambda s: linear_model.RidgeClassifier()),
    "LinearRegression:value": case(lambda s: linear_model.LinearRegression()),
    "LinearRegression:values": case(lambda s: linear_model.LinearRegression()),
    "Ridge:value": case(lambda s: linear_model.Ridge()),
    "LinearSVR:value": case(lambda s: svm.LinearSVR(random_state=s, max_iter=5000)),
    "SGDRegressor:value": case(lambda s: make_pipeline(preprocessing.StandardScaler(), linear_model.SGDRegressor(random_state=s))),
    "Lasso:value": case(lambda s: linear_model.Lasso(0.1)),
    "ElasticNet:value": case(lambda s: linear_model.ElasticNet(0.1)),
    "HuberRegressor:value": case(lambda s: linear_model.HuberRegressor(max_iter=1000)),
    "RidgeCV:value": case(lambda s: linear_model.RidgeCV()),
    "Perceptron": case(lambda s: linear_model.Perceptron(random_state=s)),
    "RidgeClassifierCV": case(lambda s: linear_model.RidgeClassifierCV()),
    "LogisticRegressionCV": case(lambda s: linear_model.LogisticRegressionCV(Cs=2, cv=2, max_iter=1000)),
    # Naive Bayes
    "GaussianNB": case(lambda s: naive_bayes.GaussianNB()),
    "GaussianNB:two": case(lambda s: naive_bayes.GaussianNB()),
    "MultinomialNB": case(lambda s: naive_bayes.MultinomialNB(), positive),
    "MultinomialNB:two": case(lambda s: naive_bayes.MultinomialNB(), positive),
    "ComplementNB": case(lambda s: naive_bayes.ComplementNB(), positive),
    "ComplementNB norm": case(lambda s: naive_bayes.ComplementNB(norm=True), positive),
    "BernoulliNB": case(lambda s: naive_bayes.BernoulliNB(binarize=0.3)),
    "BernoulliNB:two": case(lambda s: naive_bayes.BernoulliNB()),
    # Calibrated
    "CalibratedClassifierCV sigmoid": case(lambda s: CalibratedClassifierCV(svm.LinearSVC(random_state=s), cv=3)),
    "CalibratedClassifierCV sigmoid:two": case(lambda s: CalibratedClassifierCV(svm.LinearSVC(random_state=s), cv=3)),
    "CalibratedClassifierCV isotonic": case(lambda s: CalibratedClassifierCV(naive_bayes.GaussianNB(), method="isotonic", cv=3)),
    "CalibratedClassifierCV isotonic:two": case(lambda s: CalibratedClassifierCV(svm.LinearSVC(random_state=s), method="isotonic", cv=3)),
    "CalibratedClassifierCV one": case(lambda s: CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3, ensemble=False)),
    # Preprocessing
    "StandardScaler": case(lambda s: preprocessing.StandardScaler()),
    "StandardScaler mean": case(lambda s: preprocessing.StandardScaler(with_std=False)),
    "StandardScaler std": case(lambda s: preprocessing.StandardScaler(with_mean=False)),
    "MinMaxScaler": case(lambda s: preprocessing.MinMaxScaler((-1, 2))),
    "MinMaxScaler clip": case(lambda s: preprocessing.MinMaxScaler(clip=True)),
    "RobustScaler": case(lambda s: preprocessing.RobustScaler()),
    "MaxAbsScaler": case(lambda s: preprocessing.MaxAbsScaler()),
    "Normalizer l2": case(lambda s: preprocessing.Normalizer()),
    "Normalizer l1": case(lambda s: preprocessing.Normalizer("l1")),
    "Normalizer max": case(lambda s: preprocessing.Normalizer("max")),
    "PowerTransformer": case(lambda s: preprocessing.PowerTransformer()),
    "PowerTransformer box-cox": case(lambda s: preprocessing.PowerTransformer("box-cox", standardize=False), positive),
    "QuantileTransformer": case(lambda s: preprocessing.QuantileTransformer(n_quantiles=20)),
    "QuantileTransformer normal": case(lambda s: preprocessing.QuantileTransformer(n_quantiles=20, output_distribution="normal")),
    "OneHotEncoder": case(lambda s: preprocessing.OneHotEncoder(**DENSE), whole),
    "OneHotEncoder drop": case(lambda s: preprocessing.OneHotEncoder(drop="first", **DENSE), whole),
    "OneHotEncoder ignore": case(lambda s: preprocessing.OneHotEncoder(handle_unknown="ignore"), whole),
    "OrdinalEncoder": case(lambda s: preprocessing.OrdinalEncoder(), whole),
    "OrdinalEncoder unknown": case(lambda s: preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), whole),
    "Binarizer": case(lambda s: preprocessing.Binarizer(threshold=0.5)),
    "PolynomialFeatures": case(lambda s: preprocessing.PolynomialFeatures(2)),
    "KBinsDiscretizer": case(lambda s: preprocessing.KBinsDiscretizer(4, encode="ordinal", strategy="uniform")),
    "SimpleImputer mean": case(lambda s: SimpleImputer(), with_gaps),
    "SimpleImputer indicator": case(lambda s: SimpleImputer(strategy="median", add_indicator=True), with_gaps),
    "SimpleImputer constant": case(lambda s: SimpleImputer(strategy="constant", fill_value=7.5), with_gaps),
    "SimpleImputer zero": case(lambda s: SimpleImputer(missing_values=0, strategy="most_frequent"), whole),
    "PCA": case(lambda s: PCA(3)),
    "PCA whiten": case(lambda s: PCA(3, whiten=True)),
    "TruncatedSVD": case(lambda s: TruncatedSVD(2, random_state=s)),
    "VarianceThreshold": case(lambda s: VarianceThreshold(0.5)),
    "SelectPercentile": case(lambda s: SelectPercentile(percentile=50)),
    "IncrementalPCA": case(lambda s: IncrementalPCA(2)),
    "SelectFromModel lasso:value": case(lambda s: SelectFromModel(linear_model.Lasso(0.5))),
    "SelectFromModel weights": case(lambda s: SelectFromModel(linear_model.LogisticRegression(max_iter=1000), threshold="0.8*median", norm_order=2)),
    "SelectFromModel most": case(lambda s: SelectFromModel(linear_model.RidgeClassifier(), threshold=-np.inf, max_features=2)),
    "SelectFromModel tree": case(lambda s: SelectFromModel(tree.DecisionTreeClassifier(max_depth=4, random_state=s), threshold="median")),
    "SelectFromModel forest": case(lambda s: make_pipeline(
        SelectFromModel(ensemble.ExtraTreesClassifier(5, max_depth=4, random_state=s)), linear_model.LogisticRegression(max_iter=1000))),
    "SelectKBest": case(lambda s: SelectKBest(k=3)),
    # Trees
    "DecisionTreeClassifier": case(lambda s: tree.DecisionTreeClassifier(random_state=s)),
    "DecisionTreeClassifier depth:names": case(lambda s: tree.DecisionTreeClassifier(max_depth=3, random_state=s)),
    "DecisionTreeRegressor:value": case(lambda s: tree.DecisionTreeRegressor(max_depth=5, random_state=s)),
    "DecisionTreeRegressor:values": case(lambda s: tree.DecisionTreeRegressor(max_depth=5, random_state=s)),
    "RandomForestClassifier": case(lambda s: ensemble.RandomForestClassifier(4, max_depth=3, random_state=s)),
    "RandomForestClassifier:two": case(lambda s: ensemble.RandomForestClassifier(4, max_depth=3, random_state=s)),
    "RandomForestRegressor:value": case(lambda s: ensemble.RandomForestRegressor(3, max_depth=3, random_state=s)),
    "ExtraTreesClassifier": case(lambda s: ensemble.ExtraTreesClassifier(4, max_depth=3, random_state=s)),
    "ExtraTreesRegressor:value": case(lambda s: ensemble.ExtraTreesRegressor(3, max_depth=3, random_state=s)),
    "GradientBoostingClassifier": case(lambda s: ensemble.GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=s)),
    "GradientBoostingClassifier:two": case(lambda s: ensemble.GradientBoostingClassifier(n_estimators=4, random_state=s)),
    "GradientBoostingClassifier exponential:two": case(
        lambda s: ensemble.GradientBoostingClassifier(loss="exponential", n_estimators=4, random_state=s)),
    "GradientBoostingClassifier zero:two": case(lambda s: ensemble.GradientBoostingClassifier(init="zero", n_estimators=4, random_state=s)),
    "GradientBoostingRegressor:value": case(lambda s: ensemble.GradientBoostingRegressor(n_estimators=4, random_state=s)),
    "GradientBoostingRegressor huber:value": case(lambda s: ensemble.GradientBoostingRegressor(loss="huber", n_estimators=4, random_state=s)),
    "HistGradientBoostingClassifier": case(lambda s: ensemble.HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=5, random_state=s), with_gaps),
    "HistGradientBoostingClassifier:two": case(lambda s: ensemble.HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5, random_state=s)),
    "HistGradientBoostingClassifier categories:two": case(
        lambda s: ensemble.HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5, categorical_features=[0, 2], random_state=s), whole)
    if VERSION >= (1, 0) else case(lambda s: None),
    "HistGradientBoostingRegressor:value": case(lambda s: ensemble.HistGradientBoostingRegressor(max_iter=5, min_samples_leaf=5, random_state=s)),
    "HistGradientBoostingRegressor poisson:count": case(
        lambda s: ensemble.HistGradientBoostingRegressor(loss="poisson", max_iter=4, min_samples_leaf=5, random_state=s)),
    "AdaBoostClassifier": case(lambda s: ensemble.AdaBoostClassifier(n_estimators=5, random_state=s)),
    "AdaBoostClassifier:two": case(lambda s: ensemble.AdaBoostClassifier(n_estimators=5, random_state=s)),
    "AdaBoostClassifier SAMME": case(lambda s: ensemble.AdaBoostClassifier(n_estimators=5, algorithm="SAMME", random_state=s))
    if VERSION < (1, 7) else case(lambda s: None),
    "AdaBoostRegressor:value": case(lambda s: ensemble.AdaBoostRegressor(n_estimators=4, random_state=s)),
    "BaggingClassifier": case(lambda s: ensemble.BaggingClassifier(tree.DecisionTreeClassifier(max_depth=3), n_estimators=3, random_state=s)),
    "VotingClassifier": case(lambda s: ensemble.VotingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", linear_model.LogisticRegression(max_iter=1000))], voting="soft", weights=[1, 2])),
    "BaggingRegressor:value": case(lambda s: ensemble.BaggingRegressor(n_estimators=2, max_features=3, random_state=s)),
    "VotingRegressor:value": case(lambda s: ensemble.VotingRegressor([("a", linear_model.Ridge()), ("b", linear_model.LinearRegression())])),
    "VotingClassifier hard": case(lambda s: ensemble.VotingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", linear_model.LogisticRegression(max_iter=1000)), ("c", linear_model.RidgeClassifier())])),
    "StackingClassifier": case(lambda s: ensemble.StackingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", svm.LinearSVC(random_state=s)), ("c", tree.DecisionTreeClassifier(max_depth=3, random_state=s))])),
    "StackingClassifier passthrough:two": case(lambda s: ensemble.StackingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", linear_model.RidgeClassifier()), ("c", "drop")], svm.SVC(), passthrough=True)),
    "StackingClassifier predict:names": case(lambda s: ensemble.StackingClassifier(
        [("a", naive_bayes.GaussianNB()), ("b", linear_model.Perceptron(random_state=s))], stack_method="predict")),
    "StackingRegressor:value": case(lambda s: ensemble.StackingRegressor(
        [("a", linear_model.Ridge()), ("b", tree.DecisionTreeRegressor(max_depth=3, random_state=s))])),
    "TransformedTargetRegressor:count": case(lambda s: TransformedTargetRegressor(
        linear_model.Ridge(), func=np.log1p, inverse_func=np.expm1)),
    "TransformedTargetRegressor scaler:value": case(lambda s: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.StandardScaler())),
    "TransformedTargetRegressor range:value": case(lambda s: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.MinMaxScaler())),
    "IsolationForest": case(lambda s: ensemble.IsolationForest(n_estimators=4, max_samples=16, random_state=s)),
    "IsolationForest contamination": case(lambda s: ensemble.IsolationForest(n_estimators=4, max_samples=16, contamination=0.1, random_state=s)),
    # Kernels, neighbours, clusters, networks
    "SVC rbf": case(lambda s: svm.SVC()),
    "SVC rbf:two": case(lambda s: svm.SVC()),
    "SVC ovo": case(lambda s: svm.SVC(decision_function_shape="ovo")),
    "SVC probability": case(lambda s: svm.SVC(probability=True, random_state=s)),
    "SVC probability:two": case(lambda s: svm.SVC(probability=True, random_state=s)),
    "SVC linear": case(lambda s: svm.SVC(kernel="linear")),
    "SVC poly": case(lambda s: svm.SVC(kernel="poly", degree=2, coef0=0.5)),
    "SVC sigmoid:two": case(lambda s: svm.SVC(kernel="sigmoid", gamma=0.05)),
    "NuSVC": case(lambda s: svm.NuSVC(nu=0.3)),
    "SVR:value": case(lambda s: svm.SVR()),
    "NuSVR:value": case(lambda s: svm.NuSVR(kernel="poly")),
    "OneClassSVM": case(lambda s: svm.OneClassSVM(nu=0.2)),
    "KNeighborsClassifier": case(lambda s: neighbors.KNeighborsClassifier(5)),
    "KNeighborsClassifier distance": case(lambda s: neighbors.KNeighborsClassifier(4, weights="distance")),
    "KNeighborsClassifier manhattan:two": case(lambda s: neighbors.KNeighborsClassifier(3, p=1, algorithm="brute")),
    "KNeighborsClassifier cosine": case(lambda s: neighbors.KNeighborsClassifier(3, metric="cosine")),
    "KNeighborsRegressor:value": case(lambda s: neighbors.KNeighborsRegressor(4)),
    "KMeans": case(lambda s: KMeans(4, n_init=2, random_state=s)),
    "MiniBatchKMeans": case(lambda s: MiniBatchKMeans(3, n_init=2, random_state=s)),
    "MLPClassifier": case(lambda s: neural_network.MLPClassifier((6,), max_iter=60, random_state=s)),
    "MLPClassifier tanh:two": case(lambda s: neural_network.MLPClassifier((6, 4), "tanh", max_iter=60, random_state=s)),
    "MLPClassifier logistic": case(lambda s: neural_network.MLPClassifier((6,), "logistic", max_iter=60, random_state=s)),
    "MLPRegressor:value": case(lambda s: neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=60, random_state=s)),
    "MLPRegressor identity:values": case(lambda s: neural_network.MLPRegressor(hidden_layer_sizes=(4,), activation="identity", max_iter=60, random_state=s)),
    # Together
    "Pipeline scaler, svc:names": case(lambda s: make_pipeline(preprocessing.StandardScaler(), svm.SVC())),
    "Pipeline imputer, pca, forest": case(lambda s: make_pipeline(
        SimpleImputer(), PCA(3), ensemble.RandomForestClassifier(4, max_depth=3, random_state=s)), with_gaps),
    "ColumnTransformer": case(lambda s: ColumnTransformer(
        [("scale", preprocessing.StandardScaler(), [0, 2]), ("bins", preprocessing.MinMaxScaler(), slice(3, 5)), ("gone", "drop", [1])])),
    "ColumnTransformer remainder": case(lambda s: make_pipeline(ColumnTransformer(
        [("scale", make_pipeline(SimpleImputer(), preprocessing.StandardScaler()), [4, 0]), ("same", "passthrough", [1])],
        remainder="passthrough"), linear_model.LogisticRegression(max_iter=1000))),
    "FeatureUnion": case(lambda s: make_pipeline(FeatureUnion(
        [("pca", PCA(2)), ("scale", preprocessing.MinMaxScaler())], transformer_weights={"pca": 0.5}), naive_bayes.GaussianNB())),
    "GridSearchCV": case(lambda s: GridSearchCV(svm.SVC(), {"C": [1, 3]}, cv=2)),
}

WORDS = [
    "susu ultra coklat 250ml", "susu bendera putih kotak", "susu dancow bubuk anak", "Susu Bear-Brand kaleng", "SUSU kental manis",
    "kopi kapal api special mix", "kopi luwak sachet", "Kopi Tubruk gula aren", "kopi hitam 165g", "kopi susu kekinian",
    "sabun lifebuoy batang merah", "sabun cair dettol 400ml", "Sabun mandi bayi", "sabun cuci piring", "SABUN colek ekonomi",
    "teh botol sosro 350 ml", "teh pucuk harum", "Teh celup sariwangi 25's", "teh hijau tanpa gula", "teh tarik crème brûlée",
]
KINDS = ["Susu", "Kopi", "Sabun", "Teh"]
ASKED = [
    "susu coklat kotak", "KOPI susu special", "sabun bayi cair 250ml", "teh hijau & sabun", "barang tak dikenal", "gula aren", "Crème kopi", "x",
    "teh teh-tehan  \t celup\n25's", "İstanbul kopi", "😀 susu 😀 anak", "50% kopi_hitam",
]


def TEXTS(seed):
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(WORDS))[:18]
    return [WORDS[i] for i in order], np.array([KINDS[i // 5] for i in order]), ASKED


def text(make):
    return make


TEXT_CASES = {
    "TfidfVectorizer": lambda s: TfidfVectorizer(),
    "TfidfVectorizer sublinear l1": lambda s: TfidfVectorizer(sublinear_tf=True, norm="l1", ngram_range=(1, 2)),
    "TfidfVectorizer char_wb": lambda s: TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3), max_features=80),
    "TfidfVectorizer char": lambda s: TfidfVectorizer(analyzer="char", ngram_range=(1, 2), lowercase=False, max_features=80),
    "TfidfVectorizer english": lambda s: TfidfVectorizer(stop_words="english", strip_accents="unicode", norm=None),
    "TfidfVectorizer words": lambda s: TfidfVectorizer(stop_words=["susu", "teh"], token_pattern=r"[^\W\d_]+", smooth_idf=False),
    "TfidfVectorizer split": lambda s: TfidfVectorizer(tokenizer=str.split, token_pattern=None),
    "TfidfVectorizer vocabulary": lambda s: TfidfVectorizer(vocabulary=["teh", "susu", "kopi"], use_idf=False),
    "TfidfVectorizer float32": lambda s: TfidfVectorizer(dtype=np.float32),
    "CountVectorizer": lambda s: CountVectorizer(ngram_range=(1, 2)),
    "CountVectorizer binary": lambda s: CountVectorizer(binary=True, token_pattern=r"(?u)\b\w+\b"),
    "HashingVectorizer": lambda s: HashingVectorizer(n_features=64),
    "HashingVectorizer chars": lambda s: HashingVectorizer(n_features=128, analyzer="char_wb", ngram_range=(3, 3), alternate_sign=False, norm="l1"),
    "Count, TfidfTransformer": lambda s: make_pipeline(CountVectorizer(), TfidfTransformer(sublinear_tf=True)),
    "Tfidf, LinearSVC": lambda s: make_pipeline(TfidfVectorizer(), svm.LinearSVC(random_state=s)),
    "Tfidf, LogisticRegression": lambda s: make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), linear_model.LogisticRegression()),
    "Tfidf, LogisticRegression liblinear ovr": lambda s: make_pipeline(
        TfidfVectorizer(), linear_model.LogisticRegression(solver="liblinear", multi_class="ovr")) if VERSION < (1, 7) else None,
    "Tfidf, SGDClassifier log": lambda s: make_pipeline(TfidfVectorizer(), linear_model.SGDClassifier(loss=LOG_LOSS, random_state=s)),
    "Tfidf, RidgeClassifier": lambda s: make_pipeline(TfidfVectorizer(), linear_model.RidgeClassifier()),
    "Tfidf, MultinomialNB": lambda s: make_pipeline(TfidfVectorizer(), naive_bayes.MultinomialNB()),
    "Tfidf, ComplementNB": lambda s: make_pipeline(TfidfVectorizer(), naive_bayes.ComplementNB()),
    "Count, BernoulliNB": lambda s: make_pipeline(CountVectorizer(), naive_bayes.BernoulliNB()),
    "Tfidf, CalibratedClassifierCV": lambda s: make_pipeline(TfidfVectorizer(), CalibratedClassifierCV(svm.LinearSVC(random_state=s), cv=3)),
    "Hashing, Tfidf, SVC linear": lambda s: make_pipeline(HashingVectorizer(n_features=64, alternate_sign=False, norm=None), TfidfTransformer(), svm.SVC(kernel="linear")),
    "Hashing, LogisticRegression": lambda s: make_pipeline(HashingVectorizer(n_features=256), linear_model.LogisticRegression()),
    "Union, LinearSVC": lambda s: Pipeline([("both", FeatureUnion(
        [("words", TfidfVectorizer()), ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3)))],
        transformer_weights={"letters": 0.5})), ("svc", svm.LinearSVC(random_state=s))]),
    "Tfidf, SVD, SVC": lambda s: make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=s), preprocessing.Normalizer(), svm.SVC()),
    "Tfidf, forest": lambda s: make_pipeline(TfidfVectorizer(), ensemble.RandomForestClassifier(4, max_depth=4, random_state=s)),
    "Tfidf, KBest, LinearSVC": lambda s: make_pipeline(TfidfVectorizer(), SelectKBest(k=12), svm.LinearSVC(random_state=s)),
    "Count, MaxAbsScaler, LinearSVC": lambda s: make_pipeline(CountVectorizer(), preprocessing.MaxAbsScaler(), svm.LinearSVC(random_state=s)),
}
