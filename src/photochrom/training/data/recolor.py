"""Crops in which one thing has another colour, so that hints of it are learnt to hold to it.

Hints that are points of a photograph say what the network could have known. Those of a thing in a
colour that it never had must be followed, over all of the thing and not beyond it.
"""

import numpy as np
import torch
from torch import Tensor

from photochrom.color.spaces import lab_to_srgb
from photochrom.evaluation.recoloring import find_thing, points_inside, recolor

_SIDES = (1, 10)  # pixels that a hint's square is wide: from, up to without
_INSIDE = (1, 4)  # hints of the thing: from, up to without
_OUTSIDE = (1, 5)  # hints that the rest stays as it is
_RECOLORED = 0.4  # share of the crops that have such


def recolored(lab: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor, Tensor] | None:
    """Recolour a thing of a Lab crop (3, S, S): the crop as Lab and as sRGB, and hints.

    All three are (3, S, S) float32. One to three hints lie in the thing; some crops have a few
    elsewhere, of the colours that are there. None where there is no thing that can be recoloured.
    """
    picture = np.ascontiguousarray(np.moveaxis(lab.numpy(), 0, -1))
    inside = find_thing(picture, random)
    new = None if inside is None else recolor(picture, inside, random)
    if inside is None or new is None:
        return None
    planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(new, -1, 0)))
    rgb = torch.from_numpy(np.ascontiguousarray(np.moveaxis(lab_to_srgb(new).clip(0, 1), -1, 0)))
    points = points_inside(inside, int(random.integers(*_INSIDE)), random)
    if random.random() < _RECOLORED:
        points += points_inside(~inside, int(random.integers(*_OUTSIDE)), random)
    hints = torch.zeros_like(planes)
    for row, column in points:
        side = int(random.integers(*_SIDES))
        top, left = max(0, row - side // 2), max(0, column - side // 2)
        reveal(hints, planes[1:], top, left, side, of=(row, column))
    return planes, rgb, hints


def reveal(
    hints: Tensor,
    ab: Tensor,
    top: int,
    left: int,
    side: int,
    of: tuple[int, int] | None = None,
) -> None:
    """Write a hint into `hints` (3, H, W): a square, with its mean colour in `ab` (2, H, W).

    `of` is a pixel whose surroundings of 3 by 3 give the colour instead: near the border of a thing
    the square may lie over it, but its colour is the thing's.
    """
    here = np.s_[:, top : top + side, left : left + side]
    taken = here
    if of is not None:
        taken = np.s_[:, max(0, of[0] - 1) : of[0] + 2, max(0, of[1] - 1) : of[1] + 2]
    hints[:2][here] = ab[taken].mean(dim=(1, 2), keepdim=True)
    hints[2:][here] = 1
