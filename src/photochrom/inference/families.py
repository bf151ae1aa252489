"""Published architectures that can be adopted: what each is shown, and what it answers."""

from typing import NamedTuple


class Values(NamedTuple):
    """How a network has RGB: it sees (rgb - mean) / deviation, of sRGB in 0..1."""

    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)


VALUES = {
    "0..1": Values(),
    "0..255": Values(deviation=(1 / 255,)),
    "-1..1": Values((0.5,), (0.5,)),
    "imagenet": Values((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}
"""Ranges in which networks have RGB; the last is ImageNet's mean and deviation."""


class Family(NamedTuple):
    """What networks of one published architecture are shown, and what they answer."""

    values: str
    """The range of the grey RGB that it sees, of `VALUES`; empty for lightness."""
    gives_rgb: bool
    """Whether RGB comes out, in the same range; else ab."""
    size: int
    """The short side, in pixels, at which it was made to see pictures."""
    takes_hints: bool = False
    """Whether ab and a mask may be further inputs."""

    @property
    def channels(self) -> tuple[int, int]:
        """How many planes go in, and come out."""
        return 3 if self.values else 1, 3 if self.gives_rgb else 2


FAMILIES = {
    "ddcolor": Family("0..1", False, 512),
    "deoldify": Family("imagenet", True, 256),
    "eccv16": Family("", False, 256),
    "siggraph17": Family("", False, 256, takes_hints=True),
    "rgb-to-ab": Family("0..1", False, 256),
    "rgb-to-rgb": Family("0..1", True, 256),
}
"""By the names that `adopt` takes."""
