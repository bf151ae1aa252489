"""Decoding frames of a film, damaged ones too: what cannot be decoded is left out, and counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av


@dataclass
class Damage:
    """What was found wrong with a film while it was decoded."""

    pieces: int = 0
    """That could not be decoded."""
    resized: str = ""
    """What a frame was not as large as the first: its size."""

    def __str__(self) -> str:
        """Say it; nothing where nothing is wrong."""
        said = [f"{self.pieces} damaged pieces of its pictures are left out"] if self.pieces else []
        if self.resized:
            said.append(
                f"its frames become {self.resized}, and are brought to the first one's size"
            )
        return "; ".join(said)


def decoded(container: Any, stream: Any, damage: Damage) -> Iterator[Any]:
    """Decode the frames of a stream, from where its file is, all as large as the first."""
    size: tuple[int, int] | None = None
    for packet in _packets(container, stream, damage):
        try:
            frames = packet.decode()
        except av.EOFError:
            return
        except av.InvalidDataError:
            damage.pieces += 1
            continue
        for frame in frames:
            size = size or (frame.width, frame.height)
            if size != (frame.width, frame.height):
                damage.resized = f"{frame.width} x {frame.height}"
                yield frame.reformat(*size)
            else:
                yield frame


def _packets(container: Any, stream: Any, damage: Damage) -> Iterator[Any]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.InvalidDataError, av.EOFError):
            damage.pieces += 1
            return
        if packet is None:
            return
        yield packet
