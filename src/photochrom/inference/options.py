"""How often, how large and which way round a model looks at a picture."""

from dataclasses import dataclass


@dataclass(frozen=True)
class View:
    """One look at a picture; the colours of several are averaged."""

    scale: float = 1.0
    """Size of what is seen, as a share of the size that is asked for."""
    mirrored: bool = False


QUALITIES = {
    "fast": (View(),),
    "good": (View(), View(mirrored=True)),
    "best": (View(), View(mirrored=True), View(0.7), View(0.7, mirrored=True)),
}
"""The looks of each quality; the first of them is the largest. Each takes as long as any."""
QUALITY = "good"
"""The quality when none is asked for."""
