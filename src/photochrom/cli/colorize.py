"""`photochrom colorize`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.zoo import DEFAULT

if TYPE_CHECKING:
    from photochrom.batch import Report


@click.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Picture or folder to write.")
@click.option("-m", "--model", default=DEFAULT, show_default=True, help="Name or .onnx file.")
@click.option(
    "--vividness", type=click.FloatRange(0, 1), help="0 natural to 1 vivid.  [default: the model's]"
)
@click.option("--size", type=click.IntRange(32, 2048), help="Short side that the model sees.")
@click.option("--threads", type=click.IntRange(1), help="Threads a picture.  [default: all cores]")
@click.option("--overwrite", is_flag=True, help="Replace outputs that exist.")
def command(
    pictures: tuple[Path, ...],
    out: Path | None,
    model: str,
    vividness: float | None,
    size: int | None,
    threads: int | None,
    overwrite: bool,
) -> None:
    r"""Colour PICTURES: files, or folders with all pictures below them.

    Without -o, x.jpg becomes x-colour.jpg beside it, and a folder x becomes a folder x-colour.
    Outputs that exist are skipped.

    \b
    Examples:
      photochrom colorize grandma.jpg
      photochrom colorize grandma.jpg -o grandma.png --vividness 0.8
      photochrom colorize scans/ -o colour/
    """
    from rich.console import Console
    from rich.progress import track

    from photochrom import batch
    from photochrom.inference import Colorizer

    jobs = batch.plan(list(pictures), out)
    colorizer = Colorizer(model, threads=threads)
    console = Console(stderr=True)
    report = batch.Report()
    for job in track(jobs, "Colouring", console=console, disable=len(jobs) == 1):
        one = batch.run([job], colorizer, vividness=vividness, size=size, overwrite=overwrite)
        report.done += one.done
        report.skipped += one.skipped
        report.failed += one.failed
        report.had_colour += one.had_colour
    _tell(report)
    sys.exit(1 if report.failed else 0)


def _tell(report: "Report") -> None:
    for job in report.had_colour:
        click.echo(f"note: {job.source} had colours of its own; they were dropped", err=True)
    for job, reason in report.failed:
        text = reason if str(job.source) in reason else f"{job.source}: {reason}"
        click.echo(f"failed: {text}", err=True)
    if len(report.done) == 1 and not report.failed:
        click.echo(f"{report.done[0].target}")
        return
    parts = [f"{len(report.done)} done"]
    if report.skipped:
        parts.append(f"{len(report.skipped)} skipped (exist already; --overwrite replaces them)")
    if report.failed:
        parts.append(f"{len(report.failed)} failed")
    click.echo(", ".join(parts))
