// The closed set of globals that a scikit-learn file may name, of versions 0.24 to 1.9. Each becomes a description; none is run.
// Names that are only carried along (random states, losses, scorers) are here so that they need not be understood.
import { PickleError } from '../pickle/cursor.ts'
import { GlobalReference, type PickleGlobal, type PickleValue } from '../pickle/machine.ts'
import { describeClass, setState } from './python-object.ts'

/** Module under `sklearn.` → classes. */
const CLASSES: Readonly<Record<string, string>> = {
  calibration:
    'CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling',
  'cluster._kmeans': 'KMeans MiniBatchKMeans',
  'compose._column_transformer': 'ColumnTransformer _RemainderColsList',
  'compose._target': 'TransformedTargetRegressor',
  'decomposition._pca': 'PCA',
  'decomposition._incremental_pca': 'IncrementalPCA',
  'decomposition._truncated_svd': 'TruncatedSVD',
  dummy: 'DummyClassifier DummyRegressor',
  'ensemble._bagging': 'BaggingClassifier BaggingRegressor',
  'ensemble._forest':
    'ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor',
  'ensemble._gb': 'GradientBoostingClassifier GradientBoostingRegressor',
  'ensemble._gb_losses':
    'BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError MultinomialDeviance ' +
    'QuantileLossFunction',
  'ensemble._hist_gradient_boosting.binning': '_BinMapper',
  'ensemble._hist_gradient_boosting.gradient_boosting':
    'HistGradientBoostingClassifier HistGradientBoostingRegressor',
  'ensemble._hist_gradient_boosting.loss':
    'BinaryCrossEntropy CategoricalCrossEntropy LeastAbsoluteDeviation LeastSquares Poisson',
  'ensemble._hist_gradient_boosting.predictor': 'TreePredictor',
  'ensemble._iforest': 'IsolationForest',
  'ensemble._stacking': 'StackingClassifier StackingRegressor',
  'ensemble._voting': 'VotingClassifier VotingRegressor',
  'ensemble._weight_boosting': 'AdaBoostClassifier AdaBoostRegressor',
  'feature_extraction.text': 'CountVectorizer HashingVectorizer TfidfTransformer TfidfVectorizer',
  'feature_selection._from_model': 'SelectFromModel',
  'feature_selection._univariate_selection': 'SelectKBest SelectPercentile',
  'feature_selection._variance_threshold': 'VarianceThreshold',
  'impute._base': 'MissingIndicator SimpleImputer',
  isotonic: 'IsotonicRegression',
  'linear_model._base': 'LinearRegression',
  'linear_model._coordinate_descent': 'ElasticNet ElasticNetCV Lasso LassoCV',
  'linear_model._huber': 'HuberRegressor',
  'linear_model._logistic': 'LogisticRegression LogisticRegressionCV',
  'linear_model._passive_aggressive': 'PassiveAggressiveClassifier PassiveAggressiveRegressor',
  'linear_model._perceptron': 'Perceptron',
  'linear_model._ridge': 'Ridge RidgeCV RidgeClassifier RidgeClassifierCV _RidgeGCV',
  'linear_model._sgd_fast':
    'EpsilonInsensitive Hinge Huber Log ModifiedHuber SquaredEpsilonInsensitive SquaredHinge SquaredLoss',
  'linear_model._stochastic_gradient': 'SGDClassifier SGDRegressor',
  '_loss._loss':
    'CyAbsoluteError CyExponentialLoss CyHalfBinomialLoss CyHalfGammaLoss CyHalfMultinomialLoss CyHalfPoissonLoss ' +
    'CyHalfSquaredError CyHuberLoss CyPinballLoss',
  '_loss.link': 'HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit',
  '_loss.loss':
    'AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss HalfSquaredError ' +
    'HuberLoss PinballLoss',
  'metrics._scorer': '_PassthroughScorer _PredictScorer _ProbaScorer _Scorer _ThresholdScorer',
  'model_selection._search': 'GridSearchCV RandomizedSearchCV',
  'model_selection._split': 'KFold StratifiedKFold ShuffleSplit StratifiedShuffleSplit',
  naive_bayes: 'BernoulliNB ComplementNB GaussianNB MultinomialNB',
  'neighbors._classification': 'KNeighborsClassifier',
  'neighbors._regression': 'KNeighborsRegressor',
  'neighbors._unsupervised': 'NearestNeighbors',
  'neural_network._multilayer_perceptron': 'MLPClassifier MLPRegressor',
  'neural_network._stochastic_optimizers': 'AdamOptimizer SGDOptimizer',
  pipeline: 'FeatureUnion Pipeline',
  'preprocessing._data':
    'Binarizer MaxAbsScaler MinMaxScaler Normalizer PolynomialFeatures PowerTransformer QuantileTransformer RobustScaler ' +
    'StandardScaler',
  'preprocessing._discretization': 'KBinsDiscretizer',
  'preprocessing._encoders': 'OneHotEncoder OrdinalEncoder',
  'preprocessing._function_transformer': 'FunctionTransformer',
  'preprocessing._label': 'LabelBinarizer LabelEncoder',
  'preprocessing._polynomial': 'PolynomialFeatures',
  'svm._classes': 'LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR',
  'tree._classes':
    'DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor',
  'tree._tree': 'Tree',
  'utils._metadata_requests': 'MetadataRequest MethodMetadataRequest',
  ...neighbourTrees(),
}

