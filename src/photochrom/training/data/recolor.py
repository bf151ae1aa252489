"""Crops in which one thing has another colour, so that hints of it are learnt to hold to it.

Hints that are points of a photograph say what the network could have known. Those of a thing in a
colour that it never had must be followed, over all of the thing and not beyond it.

The thing is found where crops are loaded, as segmentation knows no batches, and the colours to try
are drawn there. Which of them it gets, and how, is worked out on the device, for all at once.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from photochrom.evaluation.recoloring import (
    AREA,
    DIFFERENCE,
    MAX_OUTSIDE,
    TEXTURE,
    TRIES,
    Mask,
    draw_color,
    points_inside,
)
from photochrom.training.data.hints import LARGEST, RECOLORED, hint
from photochrom.training.lab import fit_gamut, lab_to_linear

_INSIDE = (1, 4)  # hints of the thing: from, up to without
_OUTSIDE = (1, 5)  # hints that the rest stays as it is
_HINTED_OUTSIDE = 0.4  # share of the crops that have such
_LIMITS = -0.02 / 12.92, (1.075 / 1.055) ** 2.4  # of linear light: 0.02 of sRGB beyond 0..1


@dataclass(frozen=True)
class Thing:
    """A thing of a crop, and colours that it may be given."""

    pixels: Tensor
    """(P,), the pixels of the thing in a crop whose rows are laid end to end."""
    colors: Tensor
    """(T, 2) in Lab units, of which it gets the first that suits."""


def draw_thing(inside: Mask, random: np.random.Generator) -> tuple[Thing, list[list[int]]] | None:
    """Draw colours and hints of a thing, (S, S); None where too little of it is left.

    One to three hints lie in the thing; some crops have a few elsewhere, of what is there.
    """
    if inside.mean() < AREA[0]:
        return None
    colors = np.array([draw_color(attempt, random) for attempt in range(TRIES)], np.float32)
    points = points_inside(inside, int(random.integers(*_INSIDE)), random)
    if random.random() < _HINTED_OUTSIDE:
        points += points_inside(~inside, int(random.integers(*_OUTSIDE)), random)
    hints = [_hint(row, column, len(inside), random) for row, column in points]
    pixels = torch.from_numpy(np.flatnonzero(inside))
    return Thing(pixels, torch.from_numpy(colors)), hints


def _hint(row: int, column: int, side: int, random: np.random.Generator) -> list[int]:
    """Tell a hint of 1 to 9 pixels, of the colour of the 3 by 3 pixels around a point.

    Near the border of a thing the square may lie over it, but its colour is the thing's.
    """
    size = int(random.integers(1, LARGEST + 1))
    top, left = max(0, row - size // 2), max(0, column - size // 2)
    box = top, left, min(side, top + size), min(side, left + size)
    source = max(0, row - 1), max(0, column - 1), min(side, row + 2), min(side, column + 2)
    return hint(box, source, RECOLORED)


def recolor(lab: Tensor, things: Tensor, colors: Tensor) -> tuple[Tensor, Tensor]:
    """Give the pixels of things new ab, (2, P), and tell of which things, (M,), a colour suits.

    `lab`, (3, P), are the pixels of all things, and `things`, (P,), says of which each is; `colors`
    is (M, T, 2). The first one is taken that is far enough from the thing's and, with its texture,
    in gamut, as in `evaluation.recoloring.recolor`. Where none is, ab stays.
    """
    counts = _sums(torch.ones_like(lab[:1]), things, len(colors))[0]
    mean = _sums(lab[1:], things, len(colors)) / counts
    texture = TEXTURE * (lab[1:] - mean[:, things])
    tried = colors.permute(2, 0, 1)[:, things] + texture[..., None]  # (2, P, T)
    linear = lab_to_linear(torch.cat([lab[:1, :, None].expand(-1, -1, tried.shape[2]), tried]))
    low, high = linear.aminmax(dim=0)
    beyond = ((low < _LIMITS[0]) | (high > _LIMITS[1])).to(lab.dtype)
    outside = _sums(beyond.T, things, len(colors)) / counts  # (T, M)
    far = (colors - mean.T[:, None]).norm(dim=2) >= DIFFERENCE
    suits = far & (outside.T <= MAX_OUTSIDE)
    chosen = suits.int().argmax(dim=1)
    color = colors[torch.arange(len(colors), device=lab.device), chosen].T
    new = fit_gamut(torch.cat([lab[:1], color[:, things] + texture]))
    found = suits.any(dim=1)
    return torch.where(found[things], new, lab[1:]), found


def _sums(values: Tensor, things: Tensor, count: int) -> Tensor:
    """Sum values, (C, P), over the pixels of each thing: (C, count)."""
    return values.new_zeros(len(values), count).index_add(1, things, values)
