"""How often, how large and which way round a model looks at a picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """One look at a picture; the colours of several are averaged."""

    scale: float = 1.0
    """Size of what is seen, as a share of the size that is asked for."""
    mirrored: bool = False


QUALITIES = {
    "fast": (Look(),),
    "good": (Look(), Look(mirrored=True)),
    "best": (Look(), Look(mirrored=True), Look(0.7), Look(0.7, mirrored=True)),
}
"""The looks of each quality; the first of them is the largest. Each takes as long as any."""
QUALITY = "good"
"""The quality when none is asked for."""
