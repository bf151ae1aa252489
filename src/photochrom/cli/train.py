"""`photochrom train`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.help import DATA, OUTPUT, Command, option
from photochrom.cli.options import DIRECTORY, FILE, require

if TYPE_CHECKING:
    from photochrom.training.loop import Progress


@click.command(cls=Command)
@click.argument("config", type=FILE)
@option(
    "--data",
    required=True,
    metavar="DATA",
    group=DATA,
    help="Learn from this folder, these tar files, or a data set (hf:NAME).",
)
@option("--val", metavar="DATA", group=DATA, help="Validate on these; they are named like --data.")
@option(
    "-o",
    "--out",
    required=True,
    type=DIRECTORY,
    metavar="FOLDER",
    group=OUTPUT,
    help="Keep the run in this folder.",
)
def command(config: Path, data: str, val: str | None, out: Path) -> None:
    """Train a model as CONFIG says, and export it as OUT/model.onnx.

    CONFIG is a TOML file, or the name of one that comes along: vivid, alpha, beta,
    full. A run that was stopped goes on when the same command is given again.
    Without --val, one picture in fifty is held out to validate on.

    \b
    Examples:
      photochrom train vivid --data photos/ --out runs/vivid
      photochrom train vivid --data "shards/{00..99}.tar" --out run
      photochrom train vivid --data hf:food101 --out runs/food
    """
    require("train")
    from photochrom.training.run import export_run, load_config, train

    task = train(
        load_config(config), data, out, validation=val, report=show, prepared=_show_prepared
    )
    if int(os.environ.get("RANK", 0)):
        return  # of the processes that torchrun started, the first one exports
    click.echo("")
    for reason in task.skipped.values():
        click.echo(f"skipped: {reason}", err=True)
    if task.skipped:
        click.echo(f"{len(task.skipped)} pictures were skipped", err=True)
    path, difference = export_run(out, data, val)
    click.echo(f"{path} (at most {difference:.2f} Lab units from torch)")


def _show_prepared(done: int, of: int) -> None:
    click.echo(f"\rlooked at {done} of {of} pictures   ", nl=done == of)


def show(progress: "Progress") -> None:
    """Show a run's progress, in one line that is written again and again."""
    click.echo(
        f"\rstep {progress.step}/{progress.steps}  loss {progress.loss:.3f}  "
        f"{progress.rate:.1f} pictures/s  {progress.seconds_left / 60:.0f} min left   ",
        nl=False,
    )
