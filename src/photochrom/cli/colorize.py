"""`photochrom colorize`."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from photochrom.cli import options as shared
from photochrom.cli import pipe
from photochrom.cli.help import COLORS, FOLDERS, HINTS, OUTPUT, SPEED, Command, option
from photochrom.errors import HintError, ImageError
from photochrom.inference.options import ColorizeOptions
from photochrom.storage import is_remote, to_path

FORMATS = ("jpg", "png", "tif", "webp", "avif", "pdf")

if TYPE_CHECKING:
    from photochrom.batch.plan import Job, Plan
    from photochrom.batch.runner import Report
    from photochrom.guidance.hints import Hint
    from photochrom.inference.colorizer import Colorizer


def _here(text: str) -> Path:
    """Make a path of what is to be on this machine."""
    if "://" in text:
        raise click.BadParameter(f"{text} is an address; give a file of this machine")
    return Path(text)


@click.command(cls=Command)
@click.argument("pictures", nargs=-1, required=True, type=to_path)
@option(
    "-o",
    "--out",
    metavar="PATH",
    group=OUTPUT,
    help="Write to this picture or folder; a name that ends in / is a folder, - a pipe.",
)
@shared.overwrite
@option(
    "--format",
    "extension",
    type=click.Choice(FORMATS),
    metavar="FORMAT",
    show_default="as the input",
    group=OUTPUT,
    help=f"Write pictures as {', '.join(FORMATS[:-1])} or {FORMATS[-1]}.",
)
@option(
    "--name",
    metavar="PATTERN",
    default="{stem}",
    show_default=True,
    group=OUTPUT,
    help="Call the outputs in a folder so, as in '{stem}-colour'.",
)
@option(
    "--jpeg-quality",
    type=click.IntRange(1, 100),
    metavar="NUMBER",
    show_default="92",
    group=OUTPUT,
    help="Write JPEGs, and those in PDFs, in this quality, 1 to 100.",
)
@option(
    "--profile",
    type=click.Choice(["srgb", "p3"]),
    default="srgb",
    show_default=True,
    group=OUTPUT,
    help="Write colours of sRGB or of Display P3.",
)
@option(
    "--pyramid",
    is_flag=True,
    group=OUTPUT,
    help="Write TIFFs in tiles, with smaller versions, for viewers of large pictures.",
)
@option(
    "--note/--no-note",
    default=True,
    group=OUTPUT,
    help="Say in the XMP how a picture was coloured, or do not.",
)
@option(
    "--report",
    "summary",
    type=to_path,
    metavar="PATH",
    group=OUTPUT,
    help="Write what came of each picture to this .html, .csv or .json.",
)
@shared.model
@shared.vividness
@option(
    "--strength",
    type=click.FloatRange(0, 1),
    metavar="NUMBER",
    default=1.0,
    show_default=True,
    group=COLORS,
    help="Blend towards grey below 1; 0 is grey.",
)
@option("--tone", is_flag=True, group=COLORS, help="Keep the tint of sepia or yellowed paper.")
@option(
    "--keep-colour",
    "keep_color",
    is_flag=True,
    group=COLORS,
    help="Leave pictures alone that have colours already.",
)
@shared.size
@shared.hint
@option(
    "--hints",
    type=_here,
    metavar="FILE",
    group=HINTS,
    help='Take hints from a JSON list of [x, y, "#rrggbb"].',
)
@option(
    "--reference",
    type=_here,
    metavar="FILE",
    group=HINTS,
    help="Take the colours of this picture, where things look alike.",
)
@option(
    "--variants",
    "--proposals",
    "variants",
    type=click.IntRange(2, 12),
    metavar="COUNT",
    group=HINTS,
    help="Write so many variants of one picture, 2 to 12.",
)
@option(
    "--recursive/--no-recursive",
    default=True,
    group=FOLDERS,
    help="Search folders in folders, too, or do not.",
)
@option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    group=FOLDERS,
    help='Take only paths such as "*.tif". Repeat it for more.',
)
@option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    group=FOLDERS,
    help='Leave out paths such as "thumbs/*". Repeat it for more.',
)
@option(
    "--verify",
    is_flag=True,
    group=FOLDERS,
    help="Colour again what is not, byte for byte, as it was written.",
)
@option(
    "--watch",
    is_flag=True,
    group=FOLDERS,
    help="Go on with what arrives in the folders, until Ctrl+C.",
)
@shared.quality
@option(
    "--jobs",
    type=click.IntRange(1),
    metavar="COUNT",
    show_default="all cores",
    group=SPEED,
    help="Colour so many pictures at once.",
)
@option(
    "--threads",
    type=click.IntRange(1),
    metavar="COUNT",
    show_default="all cores for one picture, 1 for each of many",
    group=SPEED,
    help="Use so many threads for a picture.",
)
@option(
    "--ray",
    "cluster",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    group=SPEED,
    help="Work on the Ray cluster at ADDRESS. Without it, stand last: one of this machine is used.",
)
def command(
    pictures: tuple[Path, ...],
    out: str | None,
    model: str,
    threads: int | None,
    hint: tuple[str, ...],
    hints: Path | None,
    variants: int | None,
    jobs: int | None,
    cluster: str | None,
    verify: bool,
    overwrite: bool,
    summary: Path | None,
    keep_color: bool,
    note: bool,
    profile: str,
    pyramid: bool,
    jpeg_quality: int | None,
    extension: str | None,
    name: str,
    watch: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    recursive: bool,
    **options: Any,
) -> None:
    """Colour PICTURES and films: files, folders with all below them, or addresses.

    Without -o, x.jpg becomes x-colour.jpg beside it, and a folder x becomes a folder
    x-colour. Outputs that exist are skipped. A folder of outputs keeps a journal:
    give the same command again, after whatever stopped it, and only what is missing
    or has changed is done.

    \b
    Examples:
      photochrom colorize grandma.jpg
      photochrom colorize grandma.jpg -o grandma.png --vividness 0.8
      photochrom colorize grandma.jpg --hint 310,420,#2c4a7c
      photochrom colorize grandma.jpg --variants 4
      photochrom colorize scans/ -o colour/ --include "*.tif" --format jpg
      photochrom colorize s3://archive/scans -o s3://archive/colour
      photochrom colorize - < grandma.jpg > colour.jpg
    """
    from photochrom.batch import report as summaries
    from photochrom.batch import runner
    from photochrom.batch.plan import Naming, Plan
    from photochrom.batch.plan import plan as make_plan
    from photochrom.cli.progress import Bar
    from photochrom.image import JPEG_QUALITY, SaveOptions
    from photochrom.inference.colorizer import Colorizer

    # The plan of a large batch is many objects that stay; Python need not walk them all the time.
    gc.set_threshold(100_000, 50, 50)
    if summary:
        summaries.check(summary)
    dotted_extension = f".{extension}" if extension else None
    naming = Naming(include, exclude, dotted_extension, name, recursive)
    saving = SaveOptions(note, profile, pyramid, jpeg_quality or JPEG_QUALITY, overwrite)
    chosen = ColorizeOptions(**options)
    if pipe.is_meant(pictures, out):
        chosen = replace(chosen, hints=tuple(_given(hint, hints)))
        colorizer = Colorizer(model, threads=threads)
        pipe.colorize(colorizer, pictures[0], out, extension, chosen, saving)
        return
    into = out is not None and out.endswith(("/", os.sep))
    make_jobs = partial(make_plan, list(pictures), to_path(out) if out else None, naming, into=into)
    if watch:
        _check_watching(
            pictures, bool(hint or hints or variants or overwrite or summary or cluster)
        )
    plan = Plan([], None) if watch else make_jobs()
    cores = os.cpu_count() or 1
    count = cores if watch else variants or len(plan.jobs) or 1
    workers = jobs or min(cores, count)
    # The model's last digits depend on its threads: one of many, so that --jobs does not matter.
    colorizer = Colorizer(model, threads=threads or (cores if count == 1 else 1))
    _steer(plan, colorizer, hint, hints, variants, chosen.vividness)
    bar = Bar("Colouring", plan.jobs)
    executor = runner.threads(colorizer, workers, None if watch else bar.on_progress)
    if cluster:
        from photochrom.batch.ray import ray_executor

        executor = ray_executor(cluster, model, jobs)
    batch_options = runner.BatchOptions(chosen, saving, verify, keep_color)

    def work(plan: "Plan", on_done: Callable[["Job"], None] = lambda job: None) -> "Report":
        return runner.run(plan, colorizer.model.path, executor, batch_options, on_done)

    if watch:
        _watch(make_jobs, work)
    with bar:
        report = work(plan, bar.done)
    _print_report(report)
    if summary:
        summaries.write(report, summary)
    sys.exit(1 if report.failed else 0)


def _check_watching(pictures: tuple[Path, ...], others: bool) -> None:
    if others:
        raise click.UsageError("--watch colours what is new, and goes without those options")
    if any(map(is_remote, pictures)):
        raise click.UsageError("--watch watches folders of this machine, not addresses")
    for path in pictures:
        if not os.path.lexists(path):
            raise ImageError(f"{path}: no such file or folder")


def _steer(
    plan: "Plan",
    colorizer: "Colorizer",
    hint: tuple[str, ...],
    hints: Path | None,
    variants: int | None,
    vividness: float | None,
) -> None:
    """Give the one picture of a plan its hints, or make several jobs of it."""
    from photochrom.batch import runner

    given = _given(hint, hints)
    if (given or variants) and len(plan.jobs) > 1:
        raise HintError(f"hints and variants are for one picture, not for {len(plan.jobs)}")
    if given and variants:
        raise click.UsageError("--variants make hints of their own; leave --hint away")
    if variants:
        plan.jobs = runner.variants(plan, colorizer, variants, vividness)
    elif given:
        plan.jobs = [replace(plan.jobs[0], hints=tuple(given))]


def _given(hint: tuple[str, ...], hints: Path | None) -> list["Hint"]:
    """Read the hints of the command and of a file."""
    from photochrom.guidance.hints import parse, read

    return [*(read(hints) if hints else ()), *(parse(text) for text in hint)]


def _watch(make_jobs: Callable[[], "Plan"], work: Callable[["Plan"], "Report"]) -> NoReturn:
    """Colour what comes until the user stops it."""
    from photochrom.batch.watch import watch

    click.echo("watching; stop with Ctrl+C", err=True)
    try:
        for report in watch(make_jobs, work):
            _print_report(report)
    except KeyboardInterrupt:
        sys.exit(0)
    raise AssertionError("watching never ends by itself")


def _print_report(report: "Report") -> None:
    for job in report.had_color:
        click.echo(f"note: {job.source} had colours of its own; they were dropped", err=True)
    for job, reason in report.failed:
        click.echo(f"failed: {job.source}: {reason}", err=True)
    if len(report.done) == 1 and not (report.failed or report.skipped or report.left_alone):
        click.echo(click.format_filename(str(report.done[0].target)))
        return
    counts = [f"{len(report.done)} done"]
    if report.left_alone:
        counts.append(f"{len(report.left_alone)} left alone (they have colours)")
    if report.skipped:
        counts.append(f"{len(report.skipped)} skipped (exist already; --overwrite replaces them)")
    if report.failed:
        counts.append(f"{len(report.failed)} failed")
    click.echo(", ".join(counts))
