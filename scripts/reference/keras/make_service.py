"""Writes test/fixtures/import: a small breed classifier saved by Keras 3, its class map, a picture, and the probabilities
that Keras answers for it with the preprocessing of the old back end (Pillow's bicubic resize, levels divided by 255); the
same input and output as .npy files; a network of coughs and an autoencoder of vibrations, with an input and output each. Run: python make_service.py"""

import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import layers as L
from PIL import Image

OUT = Path(__file__).resolve().parents[3] / "test/fixtures/import"
SIZE = 48
BREEDS = ["Beagle", "Chihuahua", "Pug", "Samoyed", "Whippet"]


def cough(rng):
    """As the old back end's: [1, 128, 256, 1] in, three classes out."""
    model = keras.Sequential(
        [
            keras.Input((128, 256, 1)),
            L.Conv2D(6, 5, strides=4, activation="relu"),
            L.MaxPooling2D(2),
            L.Conv2D(8, 3, activation="relu"),
            L.BatchNormalization(),
            L.GlobalAveragePooling2D(),
            L.Dense(3, activation="softmax"),
        ]
    )
    randomise(model, rng)
    model.save(OUT / "cough_classifier_model.h5")
    rows = rng.normal(0, 1, (1, 128, 256, 1)).astype("float16").astype("float32")
    np.save(OUT / "cough-input.npy", rows)
    np.save(OUT / "cough-output.npy", np.asarray(model(rows, training=False)))


def autoencoder(rng):
    """As the old back end's: [1, 24, 1] in and out."""
    model = keras.Sequential(
        [
            keras.Input((24, 1)),
            L.LSTM(6),
            L.RepeatVector(24),
            L.LSTM(6, return_sequences=True),
            L.TimeDistributed(L.Dense(1)),
        ]
    )
    randomise(model, rng)
    model.save(OUT / "autoencoder.h5")
    rows = rng.normal(0, 1, (1, 24, 1)).astype("float32")
    np.save(OUT / "autoencoder-input.npy", rows)
    np.save(OUT / "autoencoder-output.npy", np.asarray(model(rows, training=False)))


def randomise(model, rng):
    model.set_weights(
        [
            rng.uniform(0.5, 1.5, w.shape) if "variance" in w.name else rng.normal(0, 0.4, w.shape)
            for w in model.weights
        ]
    )


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    inputs = keras.Input((SIZE, SIZE, 3))
    backbone = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            L.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            L.BatchNormalization(),
            L.ReLU(),
            L.SeparableConv2D(12, 3, strides=2, padding="same"),
            L.BatchNormalization(),
            L.Activation("swish"),
            L.MaxPooling2D(2),
        ],
        name="backbone",
    )
    backbone.trainable = False
    x = L.Flatten()(backbone(inputs))
    x = L.Dense(16, activation="relu")(x)
    x = L.Dropout(0.5)(L.BatchNormalization()(x))
    model = keras.Model(inputs, L.Dense(len(BREEDS), activation="softmax")(x))
    randomise(model, rng)
    model.compile(keras.optimizers.Adam(1e-4), "categorical_crossentropy")
    y, x = np.mgrid[0:96, 0:128]
    levels = np.stack([128 + 100 * np.sin(x / 9 + c) * np.cos(y / (5 + c)) for c in range(3)], -1)
    picture = Image.fromarray(np.clip(levels + rng.normal(0, 12, levels.shape), 0, 255).astype("uint8"))
    picture.save(OUT / "picture.png")
    rows = np.asarray(picture.resize((SIZE, SIZE), Image.BICUBIC), "float32")[None] / 255
    answer = np.asarray(model(rows, training=False))
    model.save(OUT / "dog_breed_classifier_final_model.keras")
    classes = {str(index): name for index, name in enumerate(BREEDS)}
    (OUT / "class_indices.json").write_text(json.dumps(classes) + "\n")
    np.save(OUT / "input.npy", rows)
    np.save(OUT / "output.npy", answer)
    expected = {name: float(f"{p:.9g}") for name, p in zip(BREEDS, answer[0], strict=True)}
    (OUT / "probabilities.json").write_text(json.dumps(expected, indent=1) + "\n")
    print(expected)
    cough(rng)
    autoencoder(rng)


main()
