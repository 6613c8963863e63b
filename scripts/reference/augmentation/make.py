"""Writes what Keras makes of small pictures for given parameters of its ImageDataGenerator.

python3 -m venv venv && venv/bin/pip install -r requirements.txt && KERAS_BACKEND=numpy venv/bin/python make.py
"""

import base64
import json
from pathlib import Path

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

ROOT = Path(__file__).resolve().parents[3] / "src"
KEYS = ("theta", "tx", "ty", "shear", "zx", "zy", "flip_horizontal")


def text(array, kind):
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode()


def made(width, height, seed):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = np.stack([x * 255 / width, y * 255 / height, (x * y) % 5 * 50], -1)
    return np.clip(planes + rng.normal(0, 40, planes.shape), 0, 255).astype(np.uint8)


def main():
    pictures = [made(16, 16, 1), made(19, 12, 2), made(7, 17, 3)]
    generator = ImageDataGenerator(
        rotation_range=20, width_shift_range=0.2, height_shift_range=0.2, shear_range=0.2, zoom_range=0.2,
        horizontal_flip=True, fill_mode="nearest",
    )
    still = dict(theta=0, tx=0, ty=0, shear=0, zx=1, zy=1, flip_horizontal=False)
    plans = [(0, dict(still))]
    for change in (dict(theta=20), dict(theta=-90), dict(tx=3.5), dict(ty=-2.25), dict(shear=15),
                   dict(zx=0.8, zy=1.2), dict(flip_horizontal=True)):
        plans += [(index, {**still, **change}) for index in range(3)]
    for seed in range(9):
        index = seed % 3
        drawn = generator.get_random_transform(pictures[index].shape, seed=seed)
        plans.append((index, {key: drawn[key] for key in KEYS}))
    cases = []
    for index, plan in plans:
        out = generator.apply_transform(pictures[index].astype(np.float32), plan)
        parameters = {key: (bool(plan[key]) if key == "flip_horizontal" else float(plan[key])) for key in KEYS}
        cases.append(dict(picture=index, parameters=parameters, data=text(out, np.float32)))
    sources = [dict(width=p.shape[1], height=p.shape[0], data=text(p, np.uint8)) for p in pictures]
    path = ROOT / "train/augment/fixtures/affine.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dict(pictures=sources, cases=cases)) + "\n")


main()
