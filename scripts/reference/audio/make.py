"""Writes the audio fixtures: what librosa, soxr and libsndfile make of the same samples and the same files.

Run with the packages of requirements.txt, from the root of the repository; recordings are read from ../shared when there.
"""

import base64
import json
import struct
from pathlib import Path

import librosa
import numpy as np
import soundfile

TENSOR = Path("src/tensor/fixtures/audio.json")
FILES = Path("src/engine/decoders/fixtures/audio")
COUGH = Path("src/services/cough/fixtures/recordings.json")
RECORDINGS = Path("../shared/data/cough")


def signal(kind, rate, count):
    """The same formulas stand in test/signal.ts."""
    state, noise = 1, np.empty(count)
    for i in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        noise[i] = state / 2**31 - 1
    t = np.arange(count) / rate
    chirp = 0.5 * np.sin(2 * np.pi * (100 * t + (0.45 * rate - 100) / (2 * count / rate) * t * t))
    return {
        "chirp": chirp,
        "noise": 0.8 * noise,
        "clicks": (np.arange(count) % 3001 == 1500).astype(float),
        "fading": (chirp + 0.1 * noise) * 10 ** (-4 * t * rate / count),
        "silence": np.zeros(count),
    }[kind].astype(np.float32)


def packed(values):
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def decibels(samples):
    return librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=22050), ref=np.max)


def picture(samples):
    db = decibels(samples)
    db = np.pad(db, ((0, 0), (0, max(0, 256 - db.shape[1]))))[:, :256]
    deviation = db.std()
    return (db - db.mean()) / deviation if deviation > 0 else np.zeros_like(db)


def mel_cases():
    plain = [("chirp", 11025), ("noise", 11025), ("clicks", 11025), ("fading", 11025)]
    short = [("noise", 1), ("noise", 1000), ("silence", 5000)]
    for kind, count in plain + short:
        db = decibels(signal(kind, 22050, count))
        yield {"kind": kind, "rate": 22050, "count": count, "frames": db.shape[1], "decibels": packed(db)}


def resample_cases():
    for kind, rate in [("fading", 44100), ("noise", 44100), ("fading", 48000), ("fading", 8000), ("noise", 11025),
                       ("fading", 16000), ("chirp", 96000), ("fading", 44099)]:
        samples = signal(kind, rate, rate // 2)
        resampled = librosa.resample(samples, orig_sr=rate, target_sr=22050)
        db = decibels(resampled)
        yield {"kind": kind, "rate": rate, "count": len(samples), "length": len(resampled), "frames": db.shape[1],
               "decibels": packed(db)}


def ogg_page(kind, position, sequence, packet):
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = b"OggS" + struct.pack("<BBqIII", 0, kind, position, 7, sequence, 0) + bytes([len(lacing)]) + lacing
    checksum = 0
    for byte in head + packet:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x104C11DB7 if checksum & 0x80000000 else 0)
    return head[:22] + struct.pack("<I", checksum) + head[26:] + packet


def ogg_flac(flac, count):
    """Wraps a FLAC file of one frame: the mapping's header, a comment block, the frame."""
    info = flac[8:42]
    at, last = 4, False
    while not last:
        last = flac[at] >= 128
        at += 4 + int.from_bytes(flac[at + 1:at + 4], "big")
    comment = struct.pack("<II", 0, 0)
    first = b"\x7fFLAC\x01\x00\x00\x01fLaC\x00\x00\x00\x22" + info
    second = b"\x84" + len(comment).to_bytes(3, "big") + comment
    return ogg_page(2, 0, 0, first) + ogg_page(0, 0, 1, second) + ogg_page(4, count, 2, flac[at:])


def write_files():
    count, rate = 800, 8000
    stereo = np.stack([signal("fading", rate, count), 0.5 * signal("noise", rate, count)], axis=1)
    formats = [("u8.wav", "WAV", "PCM_U8"), ("s16.wav", "WAV", "PCM_16"), ("s24.wav", "WAV", "PCM_24"),
               ("s32.wav", "WAV", "PCM_32"), ("f32.wav", "WAV", "FLOAT"), ("f64.wav", "WAV", "DOUBLE"),
               ("alaw.wav", "WAV", "ALAW"), ("ulaw.wav", "WAV", "ULAW"), ("extensible.wav", "WAVEX", "PCM_24"),
               ("flac.flac", "FLAC", "PCM_16"), ("vorbis.ogg", "OGG", "VORBIS"), ("opus.ogg", "OGG", "OPUS"),
               ("mp3.mp3", "MP3", "MPEG_LAYER_III")]
    expected = {}
    for name, container, subtype in formats:
        soundfile.write(FILES / name, stereo, rate, format=container, subtype=subtype)
    (FILES / "flac.ogg").write_bytes(ogg_flac((FILES / "flac.flac").read_bytes(), count))
    for name, _, _ in formats:
        samples, read_rate = soundfile.read(FILES / name, dtype="float32", always_2d=True)
        expected[name] = {"rate": read_rate, "length": len(samples), "every": 7,
                          "channels": [packed(channel[::7]) for channel in samples.T]}
    # libsndfile does not read FLAC in OGG; the samples are those of the file that was wrapped.
    expected["flac.ogg"] = expected["flac.flac"]
    (FILES / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def recordings():
    names = sorted(p.relative_to(RECORDINGS).as_posix() for p in RECORDINGS.glob("*/*.*"))
    for name in names[::150]:
        samples, rate = soundfile.read(RECORDINGS / name, dtype="float32", always_2d=True)
        loaded, _ = librosa.load(RECORDINGS / name, sr=22050, duration=10)
        yield {"name": name, "rate": rate, "length": len(samples), "rms": float(np.sqrt(np.mean(samples**2))),
               "every": 61, "picture": packed(picture(loaded).ravel()[::61])}


def main():
    TENSOR.write_text(json.dumps({"mel": list(mel_cases()), "resample": list(resample_cases())}, indent=1) + "\n")
    write_files()
    if RECORDINGS.exists():
        COUGH.write_text(json.dumps(list(recordings()), indent=1) + "\n")


main()
