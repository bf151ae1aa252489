"""Which pictures Photochrom made itself, so that they are not coloured once more.

They are known by the journal of their folder, by their names, or, when a picture's turn comes, by
the note in its XMP.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from photochrom.batch.journal import NAME, peek
from photochrom.batch.naming import SUFFIX
from photochrom.errors import ImageError
from photochrom.storage import below, is_remote

MADE = "Photochrom made it"
CALLED = "it is called like an output of Photochrom"
UNREAD = "files of its kind are not read"
"""Why something in a folder is left out."""


def called_like_outputs(sources: Iterable[Path], suffix: str = SUFFIX) -> set[Path]:
    """Give those called as the outputs of others are: x-colour.jpg beside x.tif.

    `suffix` is what is behind the stems of outputs; a variant has its number behind that.
    """
    suffixes = {re.escape(one) for one in (suffix, SUFFIX, "-uncertainty") if one}
    output = re.compile(f"(.+)(?:{'|'.join(suffixes)})(?:-\\d+)?")
    given = list(sources)
    stems = {(path.parent, path.stem) for path in given}
    found = ((path, output.fullmatch(path.stem)) for path in given)
    return {path for path, match in found if match and (path.parent, match[1]) in stems}


def written_by_journals(directory: Path, pictures: Iterable[Path]) -> set[Path]:
    """Give those of the pictures below a folder that a journal there knows as its outputs.

    At an address none is looked for.
    """
    if is_remote(directory):
        return set()
    found = set(pictures)
    roots: set[Path] = set()
    for path in found:
        parent = path.parent
        while parent not in roots and parent.is_relative_to(directory):
            roots.add(parent)
            parent = parent.parent
    written = set[Path]()
    for root in (root for root in roots if (root / NAME).exists()):
        try:
            entries = peek(root)
        except ImageError:  # who works there will hear of it
            continue
        if entries:
            written |= {path for path in found if _is_output(path, root, entries.targets)}
    return written


def _is_output(path: Path, root: Path, targets: set[str]) -> bool:
    return path.is_relative_to(root) and below(path, root) in targets
