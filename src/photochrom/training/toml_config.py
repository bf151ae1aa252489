"""Configuration: TOML into frozen dataclasses, wrong keys named."""

import dataclasses
import math
import tomllib
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from photochrom.errors import ConfigError, did_you_mean

T = TypeVar("T")

SHIPPED = Path(__file__).parent / "configs"
"""The configs that come with the package: the ladder's rungs, and others."""


@dataclass(frozen=True)
class Within:
    """What a number may be, both ends included: `Annotated[int, Within(1)]` is 1 or more."""

    low: float
    high: float = math.inf

    def check(self, value: float, name: str) -> None:
        """Raise `ConfigError` for a number outside."""
        if not self.low <= value <= self.high:
            end = "or more" if math.isinf(self.high) else f"to {self.high:g}"
            raise ConfigError(f"{name} must be {self.low:g} {end}, not {value:g}")


def find(config: Path) -> Path:
    """Find a config: a shipped one by its name, such as `vivid`, any other by its path.

    Raises `ConfigError` when there is none.
    """
    shipped = {path.stem: path for path in SHIPPED.glob("*.toml")}
    if str(config) in shipped:
        return shipped[str(config)]
    if not config.exists():
        hint = did_you_mean(config.stem, shipped) or f"; shipped are {', '.join(sorted(shipped))}"
        raise ConfigError(f"there is no config file {config}{hint}")
    return config


def read(config: Path) -> dict[str, Any]:
    """Read a TOML file, or a shipped one by its name; raises `ConfigError` if it is no TOML."""
    path = find(config)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML; correct it: {error}") from error


def into(cls: type[T], table: dict[str, Any], where: str = "") -> T:
    """Build the dataclass `cls` from a TOML table, section by section.

    Raises `ConfigError` for an unknown key (naming the nearest known one), a wrong type, or a value
    that the field's `Within` or `Literal` does not allow.
    """
    hints = typing.get_type_hints(cls, include_extras=True)
    known = [entry.name for entry in dataclasses.fields(cls)]  # type: ignore[arg-type]
    values = {}
    for key, value in table.items():
        name = f"{where}.{key}" if where else key
        if key not in known:
            raise ConfigError(f"unknown key {name}{did_you_mean(key, known)}; remove or correct it")
        values[key] = _convert(hints[key], value, name)
    return cls(**values)


def _convert(wanted_type: Any, value: Any, name: str) -> Any:
    if dataclasses.is_dataclass(wanted_type):
        if not isinstance(value, dict):
            raise ConfigError(f"{name} is a section: write [{name}]")
        return into(typing.cast(type, wanted_type), value, name)
    if typing.get_origin(wanted_type) is Annotated:
        wanted_type, *bounds = typing.get_args(wanted_type)
        value = _convert(wanted_type, value, name)
        for bound in bounds:
            bound.check(value, name)
        return value
    if typing.get_origin(wanted_type) is Literal:
        known = typing.get_args(wanted_type)
        if value not in known:
            near = did_you_mean(str(value), map(str, known))
            raise ConfigError(f"{name} is one of {', '.join(map(str, known))}, not {value!r}{near}")
        return value
    if typing.get_origin(wanted_type) is tuple:
        if not isinstance(value, list):
            raise ConfigError(f"{name} must be a list, not {value!r}")
        item = typing.get_args(wanted_type)[0]
        return tuple(_convert(item, one, name) for one in value)
    if wanted_type is float and type(value) is int:
        return float(value)
    if type(value) is not wanted_type:
        raise ConfigError(f"{name} must be {_WORDS[wanted_type]}, not {value!r}")
    return value


_WORDS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "a text in quotes",
    bool: "true or false",
}
