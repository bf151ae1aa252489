"""The errors that Photochrom raises on purpose: one tree, each with a sentence for its reader.

PhotochromError        anything below; the command prints its text and exits with 1
+-- ImageError         a picture that cannot be read, is too large, or cannot be written
|   +-- NoPictures     a folder in which there are none
+-- ModelError         an unknown, damaged or unfit model
+-- HintError          a hint outside the picture, or a colour that is none
+-- ConfigError        a config file that is wrong, or does not fit the run folder
+-- DataError          training or evaluation data that is missing or unusable
+-- MissingExtra       an optional library that is not installed, or cannot be loaded
+-- Stopped            work that nobody waits for any longer

PhotochromWarning      what is done in another way than asked, through Python's `warnings`
"""

import difflib
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class PhotochromError(Exception):
    """The base of all errors that Photochrom raises on purpose."""


class ImageError(PhotochromError):
    """A picture cannot be read or written."""


class NoPictures(ImageError):
    """No picture is in a folder, or none that is wanted."""


class ModelError(PhotochromError):
    """A model is unknown, damaged, or does not do what was asked of it."""


class HintError(PhotochromError):
    """A colour hint or a palette cannot be used."""


class ConfigError(PhotochromError):
    """A training configuration is wrong."""


class DataError(PhotochromError):
    """Training or evaluation data is missing or unusable."""


class MissingExtra(PhotochromError):
    """An optional library cannot be imported; the text names the command that installs it.

    `what` is what cannot be done, `extra` the name of the extra, and `reason` why a library that
    is there cannot be loaded.
    """

    def __init__(self, what: str, extra: str, reason: str = "") -> None:
        broken = reason and f" that does not load here ({reason})"
        super().__init__(f"{what} needs an extra{broken}: pip install 'photochrom[{extra}]'")


class PhotochromWarning(UserWarning):
    """Something was left out, and the rest is done; the text says what and why.

    The command prints it on standard error.
    """


_LACKING = ("not supported", "unsupported", "not implemented", "not configured", "no support")
"""What libraries say of files that are whole."""


class Stopped(PhotochromError):
    """The work was stopped: whoever asked for it wants it no longer."""


def undecoded(name: str, error: BaseException) -> ImageError:
    """Give the error of the file `name` that a library failed to decode, by what it said of it.

    What a library says that it does not support is lacking; all else is damaged.
    """
    reason = (str(error) or type(error).__name__).strip().splitlines()[0].split(": ", 1)[-1]
    if any(word in reason.lower() for word in _LACKING):
        return ImageError(f"{name}: of a kind that is not read ({reason}); convert it to PNG")
    return ImageError(f"{name}: the file is damaged or cut off ({reason}); take another copy")


_ADVICE = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room on the disk",
    errno.EISDIR: "give another name",
    errno.ENAMETOOLONG: "give a shorter name",
}
"""What to do about an error of the system in writing; of others, write elsewhere."""


def unwritten(path: object, error: OSError) -> ImageError:
    """Give the error of a file or folder that cannot be written, and what to do."""
    advice = _ADVICE.get(error.errno or 0, "write to another folder")
    return ImageError(f"{path}: cannot be written ({error.strerror or error}); {advice}")


def unread(path: object, error: OSError) -> ImageError:
    """Give the error of a file or folder that cannot be read, and what to do."""
    denied = isinstance(error, PermissionError)
    advice = "allow yourself to read it" if denied else "check the path and its disk"
    if error.errno == errno.ENAMETOOLONG:  # as of an output that is looked for
        advice = _ADVICE[errno.ENAMETOOLONG]
    return ImageError(f"{path}: cannot be read ({error.strerror or error}); {advice}")


@contextmanager
def extra(what: str, name: str) -> Iterator[None]:
    """Raise `MissingExtra` when a library of the extra `name`, which `what` needs, fails to import.

    with extra("colouring films", "film"):
        import av
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(what, name) from error
    except ImportError as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise MissingExtra(what, name, reason) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ' (did you mean X?)' for the known word nearest to `word`, or ''."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""
