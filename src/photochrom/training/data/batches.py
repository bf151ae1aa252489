"""What loaders hand over, crops as they were cut, and what a network learns from.

Loaders decode, cut and draw by lot, crop by crop. All that takes arithmetic on pixels is done here,
for a whole batch and where the network is.
"""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from photochrom.training.data.degradation import DRAWS, degrade, plate
from photochrom.training.data.hints import COLUMNS, reveal
from photochrom.training.data.recolor import Thing, recolor
from photochrom.training.lab import lab_to_linear, linear_to_srgb, samples_to_lab


@dataclass(frozen=True)
class Sample:
    """One crop, (3, S, S) uint8, and what was drawn for it."""

    pixels: Tensor
    picture: int
    """Index of the picture among the photographs."""
    skipped: dict[str, str]
    """Pictures that were of no use, with the reason of each."""
    authentic: bool
    """Whether it is a photograph as it was, sharp enough for a discriminator to be shown."""
    mirrored: bool
    """Left to right."""
    inverted: bool
    """Upside down."""
    warp: tuple[float, float] | None
    """Rotation and shear, in degrees."""
    degradation: list[float] | None
    """How it ages: see `draw_degradation`."""
    seed: int
    """Of noise."""
    hints: list[list[int]]
    thing: Thing | None
    """What is to have another colour; it lies where the crop is once it is mirrored and warped."""


@dataclass
class Crops:
    """Samples, stacked, to be moved to a device; then `augment` makes a `Batch` of them."""

    pixels: Tensor
    """(N, 3, S, S) uint8."""
    mirrored: Tensor
    """Indices of the crops that are mirrored,"""
    inverted: Tensor
    """and turned upside down."""
    warps: Tensor
    """(N, 2, 3): where pixels are taken from, as `affine_grid` takes it; or (0, 2, 3)."""
    degraded: Tensor
    """(A,), indices of the crops that age,"""
    degradation: Tensor
    """(A, `DRAWS`), how,"""
    seeds: Tensor
    """(A,), and the seeds of their grain."""
    hints: Tensor
    """(K, 1 + `COLUMNS`): see `reveal`."""
    thing_crops: Tensor
    """(M,), indices of the crops in which a thing is to be recoloured,"""
    things: Tensor
    """(2, P): of each pixel of all things, its number in the whole batch and that of its thing,"""
    colors: Tensor
    """(M, T, 2): and colours for each."""
    authentic: Tensor
    """Indices of the crops that are authentic."""
    pictures: list[int]
    """Index of each picture among the photographs."""
    skipped: dict[str, str]

    def to(self, device: torch.device) -> "Crops":
        """Bring it to a device, without waiting until it is there."""
        return self._with(lambda one: one.to(device, non_blocking=device.type == "cuda"))

    def pin_memory(self) -> "Crops":
        """Bring it where a device copies from by itself."""
        return self._with(lambda one: one.pin_memory())

    def _with(self, move: Callable[[Tensor], Tensor]) -> "Crops":
        found: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            found[field.name] = move(value) if isinstance(value, Tensor) else value
        return Crops(**found)


@dataclass
class Batch:
    """What is learnt from: Lab, sRGB in 0..1 and hints, (N, 3, S, S) each.

    The sRGB is as the crop was before its lightness was degraded. Hints are a, b and mask, zero
    where there is none.
    """

    lab: Tensor
    rgb: Tensor
    hints: Tensor
    authentic: Tensor
    """Indices of the crops that are authentic."""
    pictures: list[int]
    skipped: dict[str, str]


