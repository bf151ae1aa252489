"""Palettes: the colours that a picture as a whole is to have, wherever they fit.

A model says how likely each colour is at each point. Were the picture's colours as frequent as
those of a palette, other colours would be likelier: the distribution is multiplied, colour by
colour, by how much more frequent the palette has it, until the shares agree (the prior shift of
Saerens, Latinne and Decaestecker 2002, found by expectation maximisation). So a palette decides
between the colours that a thing may well have, and paints no sky brown. Plain NumPy.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np

from photochrom.color.names import NAMES, to_hex
from photochrom.color.spaces import Floats
from photochrom.errors import HintError, did_you_mean
from photochrom.guidance.hints import from_ab, to_ab

MAX_COLORS = 32
"""How many colours a palette may have."""
_TAKEN = 24  # colours that are taken from a picture, at most,
_CELL = 10.0  # one of each square of so many Lab units,
_RARE = 0.005  # unless less of the picture has it
_WIDTH = 5.0  # Lab units: deviation of a colour that counts as one of the palette's
_ELSE = 0.02  # weight of all other colours
_SHARPENED = 0.75  # temperature of the distribution whose mean is painted, as the network's own
_CHROMA = 0.56  # a network's gain makes up for pale means: the palette has done so already
_POINTS = 4096  # of the picture, on which the weights are found
_STEPS = 25  # of expectation maximisation
_WARM = np.array([0.5, 0.87], np.float32)  # direction in ab: yellow, and a little red
_WARMTH = 0.03  # how much likelier, as a power of e, a colour is that is 1 Lab unit warmer
_COLOR = re.compile(r"\s*(.+?)(?:\s+(\d+(?:\.\d+)?)\s*%)?\s*")
_COMMA = re.compile(r",(?![^(]*\))")  # not one within rgb(1, 2, 3)


@dataclass(frozen=True)
class Palette:
    """Colours, "#rrggbb", and how much of a picture each has, if that is known."""

    colors: tuple[str, ...]
    shares: tuple[float, ...] = ()
    """Of the picture, 0..1, as many as colours; or none: as much of each as fits."""

    def __str__(self) -> str:
        if not self.shares:
            return ", ".join(self.colors)
        pairs = zip(self.colors, self.shares, strict=True)
        return ", ".join(f"{color} {100 * share:.3g}%" for color, share in pairs)

    @classmethod
    def of_picture(cls, ab: Floats) -> Self:
        """Take the colours of a picture's ab, (2, H, W) in Lab units, with their shares."""
        flat = ab.reshape(2, -1)
        _, cell = np.unique(np.round(flat / _CELL), axis=1, return_inverse=True)
        counts = np.bincount(cell.ravel())
        often = [int(n) for n in counts.argsort()[::-1][:_TAKEN] if counts[n] > _RARE * cell.size]
        means = [flat[:, cell.ravel() == number].mean(axis=1) for number in often]
        total = counts[often].sum()
        colors = tuple(from_ab(mean) for mean in means)
        return cls(colors, tuple(float(counts[number] / total) for number in often))


@dataclass(frozen=True)
class Preset:
    """A palette that comes with Photochrom."""

    palette: Palette
    description: str
    source: str
    """Where its colours are described."""


@cache
def presets() -> dict[str, Preset]:
    """Give the palettes of palettes.toml by their names."""
    text = Path(__file__).with_name("palettes.toml").read_text(encoding="utf-8")
    return {
        name: Preset(Palette(tuple(one["colors"])), one["description"], one["source"])
        for name, one in tomllib.loads(text).items()
    }


def parse(given: str | Iterable[str]) -> Palette:
    """Read a palette: the name of a preset, or colours as in "#a03020 20%, navy, rgb(9, 9, 9)".

    A list of strings holds a colour each. Raises `HintError` for what is not a palette: an unknown
    colour, none or more than `MAX_COLORS`, shares of some alone, or of more than 100 % in all.
    """
    entries = _COMMA.split(given) if isinstance(given, str) else list(given)
    if len(entries) == 1 and entries[0].strip().lower() in presets():
        return presets()[entries[0].strip().lower()].palette
    entries = [entry for entry in entries if entry.strip()]
    if not 0 < len(entries) <= MAX_COLORS:
        raise HintError(f"a palette has 1 to {MAX_COLORS} colours, not {len(entries)}")
    matches = [_COLOR.fullmatch(entry) for entry in entries]
    colors = tuple(_color(match[1]) for match in matches if match)
    shares = tuple(float(match[2]) / 100 for match in matches if match and match[2])
    if shares and len(shares) < len(colors):
        raise HintError("give every colour of the palette a share, as in 'navy 30%', or none")
    if sum(shares) > 1.001:
        raise HintError(f"the shares of the palette make {sum(shares):.0%}; give at most 100%")
    return Palette(colors, shares)


def _color(text: str) -> str:
    if color := to_hex(text):
        return color
    near = did_you_mean(text.strip().lower(), [*presets(), *NAMES])
    named = ", ".join(presets())
    raise HintError(
        f"{text.strip()!r} is neither a colour nor a palette{near}; "
        f"write #a03020, navy or {named}, or name a picture"
    )


@dataclass(frozen=True)
class ColorPrior:
    """What is wanted of the colours of a picture as a whole."""

    palette: Palette | None = None
    warmth: float = 0.0
    """From -1, cooler, to 1, warmer."""

    @property
    def chroma(self) -> float:
        """What a model's gain of chroma is multiplied by."""
        return _CHROMA if self.palette else 1.0

    def ab(self, logits: Floats, centers: Floats) -> Floats:
        """Give the mean colours, (2, h, w) in Lab units, of logits (K, h, w).

        `centers` are a and b of the K colours, (K, 2).
        """
        scaled = (logits / np.float32(_SHARPENED)).reshape(len(logits), -1)
        chance = np.exp(scaled - scaled.max(axis=0))
        chance /= chance.sum(axis=0)
        weights = np.exp(np.float32(self.warmth * _WARMTH) * (centers @ _WARM))
        if self.palette:
            some = chance[:, :: max(1, chance.shape[1] // _POINTS)]
            weights = weights * palette_weights(some, centers, self.palette)
        weighted = chance * weights[:, None].astype(np.float32)
        mean = centers.T @ weighted / weighted.sum(axis=0)
        return np.asarray(mean, np.float32).reshape(2, *logits.shape[1:])


def palette_weights(chance: Floats, centers: Floats, palette: Palette) -> Floats:
    """Give what each colour's chance is to be multiplied by, (K,), so that a palette's are there.

    `chance` is the distribution at some points, (K, points); `centers` are (K, 2) in Lab units.
    Shares that are given count as much as what is seen in the picture.
    """
    ab = np.array([to_ab(color) for color in palette.colors])
    squares = ((centers - ab[:, None]) ** 2).sum(axis=-1)
    squares -= squares.min(axis=1, keepdims=True)  # a colour between the centres has some near
    near = np.exp(-squares / (2 * _WIDTH**2))
    near /= near.sum(axis=1, keepdims=True)
    mean = np.maximum(chance.mean(axis=1), 1e-6)
    lifted = near / mean
    evidence = lifted @ chance
    count = len(palette.colors)
    wanted = np.array(palette.shares or [1 / count] * count)
    trust = 1.0 if palette.shares else 0.0
    shares = wanted
    for _ in range(_STEPS):
        said = shares[:, None] * evidence
        said /= np.maximum(said.sum(axis=0), 1e-12)
        shares = (said.mean(axis=1) + trust * wanted) / (1 + trust)
    return np.asarray(shares @ lifted + _ELSE, np.float32)
