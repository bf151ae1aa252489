"""What a model answers to the views of a picture, with hints."""

import numpy as np

from photochrom.color.spaces import Floats, Samples, samples_to_lightness
from photochrom.color.upsampling import resize_bilinear
from photochrom.guidance.hints import AnyHint, plain, to_planes, unbounded
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


def answer(
    model: Model,
    picture: Viewable,
    small: Samples,
    view: View,
    options: ColorizeOptions,
    hints: list[AnyHint],
) -> Floats:
    """Show a model a picture shrunk to `small`; give ab, (2, h, w) in Lab units.

    It is told of hints that reach everything; the things that any are on follow.
    """
    propagates = bool(hints) and model.gives_suggestions
    way = np.s_[..., :: -1 if view.mirrored else 1]
    far = unbounded(hints) if propagates else plain(hints)
    planes = to_planes(far, picture.size, small.shape[1::-1])[way] if far else None
    lightness = samples_to_lightness(small)[way]
    wanted = ["ab", "features"] if propagates else ["ab"]
    ab, *rest = model.answer(wanted, lightness, options.vividness, planes, options.prior)
    if propagates:
        ((features,),) = model.answer(["features"], lightness) if far else rest
        terrain = Terrain.of(features, lightness, ab.shape[1:])
        ab = propagate(ab, terrain, located(hints, picture.size, mirrored=view.mirrored))
    return np.asarray(ab[way])
