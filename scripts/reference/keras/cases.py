"""Small models, one a layer and option, for Keras 2 and 3 alike. A case is (input shapes, function of layers and inputs)."""


def sequence(*layers):
    def build(x):
        for layer in layers:
            x = layer(x)
        return x

    return build


def cases(keras):
    """name -> (shapes, build, kind of input: 'float', 'positive' or ('int', most))"""
    L = keras.layers
    three = keras.__name__ == "keras"
    table = {}

    def add(name, shapes, build, kind="float"):
        table[name] = (shapes if isinstance(shapes, list) else [shapes], build, kind)

    picture = (7, 8, 3)
    # Dense and embeddings
    add("dense", (4,), lambda x: L.Dense(3)(x))
    add("dense-no-bias-relu", (4,), lambda x: L.Dense(3, use_bias=False, activation="relu")(x))
    add("dense-rank-3", (5, 4), lambda x: L.Dense(3, activation="tanh")(x))
    add("dense-batch-norm", (4,), lambda x: L.BatchNormalization()(L.Dense(3)(x)))
    add("einsum-dense", (5, 4), lambda x: L.EinsumDense("abc,cd->abd", output_shape=(None, 6), bias_axes="d")(x))
    add("embedding", (6,), lambda x: L.Flatten()(L.Embedding(9, 3)(x)), ("int", 9))
    # Convolutions
    for padding in ("valid", "same"):
        for strides in (1, 2, (2, 3)):
            name = f"conv2d-{padding}-{strides}".replace("(", "").replace(")", "").replace(", ", "x")
            add(name, picture, lambda x, p=padding, s=strides: L.Conv2D(4, (3, 2), strides=s, padding=p)(x))
        add(f"conv2d-dilated-{padding}", picture, lambda x, p=padding: L.Conv2D(4, 3, dilation_rate=2, padding=p, use_bias=False)(x))
        add(f"depthwise-{padding}", picture, lambda x, p=padding: L.DepthwiseConv2D(3, strides=2, depth_multiplier=2, padding=p, activation="relu")(x))
        add(f"separable-{padding}", picture, lambda x, p=padding: L.SeparableConv2D(5, 3, depth_multiplier=2, padding=p)(x))
        add(f"separable1d-{padding}", (9, 3), lambda x, p=padding: L.SeparableConv1D(5, 3, strides=2, padding=p)(x))
        for kernel, strides in ((3, 2), (2, 3), (4, 2), (3, 1)):
            add(f"transpose-{padding}-{kernel}-{strides}", (5, 4, 3), lambda x, p=padding, k=kernel, s=strides: L.Conv2DTranspose(4, k, strides=s, padding=p)(x))
        add(f"transpose1d-{padding}", (5, 3), lambda x, p=padding: L.Conv1DTranspose(4, 3, strides=2, padding=p)(x))
        add(f"conv1d-{padding}", (9, 3), lambda x, p=padding: L.Conv1D(4, 3, strides=2, padding=p)(x))
        add(f"conv3d-{padding}", (5, 4, 6, 2), lambda x, p=padding: L.Conv3D(3, 2, strides=2, padding=p)(x))
        for pool in ("Max", "Average"):
            add(f"{pool.lower()}-pool2d-{padding}", picture, lambda x, p=padding, c=pool: getattr(L, f"{c}Pooling2D")(3, strides=2, padding=p)(x))
            add(f"{pool.lower()}-pool1d-{padding}", (9, 3), lambda x, p=padding, c=pool: getattr(L, f"{c}Pooling1D")(2, padding=p)(x))
    add("transpose-output-padding", (5, 4, 3), lambda x: L.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1)(x))
    add("conv1d-causal", (9, 3), lambda x: L.Conv1D(4, 3, dilation_rate=2, padding="causal")(x))
    add("conv2d-groups", (6, 6, 4), lambda x: L.Conv2D(6, 3, groups=2)(x))
    add("depthwise1d", (9, 3), lambda x: L.DepthwiseConv1D(3, padding="same")(x))
    add("max-pool3d", (4, 6, 4, 2), lambda x: L.MaxPooling3D(2)(x))
    add("average-pool3d", (4, 6, 4, 2), lambda x: L.AveragePooling3D(2)(x))
    for kind in ("Max", "Average"):
        add(f"global-{kind.lower()}-2d", picture, lambda x, k=kind: getattr(L, f"Global{k}Pooling2D")()(x))
        add(f"global-{kind.lower()}-1d", (9, 3), lambda x, k=kind: getattr(L, f"Global{k}Pooling1D")()(x))
        add(f"global-{kind.lower()}-keep", picture, lambda x, k=kind: getattr(L, f"Global{k}Pooling2D")(keepdims=True)(x))
        add(f"pad-{kind.lower()}-pool", picture, lambda x, k=kind: getattr(L, f"{k}Pooling2D")(3, strides=2)(L.ZeroPadding2D(1)(L.Conv2D(4, 3)(x))))
    add("resizing-nearest", picture, lambda x: L.Resizing(5, 11, interpolation="nearest")(x))
    add("up2d-bicubic", (6, 6, 2), lambda x: L.UpSampling2D(2, interpolation="bicubic")(x))
    # Normalisation
    add("batch-norm-picture", picture, lambda x: L.BatchNormalization()(x))
    add("batch-norm-axis-1", (4, 5, 3), lambda x: L.BatchNormalization(axis=1)(x))
    add("batch-norm-bare", (4,), lambda x: L.BatchNormalization(center=False, scale=False, epsilon=0.01)(x))
    for kind in ("Conv2D", "Conv2DTranspose", "SeparableConv2D"):
        add(f"fold-{kind.lower()}", picture, lambda x, k=kind: L.ReLU()(L.BatchNormalization()(getattr(L, k)(4, 3, use_bias=k != "Conv2D")(x))))
    add("fold-depthwise", picture, lambda x: L.ReLU()(L.BatchNormalization(scale=False)(L.DepthwiseConv2D(3, depth_multiplier=2)(x))))
    add("no-fold-two-uses", picture, lambda x: (lambda y: L.Add()([y, L.BatchNormalization()(y)]))(L.Conv2D(4, 3)(x)))
    add("layer-norm", (5, 4), lambda x: L.LayerNormalization()(x))
    add("layer-norm-picture", picture, lambda x: L.LayerNormalization(epsilon=1e-6)(L.Conv2D(4, 3)(x)))
    add("layer-norm-axes", (4, 5, 3), lambda x: L.LayerNormalization(axis=[2, 3], scale=False)(x))
    add("group-norm", (4, 5, 6), lambda x: L.GroupNormalization(groups=3)(x))
    add("group-norm-instance", (4, 5, 6), lambda x: L.GroupNormalization(groups=-1, center=False)(L.Conv2D(6, 1)(x)))
    add("unit-norm", (5, 4), lambda x: L.UnitNormalization()(x))
    add("normalization", (5, 4), lambda x: L.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 2.0])(x))
    add("rescaling", picture, lambda x: L.Rescaling(1 / 127.5, offset=-1)(x))
    # Nothing at inference
    add("dropouts", (6, 6, 4), lambda x: L.SpatialDropout2D(0.5)(L.GaussianNoise(1.0)(L.Dropout(0.3)(L.AlphaDropout(0.2)(x)))))
    add("random", (6, 6, 3), lambda x: L.Conv2D(2, 1)(L.RandomZoom(0.2)(L.RandomRotation(0.1)(L.RandomFlip()(x)))))
    # Shapes
    add("flatten-picture", picture, lambda x: L.Dense(3)(L.Flatten()(L.Conv2D(4, 3)(x))))
    add("reshape", (12,), lambda x: L.Conv2D(2, 2)(L.Reshape((2, -1, 3))(x)))
    add("reshape-after-conv", (4, 4, 3), lambda x: L.Reshape((16, -1))(L.Conv2D(5, 1)(x)))
    add("permute", (4, 5, 3), lambda x: L.Permute((3, 1, 2))(x))
    add("repeat", (4,), lambda x: L.RepeatVector(3)(x))
    add("pad1d", (5, 3), lambda x: L.ZeroPadding1D((1, 2))(x))
    add("pad2d", picture, lambda x: L.Conv2D(4, 3)(L.ZeroPadding2D(((1, 2), (0, 3)))(L.Conv2D(2, 1)(x))))
    add("pad3d", (3, 4, 2, 2), lambda x: L.ZeroPadding3D(1)(x))
    add("crop1d", (5, 3), lambda x: L.Cropping1D((1, 2))(x))
    add("crop2d", picture, lambda x: L.Cropping2D(((1, 2), (0, 3)))(L.Conv2D(2, 1)(x)))
    add("crop3d", (3, 4, 4, 2), lambda x: L.Cropping3D(1)(x))
    add("up1d", (4, 3), lambda x: L.UpSampling1D(3)(x))
    add("up2d-nearest", picture, lambda x: L.UpSampling2D((2, 3))(x))
    add("up2d-bilinear", picture, lambda x: L.UpSampling2D(2, interpolation="bilinear")(x))
    add("up3d", (2, 3, 2, 2), lambda x: L.UpSampling3D(2)(x))
    add("resizing-bilinear", picture, lambda x: L.Resizing(5, 11)(x))
    add("center-crop", picture, lambda x: L.CenterCrop(4, 5)(x))
    # Merging
    for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
        add(f"merge-{kind.lower()}", [(3, 4), (3, 4)], lambda a, b, k=kind: getattr(L, k)()([a, b]))
    add("add-three-layouts", [(6, 6, 3), (6, 6, 3)], lambda a, b: L.Add()([L.Conv2D(3, 1)(a), b, L.Conv2D(3, 3, padding="same")(b)]))
    add("concat-pictures", [(6, 6, 3), (6, 6, 2)], lambda a, b: L.Conv2D(2, 1)(L.Concatenate()([L.Conv2D(3, 1)(a), b])))
    add("concat-axis-1", [(2, 4), (3, 4)], lambda a, b: L.Concatenate(axis=1)([a, b]))
    add("dot-2", [(4,), (4,)], lambda a, b: L.Dot(1)([a, b]))
    add("dot-cosine", [(4,), (4,)], lambda a, b: L.Dot(1, normalize=True)([a, b]))
    add("dot-3", [(3, 4), (5, 4)], lambda a, b: L.Dot(2)([a, b]))
    add("dot-mixed", [(4, 3), (5, 4)], lambda a, b: L.Dot((1, 2))([a, b]))
    add("squeeze-excite", (6, 6, 4), lambda x: (lambda y: L.Multiply()([y, L.Dense(4, activation="sigmoid")(L.GlobalAveragePooling2D(keepdims=True)(y))]))(L.Conv2D(4, 1)(x)))
    # Channels first, where the layers run so on a processor
    add("batch-norm-first", (3, 4, 5), lambda x: L.BatchNormalization(axis=1)(x))
    add("flatten-first", (3, 4, 5), lambda x: L.Flatten(data_format="channels_first")(x))
    add("pad2d-first", (3, 4, 5), lambda x: L.ZeroPadding2D((1, 2), data_format="channels_first")(x))
    add("global-first", (3, 4, 5), lambda x: L.GlobalAveragePooling2D(data_format="channels_first")(x))
    # Activations
    names = "linear relu relu6 leaky_relu sigmoid tanh softmax log_softmax elu selu softplus softsign exponential gelu silu swish hard_sigmoid mish"
    if three:
        names += " hard_silu celu log_sigmoid glu hard_tanh tanh_shrink hard_shrink soft_shrink squareplus sparse_plus sparse_sigmoid"
    known = [n for n in names.split() if hasattr(keras.activations, n)]
    for name in known:
        add(f"activation-{name}", (3, 4), lambda x, n=name: L.Activation(n)(x))
    add("activation-softmax-conv", (4, 4, 3), lambda x: L.Conv2D(3, 1, activation="softmax")(x))
    add("relu-layer", (9,), lambda x: L.ReLU(max_value=1.0, negative_slope=0.1)(x))
    add("relu-threshold", (9,), lambda x: L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.5)(x))
    add("leaky-layer", (9,), lambda x: L.LeakyReLU()(x))
    add("leaky-in-dense", (4,), lambda x: L.Dense(3, activation=L.LeakyReLU(0.2))(x))
    add("elu-layer", (9,), lambda x: L.ELU(0.7)(x))
    add("prelu", (4, 4, 3), lambda x: L.PReLU(shared_axes=[1, 2])(L.Conv2D(3, 1)(x)))
    add("softmax-axis", (3, 4), lambda x: L.Softmax(axis=1)(x))
    # Recurrent
    for kind in ("LSTM", "GRU", "SimpleRNN"):
        cell = getattr(L, kind)
        low = kind.lower()
        add(low, (6, 3), lambda x, c=cell: c(4)(x))
        add(f"{low}-sequences", (6, 3), lambda x, c=cell: c(4, return_sequences=True)(x))
        add(f"{low}-backwards", (6, 3), lambda x, c=cell: c(4, return_sequences=True, go_backwards=True)(x))
        add(f"{low}-relu-no-bias", (6, 3), lambda x, c=cell: c(4, activation="relu", use_bias=False)(x))
        add(f"{low}-state", (6, 3), lambda x, c=cell: c(4, return_state=True, return_sequences=True)(x))
        add(f"{low}-masked", (6,), lambda x, c=cell: c(4)(L.Embedding(5, 3, mask_zero=True)(x)), ("int", 5))
        add(f"{low}-masked-sequences", (6,), lambda x, c=cell: c(4, return_sequences=True)(L.Embedding(5, 3, mask_zero=True)(x)), ("int", 5))
        add(f"{low}-masking-backwards", (6, 3), lambda x, c=cell: c(4, go_backwards=True, return_sequences=True)(L.Masking(0.0)(x)), "gaps")
        add(f"bidirectional-{low}", (6, 3), lambda x, c=cell: L.Bidirectional(c(4))(x))
        add(f"bidirectional-{low}-sequences", (6, 3), lambda x, c=cell: L.Bidirectional(c(4, return_sequences=True), merge_mode="sum")(x))
        add(f"bidirectional-{low}-masked", (6,), lambda x, c=cell: L.Bidirectional(c(4, return_sequences=True), merge_mode="ave")(L.Embedding(5, 3, mask_zero=True)(x)), ("int", 5))
        add(f"{low}-free-steps", (None, 3), lambda x, c=cell: c(4)(c(4, return_sequences=True)(x)))
    add("lstm-hard-sigmoid", (6, 3), lambda x: L.LSTM(4, recurrent_activation="hard_sigmoid")(x))
    add("gru-reset-before", (6, 3), lambda x: L.GRU(4, reset_after=False, return_sequences=True)(x))
    add("gru-reset-before-masked", (6,), lambda x: L.GRU(4, reset_after=False)(L.Embedding(5, 3, mask_zero=True)(x)), ("int", 5))
    add("masked-average", (6,), lambda x: L.GlobalAveragePooling1D()(L.Embedding(5, 3, mask_zero=True)(x)), ("int", 5))
    add("encoder-decoder", [(6, 3), (4, 2)], lambda a, b: (lambda o, h, c: L.LSTM(5, return_sequences=True)(b, initial_state=[h, c]))(*L.LSTM(5, return_state=True)(a)))
    add("conv-lstm", (4, 5, 6, 2), lambda x: L.ConvLSTM2D(3, (2, 3), padding="same")(x))
    add("conv-lstm-sequences", (4, 5, 6, 2), lambda x: L.ConvLSTM2D(3, 2, strides=2, return_sequences=True)(x))
    add("time-distributed-dense", (5, 4), lambda x: L.TimeDistributed(L.Dense(3, activation="relu"))(x))
    add("time-distributed-conv", (3, 6, 6, 2), lambda x: L.TimeDistributed(L.Conv2D(3, 3))(x))
    add("time-distributed-model", (3, 6, 6, 2), lambda x: L.LSTM(3)(L.TimeDistributed(keras.Sequential([keras.Input((6, 6, 2)), L.Conv2D(3, 3), L.GlobalMaxPooling2D()]))(x)))
    # Attention
    add("attention-self", (5, 6), lambda x: L.MultiHeadAttention(2, 3)(x, x))
    add("attention-cross", [(5, 6), (4, 7)], lambda a, b: L.MultiHeadAttention(2, 3, value_dim=4, output_shape=5)(a, b))
    add("attention-causal", (5, 6), lambda x: L.MultiHeadAttention(2, 3, use_bias=False)(x, x, use_causal_mask=True))
    add("attention-masked", (6,), lambda x: (lambda e: L.MultiHeadAttention(2, 3)(e, e))(L.Embedding(5, 4, mask_zero=True)(x)), ("int", 5))
    add("attention-dot", [(4, 3), (5, 3)], lambda a, b: L.Attention(use_scale=True)([a, b]))
    add("attention-additive", [(4, 3), (5, 3)], lambda a, b: L.AdditiveAttention()([a, b]))
    # Whole models
    def residual(x):
        y = L.Conv2D(4, 3, padding="same")(x)
        z = L.Activation("relu")(L.BatchNormalization()(y))
        z = L.BatchNormalization()(L.Conv2D(4, 3, padding="same")(z))
        return L.Dense(3, activation="softmax")(L.GlobalAveragePooling2D()(L.ReLU()(L.Add()([y, z]))))

    add("model-residual", picture, residual)

    def nested(x):
        i = keras.Input((6, 6, 3))
        backbone = keras.Model(i, L.ReLU()(L.BatchNormalization()(L.Conv2D(4, 3)(i))), name="backbone")
        backbone.trainable = False
        return L.Dense(3, activation="softmax")(L.BatchNormalization()(L.Dense(5, activation="relu")(L.Flatten()(backbone(x)))))

    add("model-nested", (6, 6, 3), nested)

    def twice(a, b):
        i = keras.Input((4,))
        tower = keras.Model(i, L.Dense(2)(L.Dense(3, activation="tanh")(i)), name="tower")
        shared = L.Dense(3)
        return L.Concatenate()([shared(tower(a)), shared(tower(b))])

    add("model-shared", [(4,), (4,)], twice)

    def deep(x):
        inner = keras.Sequential([keras.Input((4,)), L.Dense(3, activation="relu"), L.Dense(4)], name="inner")
        i = keras.Input((4,))
        outer = keras.Model(i, L.Add()([inner(i), i]), name="outer")
        return L.Dense(2)(outer(x))

    add("model-deep", (4,), deep)
    add("model-two-outputs", (4,), lambda x: [L.Dense(2, name="first")(x), L.Dense(3, activation="softmax", name="second")(x)])
    add("model-operations", (4,), lambda x: (lambda y: (y * 2.0 + 1.0) / 3.0 - y)(L.Dense(3)(x)))
    if three:
        add("rms-norm", (5, 4), lambda x: L.RMSNormalization()(x))
    return table