def collate(samples: list[Sample]) -> Crops:
    """Stack samples into a batch."""
    numbered = list(enumerate(samples))
    aged = [(number, one) for number, one in numbered if one.degradation is not None]
    things = [(number, one.thing) for number, one in numbered if one.thing is not None]
    area = samples[0].pixels[0].numel()
    pixels = [
        torch.stack([number * area + one.pixels, torch.full_like(one.pixels, index)])
        for index, (number, one) in enumerate(things)
    ]
    hints = [[number, *row] for number, one in numbered for row in one.hints]
    return Crops(
        torch.stack([one.pixels for one in samples]),
        _indices([one.mirrored for one in samples]),
        _indices([one.inverted for one in samples]),
        matrices([one.warp for one in samples if one.warp is not None]),
        torch.tensor([number for number, _ in aged], dtype=torch.int64),
        torch.tensor([one.degradation for _, one in aged]).view(-1, DRAWS),
        torch.tensor([one.seed for _, one in aged], dtype=torch.int64),
        torch.tensor(hints, dtype=torch.int64).view(-1, 1 + COLUMNS),
        torch.tensor([number for number, _ in things], dtype=torch.int64),
        torch.cat(pixels, dim=1) if things else torch.zeros(2, 0, dtype=torch.int64),
        torch.stack([one.colors for _, one in things]) if things else torch.zeros(0, 1, 2),
        _indices([one.authentic for one in samples]),
        [one.picture for one in samples],
        {path: reason for one in samples for path, reason in one.skipped.items()},
    )


def _indices(chosen: list[bool]) -> Tensor:
    return torch.from_numpy(np.flatnonzero(chosen))


@torch.no_grad()
def augment(crops: Crops) -> Batch:
    """Mirror, warp, degrade and recolour crops, and look up their hints, where the crops are."""
    pixels = _planes(crops)
    rgb, lab = pixels / 255, samples_to_lab(pixels)
    lightness = lab[0]
    if len(crops.degraded):
        shown = rgb.index_select(1, crops.degraded)
        recorded = plate(shown, crops.degradation[:, 0])
        aged = degrade(recorded, crops.degradation, crops.seeds)
        lightness = lightness.index_copy(0, crops.degraded, aged)
    recolored = torch.zeros(lab.shape[1], dtype=torch.bool, device=lab.device)
    if len(crops.thing_crops):
        found = _recolor(crops, lab, lightness, rgb)
        recolored = recolored.index_copy(0, crops.thing_crops, found)
    lab[0] = lightness
    hints = reveal(lab[1:], crops.hints, recolored)
    return Batch(
        lab.transpose(0, 1),
        rgb.transpose(0, 1),
        hints.transpose(0, 1),
        crops.authentic,
        crops.pictures,
        crops.skipped,
    )


def _planes(crops: Crops) -> Tensor:
    """Mirror and warp crops, (3, N, S, S) uint8."""
    pixels = crops.pixels
    for chosen, axis in ((crops.mirrored, 3), (crops.inverted, 2)):
        if len(chosen):
            pixels = pixels.index_copy(0, chosen, pixels.index_select(0, chosen).flip(axis))
    if len(crops.warps):
        pixels = warp(pixels.float(), crops.warps).round_().clamp_(0, 255).byte()
    return pixels.transpose(0, 1).contiguous()


def _recolor(crops: Crops, lab: Tensor, lightness: Tensor, rgb: Tensor) -> Tensor:
    """Recolour things in `lab` and in `rgb`; tell which, (M,), could be."""
    pixels, things = crops.things
    planes, colors = lab.view(3, -1), rgb.view(3, -1)
    shown = torch.cat([lightness.reshape(1, -1)[:, pixels], planes[1:, pixels]])
    ab, found = recolor(shown, things, crops.colors)
    planes[1:, pixels] = ab
    new = linear_to_srgb(lab_to_linear(torch.cat([planes[:1, pixels], ab]))).clamp(0, 1)
    colors[:, pixels] = torch.where(found[things], new, colors[:, pixels])
    return found


def matrices(warps: list[tuple[float, float]]) -> Tensor:
    """Tell rotations and shears, in degrees, as matrices (N, 2, 3) from a pixel to its source."""
    found = []
    for rotation, shear in warps:
        turn, lean = math.radians(rotation), math.tan(math.radians(shear))
        cosine, sine = math.cos(turn), math.sin(turn)
        found.append([[cosine, lean - sine, 0.0], [sine, cosine, 0.0]])
    return torch.tensor(found).view(-1, 2, 3)


def warp(planes: Tensor, sources: Tensor, mode: str = "bilinear") -> Tensor:
    """Rotate and shear planes (N, C, S, S) about their centre; edges are mirrored.

    `sources` (N, 2, 3) are those of `matrices`.
    """
    grid = F.affine_grid(sources, list(planes.shape), align_corners=False)
    return F.grid_sample(planes, grid, mode=mode, padding_mode="reflection", align_corners=False)
