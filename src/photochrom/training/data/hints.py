"""Hints of training crops: squares that show the truth's colour.

Where they lie is drawn where crops are loaded; their colours are looked up on the device, for all
hints of a batch at once.
"""

import numpy as np
import torch
from torch import Tensor

ALWAYS, RECOLORED, OTHERWISE = 0, 1, 2
"""When a hint is given: always, or if the crop's thing could be recoloured, or if it could not."""
COLUMNS = 9
"""Whole numbers that tell a hint of a crop; see `hint`."""
LARGEST = 9
"""Side of the largest square, in pixels."""


def hint(box: tuple[int, int, int, int], source: tuple[int, int, int, int], when: int) -> list[int]:
    """Tell a hint: the square it fills, the square whose mean colour it has, and when it is given.

    Squares are the first row and column, and those behind the last ones.
    """
    return [*box, *source, when]


def draw_hints(count: int, side: int, when: int, random: np.random.Generator) -> list[list[int]]:
    """Draw squares of 1 to 9 pixels in a crop of `side` pixels (Zhang et al. 2017, section 3.1)."""
    found = []
    for _ in range(count):
        size = int(random.integers(1, LARGEST + 1))
        top = int(random.integers(max(1, side - size + 1)))
        left = int(random.integers(max(1, side - size + 1)))
        box = top, left, min(side, top + size), min(side, left + size)
        found.append(hint(box, box, when))
    return found


def reveal(ab: Tensor, hints: Tensor, recolored: Tensor) -> Tensor:
    """Give hints as planes, (3, N, S, S): a, b, mask, zero where there is none.

    `ab` is (2, N, S, S). A row of `hints`, (K, 1 + `COLUMNS`), is the number of its crop, and what
    `hint` gave; of two on one pixel, the later one counts. `recolored`, (N,), tells in which crops
    a thing was recoloured.
    """
    side, number = ab.shape[-1], hints[:, 0]
    when = hints[:, COLUMNS]
    given = (when == ALWAYS) | ((when == RECOLORED) == recolored[number])
    colors = ab.reshape(2, -1)
    taken, inside = _squares(number, hints[:, 5:9], side)
    color = (colors[:, taken] * inside).sum(dim=2) / inside.sum(dim=1)
    filled, inside = _squares(number, hints[:, 1:5], side)
    rank = torch.arange(1, len(hints) + 1, device=ab.device)[:, None] * (inside & given[:, None])
    owner = torch.zeros(colors.shape[1], dtype=rank.dtype, device=ab.device)
    owner = owner.scatter_reduce(0, filled.flatten(), rank.flatten(), "amax")
    table = torch.cat([color, torch.ones_like(color[:1])])
    table = torch.cat([table.new_zeros(3, 1), table], dim=1)
    planes = ab.new_zeros(3, colors.shape[1])
    planes[:, filled] = table[:, owner[filled]]  # pixels that come twice get the same twice
    return planes.view(3, *ab.shape[1:])


def _squares(number: Tensor, boxes: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Give the pixels of squares, (K, 81), in crops laid end to end, and which of them count."""
    top, left, bottom, right = boxes[:, :, None].unbind(1)
    steps = torch.arange(LARGEST, device=boxes.device)
    rows, columns = top + steps, left + steps
    inside = (rows < bottom)[:, :, None] & (columns < right)[:, None]
    lines = number[:, None] * side + rows.clamp(max=side - 1)
    pixels = lines[:, :, None] * side + columns.clamp(max=side - 1)[:, None]
    return pixels.flatten(1), inside.flatten(1)
