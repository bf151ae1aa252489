"""Hold what is read of corpora of pictures against other libraries.

`python tests/endurance/corpora.py DIR...` reads each picture once, however often it is there, and
compares size, lightness and alpha of its first page with what Pillow finds, or tifffile, or
ImageMagick; of a PDF with what Poppler's pdftoppm draws, or MuPDF's mutool. The first that reads a
file is believed, unless it differs and another agrees. It lists the differences by what they are,
and prints how many there are of each. The corpora are those of other projects, and stay there.
"""

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tifffile
from PIL import Image, ImageCms, ImageOps

from photochrom.color.spaces import samples_to_lightness
from photochrom.errors import MissingExtra, PhotochromError
from photochrom.image import READABLE, Limits, Picture

SEEN = 32  # pixels a side of what is compared
ALLOWED = 4.0  # of L*: what shrinking, profiles and inks differ by
SECONDS = 60.0  # that a file may take
PIXELS = 50_000_000
DOTS = 72  # an inch, of pages of PDFs that are compared
RIGHT, RIGHT_BY_ANOTHER = "right", "right, though another library differs"


class Seen(NamedTuple):
    """What a library makes of a file."""

    size: tuple[int, int]
    """Width and height in pixels; of a PDF's page in points."""
    lightness: np.ndarray
    has_alpha: bool
    rounding: int = 0
    """By how much the size may be another, as a pixel of a coarse page is several points."""


def files_of(directories: list[Path]) -> Iterator[Path]:
    """Give each file of a kind that is read once, by what is in it; links are not followed."""
    known = set()
    for directory in directories:
        for root, _, names in os.walk(directory):
            for path in sorted(Path(root, name) for name in names):
                is_wanted = path.suffix.lower() in READABLE and not path.is_symlink()
                if not is_wanted or not path.is_file():  # but a pipe, which would be waited for
                    continue
                digest = hashlib.sha256(path.read_bytes()).digest()
                if digest not in known:
                    known.add(digest)
                    yield path


def ours(path: Path) -> Seen:
    """Read a file with Photochrom at full size; where it looks otherwise shrunk, so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Picture(path, Limits(pixels=PIXELS), page=0)
        pixels = np.concatenate([samples for samples, _ in picture.bands()])
        small = samples_to_lightness(picture.thumbnail(SEEN, SEEN))
    seen = _of_array(pixels / (257 if picture.bits == 16 else 1), picture.has_alpha)
    if _is_pdf(path) and picture.resolution:
        points_each = DOTS / 25.4 / picture.resolution[0]
        width, height = (round(n * points_each) for n in picture.size)
        return seen._replace(size=(width, height), rounding=1 + round(points_each))
    is_large = min(picture.size) >= 2 * SEEN  # a small one is enlarged here, and not there
    if is_large and abs(float(small.mean() - seen.lightness.mean())) > ALLOWED:
        return seen._replace(lightness=small)
    return seen


def by_pillow(path: Path) -> Seen:
    """Read a file with Pillow: upright, its profile applied."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened)
        profile, has_alpha = image.info.get("icc_profile"), image.has_transparency_data
        if image.mode.startswith("I"):
            values = np.asarray(image).astype(float)
            if values.max() > 65535 or (path.suffix.startswith(".tif") and image.mode == "I"):
                raise ValueError("bits that Pillow does not tell")
            return _of_array(_in_srgb(values / 257, image.info.get("gamma")), has_alpha)
        if image.mode == "F":
            return _of_array(np.asarray(image) * 255, has_alpha)
        image = image.convert("RGBA") if has_alpha else image
        if profile and image.mode in ("RGB", "L", "CMYK"):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            image = converted or image
        pixels = np.asarray(image.convert("RGBA" if has_alpha else "RGB"))
        return _of_array(_in_srgb(pixels, image.info.get("gamma")), has_alpha)


def _in_srgb(pixels: np.ndarray, gamma: float | None) -> np.ndarray:
    """Apply the gamma of a PNG, which Pillow leaves to others, to samples of 0..255."""
    if not gamma or abs(gamma - 0.45455) < 0.02:
        return pixels
    light = (pixels[..., :3] / 255.0 if pixels.ndim == 3 else pixels / 255.0) ** (1 / gamma)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def by_tifffile(path: Path) -> Seen:
    """Read the first page of a TIFF with tifffile."""
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        pixels = page.asarray()
        pixels = np.moveaxis(pixels, 0, -1) if page.axes == "SYX" else pixels
        turned = "Orientation" in page.tags and page.tags["Orientation"].value > 1
        if page.axes not in ("YX", "YXS", "SYX") or page.photometric not in (0, 1, 2) or turned:
            raise ValueError(f"axes {page.axes}")
        scale = 255 if pixels.dtype.kind == "f" else 255 / ((1 << page.bitspersample) - 1)
        pixels = pixels * scale
        pixels = 255 - pixels if page.photometric == 0 else pixels
        return _of_array(pixels, any(kind in (1, 2) for kind in page.extrasamples))


def by_imagemagick(path: Path) -> Seen:
    """Read the first page of a file with ImageMagick."""
    program = shutil.which("magick") or shutil.which("convert")
    if not program:
        raise FileNotFoundError("ImageMagick")
    command = [program, f"{path}[0]", "-auto-orient", "-colorspace", "sRGB", "png:-"]
    made = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    with Image.open(io.BytesIO(made.stdout)) as image:
        has_alpha = image.has_transparency_data
        return _of_array(np.asarray(image.convert("RGBA" if has_alpha else "RGB")), has_alpha)


