"""What a model answers to the views of a picture, with hints."""

from dataclasses import replace
from typing import Any

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness
from photochrom.color.upsampling import resize_bilinear
from photochrom.guidance.hints import AnyHint, plain, to_planes, unbounded
from photochrom.guidance.memory import SHIFTED, Take, ThingMemory
from photochrom.guidance.propagation import located, propagate
from photochrom.guidance.reach import Terrain
from photochrom.image import Picture
from photochrom.inference.guide import Viewable
from photochrom.inference.model import Model
from photochrom.inference.options import ColorizeOptions, View


def mean_answer(
    model: Model, picture: Picture, options: ColorizeOptions, hints: list[AnyHint]
) -> tuple[Samples, Floats]:
    """Ask a model about a picture as often as the quality says.

    Gives what was seen first, (H, W) or (H, W, 3), and the mean of all answers, (2, h, w).
    """
    smalls, answers = dict[tuple[int, int], Samples](), list[Floats]()
    size = options.size or model.size
    for view in options.views:
        picture.limits.check_wanted()
        seen = model.sees(picture.size, round(size * view.scale))
        if seen not in smalls:
            smalls[seen] = picture.thumbnail(*seen)
        ab = answer(model, picture, smalls[seen], view, options, hints)
        shape = answers[0].shape[1:] if answers else ab.shape[1:]
        answers.append(resize_bilinear(ab, *shape))
    return next(iter(smalls.values())), np.mean(answers, axis=0)


class ShotMemory:
    """The memory of things, as it is while one frame is coloured.

    `begins` says whether the frame begins a shot. A shot that has `references` recalls nothing:
    all of it is as the user chose. `forgotten` says what is recalled in none, unit vectors (n, C).
    """

    def __init__(
        self,
        arrays: dict[str, Any],
        *,
        begins: bool,
        references: bool,
        forgotten: Floats | None = None,
    ) -> None:
        self._memory = ThingMemory.of(arrays)
        self._begins, self._references = begins, references
        self._forgotten = forgotten

    def recalled(self, ab: Floats, features: Floats, lightness: Floats) -> Floats:
        """Give a frame, ab (2, h, w) in Lab units, the colours that are remembered."""
        self._seen = features, lightness
        take = Take.of(features, lightness, ab)
        if self._begins:
            self._memory = self._memory.next_shot(take)
        self._chosen = take.chosen
        if not self._references:
            ab, self._chosen = self._memory.recalled(take, ab, self._forgotten)
        return ab

    def learn(self, ab: Floats, own: Floats) -> None:
        """Remember the colours of a frame, which without hints were its `own`."""
        take, before = Take.of(*self._seen, ab), Take.of(*self._seen, own)
        shifted = np.linalg.norm(take.colors - before.colors, axis=1) > SHIFTED
        chosen = np.where(shifted | self._references, np.float32(1), self._chosen)
        self._memory = self._memory.learned(replace(take, chosen=chosen))

    @property
    def arrays(self) -> dict[str, Any]:
        """What is remembered after the frame."""
        return self._memory.arrays()


def answer(
    model: Model,
    picture: Viewable,
    small: Samples,
    view: View,
    options: ColorizeOptions,
    hints: list[AnyHint],
    shot: ShotMemory | None = None,
) -> Floats:
    """Show a model a picture shrunk to `small`; give ab, (2, h, w) in Lab units.

    It is told of hints that reach everything; the things that any are on follow. What `shot`
    remembers lies below hints.
    """
    propagates = bool(hints) and model.gives_suggestions
    way = np.s_[..., :: -1 if view.mirrored else 1]
    far = unbounded(hints) if propagates else plain(hints)
    planes = to_planes(far, picture.size, small.shape[1::-1])[way] if far else None
    lightness = samples_to_lightness(small)[way]
    wanted = ["ab", "features"] if propagates or shot else ["ab"]
    ab, *rest = model.answer(wanted, lightness, options.vividness, planes, options.prior)
    if propagates or shot:
        ((features,),) = model.answer(["features"], lightness) if far else rest
    if shot:
        ab = shot.recalled(ab[way], features[way], lightness[way])[way]
    own = ab
    if propagates:
        terrain = Terrain.of(features, lightness, ab.shape[1:])
        ab = propagate(ab, terrain, located(hints, picture.size, mirrored=view.mirrored))
    if shot:
        shot.learn(ab[way], own[way])
    return np.asarray(ab[way])