/** Names that stand for themselves: types and functions that are attributes, never called. */
const MENTIONED = [
  // str, as protocol 2 has it.
  '__builtin__ unicode',
  ...['bool', 'dict', 'float', 'int', 'list', 'object', 'str', 'tuple'].flatMap((name) => [
    `builtins ${name}`,
    `__builtin__ ${name}`,
  ]),
  ...['chi2', 'f_classif', 'f_regression'].map(
    (name) => `sklearn.feature_selection._univariate_selection ${name}`,
  ),
  'sklearn.feature_selection._mutual_info mutual_info_classif',
  'sklearn.metrics._scorer _passthrough_scorer',
  'sklearn.utils.validation check_array',
  ...['exp', 'expm1', 'log', 'log1p', 'sqrt', 'square'].flatMap((name) => [
    `numpy ${name}`,
    `numpy.core._multiarray_umath ${name}`,
    `numpy._core._multiarray_umath ${name}`,
  ]),
  'numpy.ma MaskedArray',
  'numpy.ma.core MaskedArray',
  ...['MT19937', 'PCG64', 'Philox', 'SFC64'].map(
    (name) => `numpy.random._${name.toLowerCase()} ${name}`,
  ),
]

/** Made by functions of their own, and only carried along. */
const CARRIED = [
  ...['_reconstruct', 'MaskedArray'].map((name) => `numpy.ma.core ${name}`),
  'numpy.ma.core _mareconstruct',
  'numpy.random._pickle __randomstate_ctor',
  'numpy.random._pickle __generator_ctor',
  'numpy.random._pickle __bit_generator_ctor',
  'numpy.random.bit_generator SeedSequence',
  'numpy.random.bit_generator __pyx_unpickle_SeedSequence',
  'scipy.interpolate._interpolate interp1d',
  'scipy.interpolate.interpolate interp1d',
  'functools partial',
  ...['csr', 'csc', 'coo', 'dia'].flatMap((form) => [
    `scipy.sparse.${form} ${form}_matrix`,
    `scipy.sparse._${form} ${form}_matrix`,
    `scipy.sparse._${form} ${form}_array`,
  ]),
  ...CLASSES['_loss._loss']!.split(' ').flatMap((name) => [
    `_loss ${name}`,
    `_loss __pyx_unpickle_${name}`,
    `sklearn._loss._loss __pyx_unpickle_${name}`,
  ]),
]

export function createPythonGlobals(): Record<string, PickleGlobal> {
  const classes = Object.entries(CLASSES).flatMap(([module, names]) =>
    names.split(' ').map((name) => `sklearn.${module} ${name}`),
  )
  const described = [...classes, ...CARRIED].map((name) => [name, describeClass(name)] as const)
  const both = (name: string, global: PickleGlobal) => ({
    [`builtins ${name}`]: global,
    [`__builtin__ ${name}`]: global,
  })
  return {
    ...Object.fromEntries(MENTIONED.map((name) => [name, {}])),
    ...Object.fromEntries(described),
    ...both('set', { construct: ([items]) => new Set(listOf(items)) }),
    ...both('frozenset', { construct: ([items]) => new Set(listOf(items)) }),
    ...both('slice', describeClass('builtins slice')),
    ...both('getattr', { construct: methodOf }),
    ...both('bytes', { construct: () => new Uint8Array(0) }),
    ...both('bytearray', { construct: ([bytes]) => bytes ?? new Uint8Array(0) }),
    'copyreg _reconstructor': { construct: reconstruct, setState },
    'copy_reg _reconstructor': { construct: reconstruct, setState },
    'collections OrderedDict': dictionary,
    'collections defaultdict': dictionary,
    'sklearn.utils Bunch': dictionary,
    'sklearn.utils._bunch Bunch': dictionary,
  }
}

/** KDTree and BallTree of KNN, and their metrics: the training rows are kept beside them. */
function neighbourTrees(): Record<string, string> {
  const metrics = 'EuclideanDistance ManhattanDistance MinkowskiDistance ChebyshevDistance'.split(
    ' ',
  )
  const names = metrics.flatMap((name) => [name, `${name}64`, `${name}32`])
  const trees = (name: string) => `${name} ${name}64 ${name}32 newObj`
  return {
    'metrics._dist_metrics': [...names, 'newObj'].join(' '),
    'neighbors._dist_metrics': [...names, 'newObj'].join(' '),
    'neighbors._kd_tree': trees('KDTree'),
    'neighbors._ball_tree': trees('BallTree'),
  }
}

const dictionary: PickleGlobal = { construct: () => new Map(), setState: (value) => value }

/** `copyreg._reconstructor(class, object, None)`, of classes that state themselves the old way. */
function reconstruct([type]: readonly PickleValue[]): PickleValue {
  if (!(type instanceof GlobalReference) || type.global.construct === undefined) {
    throw new PickleError('an object is of no class that is read')
  }
  return type.global.construct([])
}

/** `str.split`, which stands where a tokenizer is wanted; the one method that a file may name. */
export const STRING_SPLIT = 'builtins str.split'

function methodOf([type, name]: readonly PickleValue[]): GlobalReference {
  const isString =
    type instanceof GlobalReference && /^(builtins str|__builtin__ (str|unicode))$/.test(type.name)
  if (isString && name === 'split') return new GlobalReference(STRING_SPLIT, {})
  throw new PickleError(`the file asks for builtins.getattr of ${String(name)}, which is not read`)
}

function listOf(items: PickleValue): readonly PickleValue[] {
  if (items === undefined) return []
  if (!Array.isArray(items)) throw new PickleError('a set is made of no list')
  return items
}
