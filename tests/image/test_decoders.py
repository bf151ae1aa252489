"""Which decoder a file is for: told by its first bytes, or by its name."""

import pytest

from photochrom.image import Limits, decoders
from photochrom.image.decoded import SourceFile

BOX = b"\0\0\0\x20ftyp"
STARTS = [
    (b"\xff\xd8\xff\xe0", ["JPEG"]),
    (b"\x89PNG\r\n\x1a\n", ["animation"]),
    (BOX + b"avis", ["animation", "HEIC"]),
    (BOX + b"heic", ["HEIC"]),
    (b"\0\0\0\x0cjP  \r\n", ["JPEG 2000"]),
    (b"\xff\x4f\xff\x51\0", ["JPEG 2000"]),
    (b"\0\0\0\x0cJXL \r\n", ["JPEG XL"]),
    (b"\xff\x0a\0", ["JPEG XL"]),
    (b"BM\0", ["BMP"]),
    (b"P5\n3", ["PNM"]),
    (b"P5x", []),
    (b"II*\0", ["TIFF"]),
    (b"MM\0+", ["TIFF"]),
    (b"RIFF\0\0\0\0WEBP", []),
    (b"GIF89a", []),
    (b"%PDF-1.7", ["PDF"]),
    (b"", []),
]


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Decoders that were asked whether a file is theirs; all say no."""
    found: list[str] = []

    def ask(name: str):
        return lambda file: found.append(name) or False

    watched = [one._replace(fits=ask(one.format)) for one in decoders.DECODERS]
    monkeypatch.setattr(decoders, "DECODERS", watched)
    return found


@pytest.mark.parametrize(("start", "formats"), STARTS)
def test_only_decoders_of_files_that_begin_so_are_asked(asked, start, formats) -> None:
    assert decoders.find(SourceFile(start, "x", 0, Limits())) is None
    assert asked == formats


@pytest.mark.parametrize(("name", "formats"), [("x.TGA", ["TGA"]), ("x.nef", ["raw"]), ("x", [])])
def test_some_are_told_by_their_names(asked, tmp_path, name, formats) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert decoders.find(SourceFile(tmp_path / name, name, 0, Limits())) is None
    assert asked == formats
