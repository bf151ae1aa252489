"""`photochrom digits`."""

import importlib
import itertools
import os
import sys
from pathlib import Path

import click

from photochrom.cli.help import DATA, OUTPUT, Command, option
from photochrom.cli.messages import in_flags
from photochrom.cli.options import DIRECTORY, FILE, require
from photochrom.errors import PhotochromError

_MODEL = "Model"  # a group of options


@click.group()
def command() -> None:
    """Read handwritten digits: the warm-up, a CNN on MNIST."""
    require("digits")


def _import_quietly(module: str) -> None:
    """Import a library that greets at length on the error stream, below Python's own."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            importlib.import_module(module)
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@command.command(cls=Command, short_help="Train a network on MNIST.")
@option(
    "--data",
    type=FILE,
    metavar="FILE",
    show_default="it is downloaded",
    group=DATA,
    help="Read MNIST from this mnist.npz.",
)
@option(
    "--config",
    type=FILE,
    metavar="FILE",
    group=DATA,
    help="Take the settings from this TOML file, or from digits-plain, which comes along.",
)
@option(
    "-o",
    "--out",
    type=FILE,
    metavar="FOLDER",
    default=Path("runs/digits"),
    show_default=True,
    group=OUTPUT,
    help="Keep the run in this folder.",
)
def train(data: Path | None, config: Path | None, out: Path) -> None:
    """Train on MNIST, test once, and write OUT/digits.keras and OUT/report.html.

    \b
    Examples:
      photochrom digits train
      photochrom digits train --data mnist.npz --config digits-plain
    """
    _import_quietly("tensorflow")
    from photochrom.digits import data as mnist_data
    from photochrom.digits import report, training
    from photochrom.digits.network import DigitsConfig
    from photochrom.training.toml_config import into, read

    settings = into(DigitsConfig, read(config)) if config else DigitsConfig()
    mnist = mnist_data.load(data, settings.held_out)
    outcome = training.train(settings, mnist, out, click.echo)
    path = report.write(settings, mnist, outcome, out)
    wrong = len(training.misread(outcome, mnist.test_labels))
    click.echo(
        f"{outcome.accuracy:.2%} of {len(mnist.test)} test digits right ({wrong} misread), "
        f"{outcome.minutes:.1f} min"
    )
    click.echo(f"{out / training.MODEL}, {path}")


@command.command(cls=Command, short_help="Read the digits in pictures.")
@click.argument("images", nargs=-1, required=True, type=FILE)
@option(
    "-m",
    "--model",
    type=FILE,
    metavar="FILE",
    show_default="the one that comes along",
    group=_MODEL,
    help="Use the network in this .keras file.",
)
@option(
    "--show",
    type=DIRECTORY,
    metavar="FOLDER",
    group=OUTPUT,
    help="Write what the network saw as PNGs into this folder.",
)
def predict(images: tuple[Path, ...], model: Path | None, show: Path | None) -> None:
    """Read the digit in each of IMAGES: a photograph or scan, dark on light or light on dark.

    \b
    Example:
      photochrom digits predict seven.jpg --show seen/
    """
    _import_quietly("tensorflow")
    from photochrom.digits.reading import SHIPPED, read, save_seen

    failed, shown = False, set[str]()
    for path in images:
        try:
            reading = read(path, model or SHIPPED)
            seen = _unused(path.stem, shown)
            picture = save_seen(reading, show / f"{seen}-seen.png") if show else None
        except PhotochromError as error:
            click.echo(f"failed: {in_flags(str(error))}", err=True)
            failed = True
            continue
        click.echo(f"{path}: {reading.digit} ({reading.confidence:.1%} sure)")
        if picture:
            click.echo(f"  seen as {picture}")
    sys.exit(1 if failed else 0)


def _unused(stem: str, taken: set[str]) -> str:
    """Give the stem of a file a number if another file's is the same, and add it to `taken`."""
    choices = (f"{stem}-{number}" if number > 1 else stem for number in itertools.count(1))
    found = next(choice for choice in choices if choice not in taken)
    taken.add(found)
    return found