def by_poppler(path: Path) -> Seen:
    """Draw the first page of a PDF with Poppler."""
    return _drawn(["pdftoppm", "-cropbox", "-r", f"{DOTS}", "-l", "1", "-singlefile", path])


def by_mupdf(path: Path) -> Seen:
    """Draw the first page of a PDF with MuPDF."""
    return _drawn(["mutool", "draw", "-q", "-r", f"{DOTS}", "-F", "ppm", "-o", "-", path, "1"])


def _drawn(command: list[str | Path]) -> Seen:
    made = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
    with Image.open(io.BytesIO(made.stdout)) as image:
        return _of_array(np.asarray(image.convert("RGB")), False)


def _is_pdf(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"


def _of_array(pixels: np.ndarray, has_alpha: bool) -> Seen:
    colors = pixels[..., :3] if pixels.ndim == 3 and pixels.shape[2] > 2 else np.atleast_3d(pixels)
    channels = np.moveaxis(colors[..., : 3 if colors.shape[2] >= 3 else 1], 2, 0)
    planes = [Image.fromarray(np.asarray(one, np.float32)) for one in channels]
    small = [np.asarray(one.resize((SEEN, SEEN), Image.Resampling.BOX)) for one in planes]
    rgb = np.stack(small * (3 // len(small)), axis=2)
    shown = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return Seen((pixels.shape[1], pixels.shape[0]), samples_to_lightness(shown), has_alpha)


def _order(path: Path) -> list[Callable[[Path], Seen]]:
    """Give the readers, the most faithful to a format's samples first."""
    if _is_pdf(path):
        return [by_poppler, by_mupdf]
    if path.suffix.lower().startswith(".tif"):
        return [by_tifffile, by_pillow, by_imagemagick]
    return [by_pillow, by_imagemagick]


def references(path: Path) -> Iterator[Seen]:
    """Read a file with each of the others that reads it."""
    for read in _order(path):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                seen = read(path)
        except Exception:  # noqa: BLE001 - whatever a file leads a library into
            continue
        yield seen


def compare(path: Path) -> tuple[str, str]:
    """Give what differs, or that nothing does, and the details."""
    others = references(path)
    try:
        found = ours(path)
    except MissingExtra as error:
        return "an extra is missing", str(error)
    except PhotochromError as error:
        if "the limit is" in str(error):
            return "beyond the limits", str(error)
        what = "called damaged" if "damaged" in str(error) else "refused in words"
        is_read = any(True for _ in others)
        return f"{what}, {'others read it' if is_read else 'as others do'}", str(error)
    differences = list[tuple[str, str]]()
    for expected in others:
        what, details = difference(found, expected)
        if what == RIGHT:
            return RIGHT_BY_ANOTHER if differences else RIGHT, ""
        differences.append((what, details))
    return differences[0] if differences else ("read by Photochrom alone", "")


def difference(found: Seen, expected: Seen) -> tuple[str, str]:
    """Give in what two differ, and the details."""

    def near(size: tuple[int, int]) -> bool:
        return all(abs(a - b) <= found.rounding for a, b in zip(size, expected.size, strict=True))

    if not near(found.size):
        what = "orientation" if near(found.size[::-1]) else "size"
        return what, f"{found.size}, not {expected.size}"
    if found.has_alpha != expected.has_alpha:
        return "alpha", f"{found.has_alpha}, not {expected.has_alpha}"
    differences = found.lightness - expected.lightness
    if min(found.size) < 2 * SEEN:  # each library enlarges in its own way
        differences = differences.mean()
    amount = float(np.abs(differences).mean())
    if amount > ALLOWED and not found.has_alpha:
        return "lightness", f"{amount:.1f} L* off"
    return RIGHT, ""


def compared(paths: list[Path]) -> dict[str, list[tuple[Path, str]]]:
    """Compare files in a process of their own, so that a crash is seen; give what was found."""
    found = defaultdict[str, list[tuple[Path, str]]](list)
    pool = ProcessPoolExecutor(1)
    for path in paths:
        try:
            what, details = pool.submit(compare, path).result(SECONDS * 3)
        except (BrokenProcessPool, TimeoutError) as error:
            pool.shutdown(wait=False, cancel_futures=True)
            pool = ProcessPoolExecutor(1)
            what, details = "CRASH OR HANG", type(error).__name__
        except Exception as error:  # noqa: BLE001 - no other error may reach a user
            what, details = "TRACEBACK", repr(error)[:200]
        found[what].append((path, details))
    pool.shutdown()
    return found


def main() -> None:
    """Compare all files of the directories, and print what differs, and how often."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", nargs="+", type=Path)
    paths = list(files_of(parser.parse_args().directories))
    found = compared(paths)
    for what, files in sorted(found.items()):
        for path, details in files if what != RIGHT else ():
            sys.stdout.write(f"{what}: {path} {details}\n")
    sys.stdout.write(f"{len(paths)} pictures\n")
    for what, files in sorted(found.items(), key=lambda one: -len(one[1])):
        sys.stdout.write(f"{len(files):6} {what}\n")


if __name__ == "__main__":
    main()
