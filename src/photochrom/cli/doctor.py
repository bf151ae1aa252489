"""`photochrom doctor`: what this machine has, and whether Photochrom works on it."""

import json
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import click
import numpy as np

from photochrom import __version__
from photochrom.cli.help import OUTPUT, Command, option
from photochrom.errors import PhotochromError
from photochrom.inference.zoo import DEFAULT

Facts = dict[str, Any]
_SIDES = 512, 384  # of the picture that is coloured
_RUNS = 3  # of which the quickest counts: the first one warms up
_OPTIONAL = re.compile(r"([\w.-]+)(\[[\w,-]+\])?.*;.*extra == ['\"]([\w-]+)['\"]")


@click.command(cls=Command)
@option("--json", "as_json", is_flag=True, group=OUTPUT, help="Print one object, as JSON.")
def command(as_json: bool) -> None:
    """Tell what this machine has, and colour a picture on each device that it has.

    Say what it prints when you report a fault. It sends nothing anywhere.

    \b
    Examples:
      photochrom doctor
      photochrom doctor --json
    """
    machine, extras, devices = _machine(), _extras(), _devices()
    if as_json:
        click.echo(json.dumps({**machine, "extras": extras, "devices": devices}))
    else:
        for name, value in machine.items():
            click.echo(f"{name}: {value}")
        click.echo("extras:")
        for extra, missing in extras.items():
            advice = f"missing {', '.join(missing)}: pip install 'photochrom[{extra}]'"
            click.echo(f"  {extra}: {advice if missing else 'ready'}")
        click.echo("devices:")
        for device, found in devices.items():
            click.echo(f"  {device}: {found.get('failed') or _in_words(found)}")
    if any("failed" in found for found in devices.values()):
        sys.exit(1)


def _machine() -> Facts:
    """Say what the machine is and holds."""
    from photochrom.image.inspection import libvips_version
    from photochrom.inference.devices import PROVIDERS, RUNTIME, available

    temporary = Path(tempfile.gettempdir())
    facts: Facts = {
        "Photochrom": __version__,
        "Python": f"{platform.python_version()} at {sys.executable}",
        "system": platform.platform(),
        "ONNX Runtime": RUNTIME,
        "providers": ", ".join(PROVIDERS[device].name for device in available()),
        "libvips": libvips_version(),
        "processor cores": os.cpu_count(),
    }
    if memory := _memory():
        facts["memory"] = memory
    for name, path in (("here", Path.cwd()), (str(temporary), temporary)):
        facts[f"free disk, {name}"] = f"{shutil.disk_usage(path).free / 1e9:.1f} GB"
    return facts


def _memory() -> str:
    """Say how much memory there is and is free, on systems that tell it in a file."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    amounts = {line.split(":")[0]: int(line.split()[1]) / 1e6 for line in lines}
    return f"{amounts['MemTotal']:.1f} GB, {amounts['MemAvailable']:.1f} GB of it free"


def _extras() -> dict[str, list[str]]:
    """Name the libraries that each extra lacks."""
    found: dict[str, list[str]] = {}
    for one in requires("photochrom") or ():
        if match := _OPTIONAL.fullmatch(one):
            library, _, extra = match.groups()
            if library != "photochrom" and extra not in ("dev", "docs"):
                missing = found.setdefault(extra, [])
                missing += [] if _is_installed(library) else [library]
    return found


def _is_installed(library: str) -> bool:
    """Say whether a library is there, or its build for processors alone, as tensorflow-cpu."""
    for name in (library, f"{library}-cpu"):
        with suppress(PackageNotFoundError):
            return bool(version(name))
    return False


def _devices() -> dict[str, Facts]:
    """Colour a picture on each device that ONNX Runtime knows here; say how long it took."""
    from photochrom.inference.devices import available

    return {device: _tried(device) for device in available()}


def _tried(device: str) -> Facts:
    from photochrom.inference.colorizer import Colorizer

    width, height = _SIDES
    ramp = np.linspace(0, 255, width * height).reshape(height, width).astype(np.uint8)
    try:
        colorizer = Colorizer(DEFAULT, device=device)
        seconds = []
        for _ in range(_RUNS):
            begin = time.perf_counter()
            colored = colorizer.colorize(ramp)
            seconds.append(time.perf_counter() - begin)
    except PhotochromError as error:
        return {"failed": str(error)}
    if colored.shape != (height, width, 3):
        return {"failed": f"it gave a picture of {colored.shape}; do not use it"}
    facts: Facts = {"model": colorizer.model.title, "seconds": round(min(seconds), 3)}
    facts["threads"] = colorizer.threads
    return {**facts, "pictures together": colorizer.model.max_batch}


def _in_words(found: Facts) -> str:
    width, height = _SIDES
    text = f"{found['model']} colours {width} x {height} pixels in {found['seconds']:.2f} s"
    text += f" with {found['threads']} thread{'s' * (found['threads'] != 1)}"
    count = found["pictures together"]
    return f"{text}; of a folder, up to {count} pictures together" if count > 1 else text
