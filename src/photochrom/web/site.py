"""The studio without a server: a folder that any host can serve, and photographs never leave.

The page's files lie in `offline/`. ONNX Runtime Web, which runs the model there, comes from npm
when the site is made, at a pinned version, or from a folder: it is no part of this package.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

from photochrom.color.spaces import RELATIVE_TO_RGB, RGB_TO_XYZ, WHITE
from photochrom.errors import PhotochromError
from photochrom.inference import zoo
from photochrom.inference.model import Model

_PAGE = Path(__file__).parent / "offline"
_ICON = Path(__file__).parent / "static/icon.svg"
RUNTIME_VERSION = "1.20.1"
"""Of ONNX Runtime Web."""
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""Its files that the page needs."""
_INTEGRITY = (  # of the package, as npm publishes it
    "sha512-TePF6XVpLL1rWVMIl5Y9ACBQcyCNFThZON/jgElNd9Txb73CIEGlklhYR3UEr1cp5r0rbGI6nDwwrs79g7WjoA=="
)
_REGISTRY = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
_SECONDS = 60  # that the registry may be silent
_SAID = ("name", "version", "size", "multiple", "licence")


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
    shutil.copyfile(_ICON, out / "icon.svg")
    (out / "constants.js").write_text(_constants(opened), encoding="utf-8")
    for path in _PAGE.iterdir():
        if path.name != "sw.js":
            shutil.copyfile(path, out / path.name)
    _write_worker(out)
    return sorted(path for path in out.rglob("*") if path.is_file())


def constants(model: Model) -> dict[str, Any]:
    """Give what the page is told of colour and of the model, by the names that it has there."""
    info = {name: model.info.get(name, "") for name in _SAID}
    return {
        "RGB_TO_RELATIVE": (RGB_TO_XYZ / WHITE[:, None]).tolist(),
        "RELATIVE_TO_RGB": RELATIVE_TO_RGB.tolist(),
        "GAINS": list(model.info["gains"]),
        "MODEL": {**info, "vividness": model.vividness(None)},
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
    text = (_PAGE / "sw.js").read_text(encoding="utf-8")
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
