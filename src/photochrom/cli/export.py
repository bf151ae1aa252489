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
@click.option("--size", type=click.IntRange(32, 2048), help="Short side that it is to be shown.")
@click.option("--vividness", type=click.FloatRange(0, 1), help="Where none is asked for.")
@click.option("--bits", type=click.Choice(["8", "16"]), help="Of large weights.")
def command(
    run: Path,
    data: Path,
    out: Path | None,
    size: int | None,
    vividness: float | None,
    bits: str | None,
) -> None:
    """Write the model of the training run RUN as one .onnx file, checked against torch.

    \b
    Example:
      photochrom export runs/vivid --data photos/ -o mine.onnx
    """
    require("train")
    from photochrom.training.run import export_run

    given = {"size": size, "vividness": vividness, "bits": int(bits) if bits else None}
    changes = {name: value for name, value in given.items() if value is not None}
    path, difference = export_run(run, data, None, out, **changes)
    click.echo(f"{path} (at most {difference:.2f} Lab units from torch)")
