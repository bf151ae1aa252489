"""What of a film's file is carried to its output besides the pictures: sound, subtitles, covers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from photochrom.errors import ImageError
from photochrom.video import WRITTEN
from photochrom.video.container import COVER, open_container
from photochrom.video.reader import Film
from photochrom.video.sound import CODEC, Recoded

_COVERS = {"mjpeg": "jpg", "png": "png"}
"""Codecs of covers, and the file extensions of pictures of theirs."""
_MIMETYPES = {"jpg": "image/jpeg", "png": "image/png"}


@dataclass(frozen=True)
class Carried:
    """Streams of a film that a file gets."""

    pictures: Any
    """The track that is coloured."""
    copied: list[Any]
    """Sound and subtitles, packet by packet."""
    attachments: list[Any]
    covers: list[Any]
    left_out: list[str]
    """What the file does not get, in words."""

    @classmethod
    def of(cls, source: Any, container: str) -> "Carried":
        """Choose for a file of a format, by FFmpeg's name of it."""
        covers, others, attachments, rest = list[Any](), list[Any](), list[Any](), list[str]()
        for one in source.streams:
            if one.type == "attachment":
                attachments.append(one)
            elif one.type == "video" and one.disposition & COVER:
                covers.append(one)
            elif one.type == "video":
                others.append(one)
            elif one.type == "data" and not _is_carried_otherwise(one, source):
                rest.append(f"data ({one.metadata.get('handler_name', one.index)})")
        rest += [f"another picture track ({_codec(one)})" for one in others[1:]]
        if container != "matroska":
            rest += [f"the attachment {one.name}" for one in attachments]
            attachments = []
        fitting = [one for one in covers if container != "webm" and _codec(one) in _COVERS]
        rest += [f"a cover ({_codec(one)})" for one in covers if one not in fitting]
        copied = [one for one in source.streams if one.type in ("audio", "subtitle")]
        return cls(others[0], copied, attachments, fitting, rest)


def _is_carried_otherwise(stream: Any, source: Any) -> bool:
    """Whether a stream holds a time code, which is among the metadata, or names of chapters."""
    return "timecode" in stream.metadata or bool(source.chapters())


def check_streams(film: Film, target: Path) -> list[str]:
    """Say in words what of a film's file `target` does not get as it is, by its extension.

    `target` is written to. Raises `ImageError` where its format cannot hold the film's sound.
    """
    container = WRITTEN[target.suffix.lower()]
    with writing(target), film.container() as source:
        carried = Carried.of(source, container)
        said = []
        if carried.left_out:
            wanted = "" if container == "matroska" else "; name it .mkv, which holds most"
            said.append(f"leaves out {', '.join(carried.left_out)}{wanted}")
        if carried.copied:
            with av.open(str(target), "w", format=container) as out:
                copies = add_streams(out, carried, film.path)
                start(out, carried, film.path)
                said += [
                    f"has its sound as {CODEC.upper()}, for it cannot hold {_codec(one)}"
                    for one, copy in copies.items()
                    if isinstance(copy, Recoded)
                ]
        return said


def add_streams(out: Any, carried: Carried, path: Path) -> dict[Any, Any]:
    """Add streams to a file, with their languages and roles; give the copy of each.

    It is `Recoded` for sound that Matroska, which holds most, cannot hold.
    """
    try:
        copies = {one: _added(out, one) for one in carried.copied}
    except (ValueError, av.FFmpegError) as error:
        raise _unfit(out, carried, path) from error
    for one, added in copies.items():
        copy = added.copy if isinstance(added, Recoded) else added
        copy.metadata.update(one.metadata)  # such as the language
        copy.disposition = one.disposition  # such as that it is the one that is heard
    return copies


def _added(out: Any, stream: Any) -> Any:
    is_known = stream.type == "audio" and stream.codec_context
    if is_known and out.format.name == "matroska" and _codec(stream) not in out.supported_codecs:
        return Recoded.add(out, stream)
    return out.add_stream_from_template(stream)


def start(out: Any, carried: Carried, path: Path) -> None:
    """Write the beginning of a file, whose streams have been added."""
    try:
        out.start_encoding()
    except (ValueError, av.FFmpegError) as error:
        raise _unfit(out, carried, path) from error


def add_covers(out: Any, carried: Carried, path: Path) -> list[Any]:
    """Add covers and attachments to a file; give the packets that are to be written first."""
    pictures = [(_codec(one), _first_packet(path, one.index)) for one in carried.covers]
    packets = []
    for cover, (codec, data) in zip(carried.covers, pictures, strict=True):
        if out.format.name == "matroska":
            name = f"cover.{_COVERS[codec]}"
            out.add_attachment(
                cover.metadata.get("filename", name), _MIMETYPES[_COVERS[codec]], data
            )
            continue
        copy = out.add_stream_from_template(cover)
        copy.disposition = COVER
        packet = av.Packet(data)
        packet.stream, packet.pts, packet.dts = copy, 0, 0
        packet.time_base, packet.is_keyframe = copy.time_base, True
        packets.append(packet)
    for one in carried.attachments:
        out.add_attachment(one.name or f"{one.index}", one.mimetype or "", one.data or b"")
    return packets


def _first_packet(path: Path, index: int) -> bytes:
    with open_container(path) as source:
        return next((bytes(one) for one in source.demux(source.streams[index]) if one.size), b"")


def _unfit(out: Any, carried: Carried, path: Path) -> ImageError:
    codecs = ", ".join(sorted({_codec(one) for one in carried.copied}))
    wanted = "take them out first" if out.format.name == "matroska" else "name it .mkv"
    return ImageError(f"{path}: its sound or subtitles ({codecs}) do not fit such a file; {wanted}")


def _codec(stream: Any) -> str:
    return stream.codec_context.name if stream.codec_context else "of no known kind"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn FFmpeg's errors into the system's, about a file that is written."""
    try:
        yield
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
