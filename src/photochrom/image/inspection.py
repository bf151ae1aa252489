"""What a picture's file says of itself, without decoding it."""

import os
from pathlib import Path

import pyvips

from photochrom.image.formats import FORMATS
from photochrom.image.provenance import read_note


def read_facts(path: Path) -> dict[str, str]:
    """Give the facts of the note in a picture's XMP: how Photochrom coloured it.

    There are none where it did not, or where the file cannot be read or its format holds no XMP.
    """
    if path.suffix.lower() not in FORMATS:
        return {}
    try:
        header = pyvips.Image.new_from_file(os.fsencode(path), access="sequential")
        packet = header.get("xmp-data") if header.get_typeof("xmp-data") else None
        return read_note(packet)
    except (pyvips.Error, ValueError):
        return {}
