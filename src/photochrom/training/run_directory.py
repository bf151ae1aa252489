"""The folder of a run: whose it is, and one sentence when it cannot be written."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from photochrom.errors import ConfigError, DataError, unwritten


@contextmanager
def writing(path: Path, not_lost: str = "") -> Iterator[None]:
    """Raise `DataError` in place of the system's errors while `path` is written.

    `not_lost` says what is not lost.
    """
    try:
        yield
    except OSError as error:
        raise DataError(f"{unwritten(path, error)}{not_lost and '; ' + not_lost}") from error


def open_run_directory(out: Path, config: dict[str, Any]) -> None:
    """Make `out` the folder of the run that `config` describes, or check that it is.

    Raises `ConfigError` when another run lives there, naming the first setting that differs, or
    there can be no such folder.
    """
    path = out / "config.json"
    wanted = json.loads(json.dumps(config))
    try:
        out.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            temporary = out / f"{path.name}.{os.getpid()}"  # a run's processes may come together
            temporary.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
            temporary.replace(path)
            return
        before = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"{out} cannot be a run's folder ({error.strerror}); pass another out=FOLDER"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} is damaged; pass another out=FOLDER") from error
    if before != wanted:
        key, old, new = next(_differences(before, wanted))
        raise ConfigError(
            f"{out} holds a run with {key} = {old!r}, now {new!r}: "
            "pass another out=FOLDER, or go on with the old config"
        )


def _differences(
    old: dict[str, Any], new: dict[str, Any], at: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    for key in sorted(old.keys() | new.keys()):
        one, two = old.get(key), new.get(key)
        if isinstance(one, dict) and isinstance(two, dict):
            yield from _differences(one, two, f"{at}{key}.")
        elif one != two:
            yield f"{at}{key}", one, two
