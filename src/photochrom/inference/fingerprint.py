"""What an output was made of, and how: digests, a key of the settings, and words for the note."""

import hashlib
import json
from pathlib import Path
from typing import Any

from photochrom.inference.model import Model
from photochrom.inference.options import ColorizeOptions

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


def facts_of(model: Model, options: ColorizeOptions, seen: tuple[int, int]) -> dict[str, str]:
    """Say, for the note, how a picture is coloured that a model sees at `seen`, (width, height)."""
    balance = {
        "Palette": "" if options.palette is None else str(options.palette),
        "Warmth": f"{options.warmth:g}" if options.warmth else "",
    }
    return {
        "Model": model.title,
        "Vividness": f"{model.vividness(options.vividness):g}",
        "Size": f"{seen[0]}x{seen[1]}",
        "Quality": options.quality,
        "Strength": f"{options.strength:g}",
        **{name: text for name, text in balance.items() if text},
    }
