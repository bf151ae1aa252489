"""The studio without a server: a folder that any host can serve, and photographs never leave.

It has the studio's own page and files; behind `api.js` is an engine in the browser, whose files lie
in `offline/`. ONNX Runtime Web, which runs the model there, comes from npm when the site is made,
at a pinned version, or from a folder: it is no part of this package.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import tarfile
import urllib.request
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from photochrom.color import gamut, spaces, toning
from photochrom.errors import PhotochromError
from photochrom.guidance import (
    hints,
    matching,
    palette,
    prediction,
    propagation,
    reach,
    strokes,
    suggestions,
    uncertainty,
)
from photochrom.inference import guide, zoo
from photochrom.inference import model as inference
from photochrom.inference.model import Model
from photochrom.inference.options import QUALITIES, QUALITY
from photochrom.web import page
from photochrom.web.settings import Settings

_ENGINE = Path(__file__).parent / "offline"
_REPEATED = (
    gamut, spaces, toning, hints, matching, palette, prediction, propagation, reach, strokes,
    suggestions, uncertainty, guide, inference, page,
)  # fmt: skip
"""Modules whose arithmetic the engine repeats: it is told of their constants."""
_AT_ROOT = ("sw.js", "manifest.webmanifest")
_SERVER_ONLY = ("api.js", "index.html", "reference.css", "README.md")
_MAX_PIXELS = 100_000_000  # of a picture that a browser is to decode
_HEAD = """<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; \
script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:; \
object-src 'none'; base-uri 'none'; form-action 'none'">
<meta name="description" content="Colours black-and-white photos in your browser. \
Nothing leaves this device.">
<link rel="manifest" href="manifest.webmanifest">"""
RUNTIME_VERSION = "1.20.1"
"""Of ONNX Runtime Web."""
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""Its files that the page needs."""
_INTEGRITY = (  # of the package, as npm publishes it
    "sha512-TePF6XVpLL1rWVMIl5Y9ACBQcyCNFThZON/jgElNd9Txb73CIEGlklhYR3UEr1cp5r0rbGI6nDwwrs79g7WjoA=="
)
_REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
_SECONDS = 60  # that the registry may be silent
_SAID = ("name", "version", "size", "multiple", "gains", "licence")


def make(out: Path, model: str = zoo.DEFAULT, runtime: Path | None = None) -> list[Path]:
    """Write the site into the folder `out`, and give its files.

    `runtime` is a folder with ONNX Runtime Web's files (`dist` in its npm package); without it they
    are fetched from npm. Raises `PhotochromError` when `out` has files already, and when they are
    not there, and `ModelError` for an unknown model.
    """
    opened = Model(model, threads=1)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise PhotochromError(f"{out}: not an empty folder; give another, or empty it")
    files = _from_directory(runtime) if runtime else _from_npm()
    (out / "runtime").mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (out / "runtime" / name).write_bytes(data)
    shutil.copyfile(opened.path, out / "model.onnx")
    shutil.copytree(page.STATIC, out / "static", ignore=shutil.ignore_patterns(*_SERVER_ONLY))
    shutil.copytree(_ENGINE, out / "engine", ignore=shutil.ignore_patterns("api.js", *_AT_ROOT))
    shutil.copyfile(_ENGINE / "api.js", out / "static/api.js")
    shutil.copyfile(_ENGINE / "manifest.webmanifest", out / "manifest.webmanifest")
    (out / "engine/constants.js").write_text(_constants(opened), encoding="utf-8")
    html = page.studio_page(Settings(max_pixels=_MAX_PIXELS), films=False)
    html = html.replace('<meta charset="utf-8">', _HEAD)
    (out / "index.html").write_text(html, encoding="utf-8")
    _write_worker(out)
    return sorted(path for path in out.rglob("*") if path.is_file())


def constants(model: Model) -> dict[str, Any]:
    """Give what the engine is told: of the model, and the constants of modules by their names."""
    info = {name: model.info.get(name, "") for name in _SAID}
    info |= {"unsharp": model.info.get("unsharp", 0), "vividness": model.vividness(None)}
    info |= {"guides": model.gives_suggestions}
    views = [asdict(view) for view in QUALITIES[QUALITY]]
    return {
        "ENGINE": {"MODEL": info, "VIEWS": views, "MAX_PIXELS": _MAX_PIXELS},
        "PRESETS": {name: one.palette.colors for name, one in palette.presets().items()},
        **{module.__name__.rpartition(".")[2].upper(): _numbers(module) for module in _REPEATED},
    }


def _numbers(module: ModuleType) -> dict[str, Any]:
    """Give the constants of a module that are numbers, or arrays of them."""
    return {
        name.lstrip("_"): np.asarray(value).tolist()
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, int | float | np.ndarray)
    }


def _constants(model: Model) -> str:
    lines = [
        f"export const {name} = {json.dumps(value)};" for name, value in constants(model).items()
    ]
    return "\n".join(["// Made by photochrom site.", *lines, ""])


def _write_worker(out: Path) -> None:
    """Write the service worker: it keeps all files, under a name that is their digest."""
    paths = sorted(path for path in out.rglob("*") if path.is_file())
    digest = hashlib.blake2b(b"".join(path.read_bytes() for path in paths), digest_size=8)
    names = ["./", *(path.relative_to(out).as_posix() for path in paths)]
    text = (_ENGINE / "sw.js").read_text(encoding="utf-8")
    text = text.replace("{version}", digest.hexdigest()).replace("{files}", json.dumps(names))
    (out / "sw.js").write_text(text, encoding="utf-8")


def _from_directory(directory: Path) -> dict[str, bytes]:
    missing = [name for name in RUNTIME if not (directory / name).is_file()]
    if missing:
        raise PhotochromError(
            f"{directory}: {', '.join(missing)} of ONNX Runtime Web {RUNTIME_VERSION} not there; "
            f"give the folder dist of what npm pack onnxruntime-web@{RUNTIME_VERSION} brings"
        )
    return {name: (directory / name).read_bytes() for name in RUNTIME}


def _from_npm() -> dict[str, bytes]:
    address = f"{_REGISTRY}/onnxruntime-web/-/onnxruntime-web-{RUNTIME_VERSION}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:
            data = answer.read()
    except (OSError, ValueError) as error:
        raise PhotochromError(
            f"{address} cannot be fetched ({error}); pass runtime=DIR with its files"
        ) from error
    return unpacked(data)


def unpacked(data: bytes) -> dict[str, bytes]:
    """Give the runtime's files of its npm package; raises `PhotochromError` for another package."""
    digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
    if f"sha512-{digest}" != _INTEGRITY:
        raise PhotochromError(
            f"what npm gave is not ONNX Runtime Web {RUNTIME_VERSION}; "
            "pass runtime=DIR with its files"
        )
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as package:
        for name in RUNTIME:
            member = package.extractfile(f"package/dist/{name}")
            found[name] = member.read() if member else b""
    return found
