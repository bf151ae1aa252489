"""Sound that a file cannot hold as it is: decoded, and encoded anew without loss."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av

CODEC = "flac"


@dataclass(eq=False)
class Recoded:
    """A stream of sound, and how it is encoded anew."""

    decoder: Any
    copy: Any
    """The stream of the output."""
    resampler: Any
    end: Fraction = Fraction(0)
    """When what has been decoded ends, in seconds."""

    @classmethod
    def add(cls, out: Any, stream: Any) -> "Recoded":
        """Add to a file what becomes of a stream."""
        context = stream.codec_context
        copy = out.add_stream(CODEC, rate=context.sample_rate, layout=context.layout.name)
        copy.codec_context.format = "s16"
        return cls(context, copy, av.AudioResampler("s16", context.layout, context.sample_rate))

    def packets(self, packet: Any | None) -> Iterator[Any]:
        """Encode what is in a packet, of which damaged ones hold nothing; None at the end."""
        try:
            frames = packet.decode() if packet else [*self.decoder.decode(None), None]
        except av.InvalidDataError:
            return
        for frame in frames:
            if frame is not None:
                self._set_time(frame)
            for one in self.resampler.resample(frame):
                yield from self.copy.encode(one)
        if packet is None:
            yield from (one for one in self.copy.encode(None) if one.size)

    def _set_time(self, frame: Any) -> None:
        """Tell a frame when it is heard, in samples; the last of a stream may not know."""
        rate = frame.sample_rate
        begin = self.end if frame.pts is None else Fraction(frame.pts * frame.time_base)
        frame.pts, frame.time_base = round(begin * rate), Fraction(1, rate)
        self.end = begin + Fraction(frame.samples, rate)


def recoded(packets: Iterable[Any], streams: dict[Any, Recoded]) -> Iterator[Any]:
    """Give packets, with those of some streams encoded anew."""
    for packet in packets:
        found = streams.get(packet.stream)
        if found:
            yield from found.packets(packet)
        else:
            yield packet
    for found in streams.values():
        yield from found.packets(None)
