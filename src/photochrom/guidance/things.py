"""The things that shots of a film show, and in which of them each was seen. Plain NumPy.

A thing is a group of a shot's cells that look like one of them; that of the most cells comes first.
It is the same in another shot of the scene where the most typical cells look alike, as light.
"""

from dataclasses import dataclass, field

import numpy as np

from photochrom.color.spaces import Floats
from photochrom.guidance.memory import AS_LIGHT, LIKE, SCENE, Take

_THINGS = 6  # of a shot that are told of,
_SMALL = 0.04  # and the share of its cells that each has at least


@dataclass(frozen=True)
class Thing:
    """Something that a shot shows."""

    direction: Floats
    """What is seen at its most typical cell, a unit vector (C,)."""
    point: tuple[float, float]
    """Where that is, across and down, in heights of the picture."""
    lightness: float
    ab: Floats
    """Its colour, the mean over its cells, (2,) in Lab units."""

    def likeness(self, other: "Thing") -> float:
        """Tell how alike two are, up to 1; 0 for those that are not the same."""
        cosine = float(self.direction @ other.direction)
        is_same = cosine > LIKE and abs(self.lightness - other.lightness) < AS_LIGHT
        return cosine if is_same else 0.0


@dataclass
class SeenThing:
    """A thing, as it was in the first shot that showed it."""

    thing: Thing
    shots: list[int] = field(default_factory=list)
    """All shots that showed it, from 0."""


def things_of(take: Take) -> list[Thing]:
    """Find the things of a shot, the largest first."""
    gap = np.abs(take.lightness[:, None] - take.lightness)
    alike = (take.directions @ take.directions.T > LIKE) & (gap < AS_LIGHT)
    left, found = np.ones(len(alike), bool), list[Thing]()
    while len(found) < _THINGS:
        counts = np.where(left, (alike & left).sum(axis=1), 0)
        best = int(counts.argmax())
        if counts[best] < max(1, _SMALL * len(alike)):
            break
        members = alike[best] & left
        x, y = take.points[best]
        light, color = take.lightness[members].mean(), take.colors[members].mean(axis=0)
        found.append(Thing(take.directions[best], (float(x), float(y)), float(light), color))
        left &= ~members
    return found


class ThingList:
    """The things of a film, in the order in which they were first seen."""

    def __init__(self) -> None:
        self.things: list[SeenThing] = []
        self._takes: list[Take] = []

    def add(self, take: Take) -> None:
        """Add what the next shot shows."""
        scene = {n for n, one in enumerate(self._takes) if take.share_of_scene(one) >= SCENE}
        known = [one for one in self.things if one.shots[0] in scene]
        number = len(self._takes)
        for thing in things_of(take):
            likeness = [thing.likeness(one.thing) for one in known]
            if any(likeness):
                same = known[int(np.argmax(likeness))]
            else:
                self.things.append(same := SeenThing(thing))
            if number not in same.shots:
                same.shots.append(number)
        self._takes.append(take)
