"""Print which modules one photograph passes on its way: `python docs/make/trace.py [PICTURE]`.

Runs `photochrom colorize PICTURE` and lists, in the order of their first call, the modules of
Photochrom of which a function was called, with that function. Modules that are only imported, and
what they call meanwhile, are not listed.
"""

import argparse
import contextlib
import inspect
import io
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

import photochrom
from photochrom.cli.main import main as command

ROOT = Path(photochrom.__file__).parent
PICTURE = Path(__file__).parents[2] / "examples/chelsea.jpg"


def called(picture: Path) -> dict[str, str]:
    """Colour a picture, and give each module that was called with its first function."""
    first = dict[str, str]()
    arguments = ["colorize", str(picture), "-o"]

    def profile(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        is_function = code.co_flags & inspect.CO_OPTIMIZED  # not so the body of a class
        caller = frame.f_back.f_code.co_name if frame.f_back else ""
        if event != "call" or not is_function or caller == "<module>":
            return
        if code.co_filename.startswith(f"{ROOT}/") and code.co_name[0] != "<":
            first.setdefault(Path(code.co_filename).relative_to(ROOT).as_posix(), code.co_qualname)

    with tempfile.TemporaryDirectory() as folder:
        threading.setprofile(profile)
        sys.setprofile(profile)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                command([*arguments, f"{folder}/out.jpg"], standalone_mode=False)
        except SystemExit as end:
            if end.code:
                raise
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
    return first


def main() -> None:
    """Print the trace and the number of modules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, nargs="?", default=PICTURE, metavar="PICTURE")
    modules = called(parser.parse_args().picture)
    for number, (name, function) in enumerate(modules.items(), 1):
        sys.stdout.write(f"{number:>3}  {name:<26} {function}\n")


if __name__ == "__main__":
    main()
