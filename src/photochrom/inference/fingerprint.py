"""What an output was made of, and how: digests of files, and a key of the settings."""

import hashlib
import json
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20


def file_digest(path: Path) -> str:
    """BLAKE2b of a file's content, 128 bits, in hexadecimal."""
    found = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def settings_key(model: str, options: dict[str, Any]) -> str:
    """Name how a picture is coloured: the digest of the model, and the options."""
    return json.dumps({"model": model, **options}, sort_keys=True, default=str)
