"""`photochrom export`."""

from pathlib import Path

import click

from photochrom.cli.extras import require


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Pictures to check on."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="[default: RUN/model.onnx]")
def command(run: Path, data: Path, out: Path | None) -> None:
    r"""Write the model of the training run RUN as one .onnx file, checked against torch.

    \b
    Example:
      photochrom export runs/vivid --data photos/ -o mine.onnx
    """
    require("train")
    from photochrom.training.run import export_run

    path, difference = export_run(run, data, None, out)
    click.echo(f"{path} (at most {difference:.2f} Lab units from torch)")
