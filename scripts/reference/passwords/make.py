"""Hashes of passwords as Flask services keep them, from Werkzeug.

    pip install -r requirements.txt && python make.py

Writes src/auth/fixtures/werkzeug.json.
"""

import json
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

PASSWORDS = ["kucing-hitam", "pässwörd ﬁ ١", "a" * 200, "x"]
METHODS = [
    "scrypt",
    "scrypt:16384:8:2",
    "pbkdf2",
    "pbkdf2:sha256:260000",
    "pbkdf2:sha512:1000",
    "pbkdf2:sha1:1000",
]

cases = []
for method in METHODS:
    for password in PASSWORDS if method in ("scrypt:16384:8:2", "pbkdf2:sha512:1000") else PASSWORDS[:1]:
        stored = generate_password_hash(password, method=method)
        assert check_password_hash(stored, password)
        cases.append({"password": password, "hash": stored})

root = Path(__file__).resolve().parents[3]
path = root / "src/auth/fixtures/werkzeug.json"
path.write_text(json.dumps(cases, ensure_ascii=False, indent=2) + "\n")
