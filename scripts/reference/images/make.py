"""Writes the reference values of picture decoding and resizing: what Pillow and OpenCV make of small made pictures.

python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python make.py
"""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[3] / "src"
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


def text(array):
    return base64.b64encode(np.ascontiguousarray(array, np.uint8).tobytes()).decode()


def made(width, height, seed):
    """A smooth gradient with hard edges and noise: shows both rounding and clipping."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1), (x + y) % 7 * 42]
    picture = np.stack(planes, -1) + rng.normal(0, 40, (height, width, 3))
    picture[(x // 5 + y // 4) % 3 == 0] *= 1.7
    return np.clip(picture, 0, 255).astype(np.uint8)


def resize_fixture():
    sizes = [(37, 29), (7, 90), (90, 7), (1, 1), (2, 300), (300, 2), (64, 48)]
    sources = [made(w, h, i) for i, (w, h) in enumerate(sizes)]
    plans = [
        (0, 20, 15, None), (0, 53, 31, None), (0, 37, 11, None), (0, 11, 29, None), (0, 40, 9, None),
        (0, 17, 13, (3.5, 2.25, 30.1, 25.9)), (0, 30, 7, (5, 4, 30, 28)), (0, 37, 29, None),
        (1, 20, 9, None), (1, 3, 100, None), (2, 9, 20, None), (2, 100, 3, None), (3, 6, 5, None),
        (4, 3, 3, None), (5, 2, 2, None), (5, 1, 9, None), (6, 32, 24, None), (6, 1, 1, None),
    ]
    cases = []
    for source, width, height, box in plans:
        picture = Image.fromarray(sources[source])
        for name, number in FILTERS.items():
            out = np.array(picture.resize((width, height), number, box=box))
            cases.append(dict(source=source, width=width, height=height, box=box, filter=name, data=text(out)))
        if box is None:
            out = cv2.resize(sources[source], (width, height), interpolation=cv2.INTER_LINEAR)
            cases.append(dict(source=source, width=width, height=height, box=None, filter="opencv", data=text(out)))
    pictures = [dict(width=s.shape[1], height=s.shape[0], data=text(s)) for s in sources]
    write(ROOT / "tensor/fixtures/resize.json", dict(sources=pictures, cases=cases))


def png16(array, color):
    """A 16-bit PNG, which Pillow reads but does not write in colour."""
    height, width = array.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in array)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def interlaced_png(array):
    height, width, _ = array.shape
    body = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in array[y0::dy, x0::dx]:
            if row.size:
                body += b"\0" + row.tobytes()
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def decode_fixtures():
    folder = ROOT / "engine/decoders/fixtures/images"
    folder.mkdir(parents=True, exist_ok=True)
    rgb = Image.fromarray(made(23, 17, 11))
    alpha = rgb.copy()
    alpha.putalpha(Image.fromarray(made(23, 17, 12)[:, :, 0]))
    grey = rgb.convert("L")
    palette = rgb.quantize(16)
    wide = made(23, 17, 13).astype(np.uint16) * 257 - 100
    profile = b"not a colour profile"
    files = {}

    def save(name, picture, kind, **options):
        body = io.BytesIO()
        picture.save(body, kind, **options)
        files[name] = body.getvalue()

    save("rgb.jpg", rgb, "JPEG", quality=90)
    save("progressive.jpg", rgb, "JPEG", quality=80, progressive=True)
    save("subsampled.jpg", rgb, "JPEG", quality=85, subsampling="4:2:0")
    save("full-chroma.jpg", rgb, "JPEG", quality=85, subsampling="4:4:4")
    save("grey.jpg", grey, "JPEG", quality=90)
    save("cmyk.jpg", rgb.convert("CMYK"), "JPEG", quality=95)
    save("profile.jpg", rgb, "JPEG", quality=90, icc_profile=profile)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"orientation-{orientation}.jpg", rgb, "JPEG", quality=95, exif=exif)
    save("rgb.png", rgb, "PNG")
    save("alpha.png", alpha, "PNG")
    save("grey.png", grey, "PNG")
    save("grey-alpha.png", alpha.convert("LA"), "PNG")
    save("palette.png", palette, "PNG")
    save("palette-transparent.png", palette, "PNG", transparency=3)
    save("bit.png", grey.convert("1"), "PNG")
    files["interlaced.png"] = interlaced_png(made(23, 17, 11))
    files["rgb16.png"] = png16(wide, 2)
    files["grey16.png"] = png16(np.concatenate([wide[:9, :, 0], made(23, 8, 3)[:, :, 0].astype(np.uint16) * 2]), 0)
    save("rgb.webp", rgb, "WEBP", quality=85)
    save("lossless.webp", alpha, "WEBP", lossless=True, exact=True)
    save("rgb.gif", rgb, "GIF")
    save("transparent.gif", palette, "GIF", transparency=2)
    save("animated.gif", rgb, "GIF", save_all=True, append_images=[Image.new("RGB", rgb.size, "red")])
    for name in ["rgb", "transparent"]:
        body = bytearray(files[f"{name}.gif"])
        body[6:10] = struct.pack("<HH", 26, 19)
        files[f"{name}-larger-screen.gif"] = bytes(body)
    save("rgb.tif", rgb, "TIFF")
    save("lzw.tif", rgb, "TIFF", compression="tiff_lzw")
    save("rgb.bmp", rgb, "BMP")
    save("palette.bmp", palette, "BMP")
    save("grey.bmp", grey, "BMP")
    save("bit.bmp", grey.convert("1"), "BMP")
    save("alpha.bmp", alpha, "BMP")
    expected = {}
    for name, body in files.items():
        (folder / name).write_bytes(body)
        picture = Image.open(io.BytesIO(body)).convert("RGB")
        expected[name] = dict(width=picture.width, height=picture.height, data=text(picture))
        if name.startswith("orientation"):
            turned = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
            expected[name]["upright"] = dict(width=turned.shape[1], height=turned.shape[0], data=text(turned))
    write(folder / "expected.json", expected)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(path.relative_to(ROOT), path.stat().st_size)


resize_fixture()
decode_fixtures()
