"""The training loop. It knows no task: a `Task` brings the network, the samples and the loss.

A run lives in a folder: `config.json` (what it was started with), `checkpoint/` (all that is needed
to go on exactly), `log.jsonl` (a line every few steps), `curve.png`, and what the task writes when
it validates. The process may be killed at any moment; started again, it goes on from
the last checkpoint as if nothing had happened.
"""

import copy
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset

from photochrom.errors import ConfigError, DataError, PhotochromError
from photochrom.training.checkpoint import State, has_checkpoint
from photochrom.training.config import LoopConfig
from photochrom.training.log import Log, draw_curves
from photochrom.training.run_directory import writing
from photochrom.training.watch import Watch

_LOG_EVERY = 20  # steps
_LOWEST = 0.04  # share of the highest learning rate at the first step


class Task(Protocol):
    """What a run learns."""

    @property
    def network(self) -> nn.Module:
        """What is trained."""

    @property
    def samples(self) -> Dataset[Any]:
        """Sample n of the run, for any n: the same whenever it is asked for."""

    @property
    def collate(self) -> Callable[[list[Any]], Any]:
        """A function that makes a batch of samples; it runs where they are loaded."""

    @property
    def beside(self) -> Mapping[str, Any]:
        """What the loss trains besides: networks and optimizers by name, for the checkpoint."""

    def parameter_groups(self, rate: float) -> list[dict[str, Any]]:
        """Split the parameters into groups, each with its highest learning rate as "lr"."""

    def loss(self, network: nn.Module, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """Give the loss of a batch, and figures to log beside it, without reading any."""

    def name(self, batch: Any) -> str:
        """Say what a batch is made of, for an error."""

    def validate(self, network: nn.Module, step: int) -> dict[str, float]:
        """Score the averaged network, writing what there is to look at."""


@dataclass(frozen=True)
class Progress:
    """Where a run stands, for a progress line."""

    step: int
    steps: int
    loss: float
    rate: float
    """Pictures a second, everything counted."""
    seconds_left: float


def fit(task: Task, config: LoopConfig, out: Path, report: Callable[[Progress], None]) -> nn.Module:
    """Train, or go on training, in the folder `out`; return the averaged network.

    Started by torchrun, every process takes its share of each batch, and the first one writes.
    Raises `DataError` when the loss is no longer a number, or the disk is full; the last
    checkpoint is kept. Raises `ConfigError` when the processes cannot share a batch evenly.
    """
    torch.manual_seed(config.seed)
    fabric = _fabric(config)
    if config.batch % fabric.world_size:
        raise ConfigError(
            f"loop.batch must be a multiple of {fabric.world_size}, the number of processes, not "
            f"{config.batch}"
        )
    run = _Run(task, config, out, fabric)
    while not run.over:
        run.step()
        if run.is_due:
            run.watch.check()
        if fabric.is_global_zero:
            with writing(out, "the last checkpoint is kept"):
                run.write(report)
    if fabric.world_size > 1:
        fabric.barrier()
        torch.distributed.destroy_process_group()  # left to Python's exit, it aborts at times
    return run.state.average


def _fabric(config: LoopConfig) -> Fabric:
    """All devices of this machine; started by torchrun, as many processes as it says."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 0))
    nodes = int(os.environ.get("WORLD_SIZE", 1)) // max(1, here)
    fabric = Fabric(
        accelerator="auto",
        devices=here or "auto",
        num_nodes=max(1, nodes),
        precision=cast(Any, config.precision),
    )
    fabric.launch()
    torch.backends.cudnn.benchmark = fabric.device.type == "cuda"  # all batches have one shape
    return fabric


class _Run:
    """A run at work."""

    def __init__(self, task: Task, config: LoopConfig, out: Path, fabric: Fabric) -> None:
        self.task, self.config, self.out, self.fabric = task, config, out, fabric
        self.state = _start(task, config)
        network, self.optimizer = fabric.setup(self.state.network, self.state.optimizer)
        self.network: Any = network
        self.called = cast(nn.Module, torch.compile(network) if config.compile else network)
        self.state.average.to(fabric.device)
        if has_checkpoint(out):  # read before, the optimizer's state would stay on the processor
            self.state.load(out)
        self.log = Log(out / "log.jsonl", self.state.step, fabric.is_global_zero)
        self.batches = _batches(task, config, self.state.step, fabric)
        self.first, self.before = self.state.step, self.state.seconds
        self.saved = self.started = time.perf_counter()
        self.saves = False
        """Whether a checkpoint is due."""
        self.watch = Watch()
        self.averaged = _pairs(self.state.average, self.state.network)
        self.over = self.state.step >= config.steps
        """Whether it has done its steps, or has used its minutes up."""
        network.train()

    def step(self) -> None:
        """Learn from one batch."""
        state, begun = self.state, time.perf_counter()
        loaded = next(self.batches)
        if isinstance(loaded, PhotochromError):
            raise loaded
        batch, loading = loaded
        waited = time.perf_counter() - begun
        with _enough_memory(self.config.batch):
            loss, figures = self._learn(batch)
        state.schedule.step()
        state.step += 1
        _average(*self.averaged, self.config.ema, state.step)
        now = time.perf_counter()
        state.seconds = self.before + now - self.started
        self.over = state.step == self.config.steps or self._is_late(now)
        late = now - self.saved > 60 * self.config.checkpoint_minutes
        self.saves = self.over or (late and self.fabric.is_global_zero)
        self.log.add(loss=loss, waited=waited, seconds=now - begun, loading=loading, **figures)

    def _learn(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        """Learn from a batch; give its loss, over all processes, and figures, on the device."""
        loss, figures = self.task.loss(self.called, self.fabric.to_device(batch))
        self.fabric.backward(loss)
        norm = self.fabric.clip_gradients(
            self.network, self.optimizer, max_norm=self.config.clip, error_if_nonfinite=False
        )
        watched = {"loss": loss, "gradient": cast(Tensor, norm)}
        if self.config.precision == "16-mixed":  # there the scaler passes over such a step
            del watched["gradient"]
        self.watch.add(self.state.step, self.task.name(batch), watched)
        self.optimizer.step()
        self.optimizer.zero_grad()
        loss = loss.detach()
        if self.fabric.world_size > 1:
            loss = cast(Tensor, self.fabric.all_reduce(loss, reduce_op="mean"))
        return loss, figures

    def _is_late(self, now: float) -> bool:
        """Whether the minutes of this start are over.

        Many processes go by the first one's clock, and ask it now and then, as they wait for that.
        """
        late = bool(self.config.minutes) and now - self.started >= 60 * self.config.minutes
        if not self.config.minutes or self.fabric.world_size == 1:
            return late
        return self.state.step % _LOG_EVERY == 0 and bool(self.fabric.broadcast(late))

    @property
    def is_due(self) -> bool:
        """Whether something is to be written, or said, for which figures must be numbers."""
        state, config = self.state, self.config
        logs = state.step % _LOG_EVERY == 0 or _validates(state.step, config)
        return logs or self.saves

    def write(self, report: Callable[[Progress], None]) -> None:
        """Write what is due: a line of the log, a validation, a checkpoint."""
        state, config = self.state, self.config
        if state.step % _LOG_EVERY == 0 or self.over:
            rate = float(state.schedule.get_last_lr()[-1])
            line = self.log.write(state.step, config, rate)
            passed = state.seconds - self.before
            left = passed / (state.step - self.first) * (config.steps - state.step)
            report(Progress(state.step, config.steps, line["loss"], line["pictures/s"], left))
        if _validates(state.step, config) or self.over:
            state.average.eval()
            scores = self.task.validate(state.average, state.step)
            self.log.append({"step": state.step, "minutes": state.seconds / 60, **scores})
            draw_curves(self.log.path, self.out / "curve.png")
        if self.saves:
            state.save(self.out)
            self.saved = time.perf_counter()


@contextmanager
def _enough_memory(batch: int) -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DataError(
            f"a batch of {batch} does not fit into the memory of the device; set loop.batch to "
            f"{max(1, batch // 2)}, or data.size to less"
        ) from error


def _validates(step: int, config: LoopConfig) -> bool:
    early = config.validate_early and step & (step - 1) == 0
    return early or step % config.validate_every == 0 or step == config.steps


def _start(task: Task, config: LoopConfig) -> State:
    if config.channels_last:
        task.network.to(memory_format=torch.channels_last)
    groups = task.parameter_groups(config.learning_rate)
    optimizer = AdamW(groups, weight_decay=config.weight_decay)
    schedule = LambdaLR(optimizer, lambda step: rate_share(step / config.steps, config))
    average = copy.deepcopy(task.network)
    return State(task.network, average, optimizer, schedule, beside=task.beside)


def rate_share(done: float, config: LoopConfig) -> float:
    """Give the share of the highest learning rate when `done`, 0..1, of the steps are done.

    It rises in a straight line, stays, and falls along half a cosine.
    """
    if done < config.warmup:
        return _LOWEST + (1 - _LOWEST) * done / config.warmup
    falling = min(config.cooldown, 1 - config.warmup)
    passed = (done - 1 + falling) / falling if falling else 0.0
    return (1 + math.cos(math.pi * max(0.0, passed))) / 2


class _Timed(Dataset[tuple[Any, float] | PhotochromError]):
    """The samples of a task, each with the seconds that loading it took.

    An error is handed over in place of a sample: raised where samples are loaded, it would come
    out with that process's traceback as its text.
    """

    def __init__(self, task: Task) -> None:
        self.samples, self._collate = task.samples, task.collate

    def __getitem__(self, number: int) -> tuple[Any, float] | PhotochromError:
        start = time.perf_counter()
        try:
            return self.samples[number], time.perf_counter() - start
        except PhotochromError as error:
            return error

    def collate(
        self, items: list[tuple[Any, float] | PhotochromError]
    ) -> tuple[Any, float] | PhotochromError:
        """Give a batch, and the mean seconds that a sample of it took, or the first error."""
        loaded = []
        for item in items:
            if isinstance(item, PhotochromError):
                return item
            loaded.append(item)
        samples, seconds = zip(*loaded, strict=True)
        return self._collate(list(samples)), sum(seconds) / len(seconds)


def _batches(
    task: Task, config: LoopConfig, step: int, fabric: Fabric
) -> Iterator[tuple[Any, float] | PhotochromError]:
    """Give this process's share of each batch from `step` on: sample numbers are global."""
    timed = _Timed(task)
    share = range(step * config.batch + fabric.global_rank, config.steps * config.batch)
    loader = DataLoader(
        timed,
        batch_size=config.batch // fabric.world_size,
        sampler=share[:: fabric.world_size],
        num_workers=config.workers,
        collate_fn=timed.collate,
        multiprocessing_context="spawn" if config.workers else None,
        prefetch_factor=4 if config.workers else None,
        pin_memory=fabric.device.type == "cuda",
        generator=torch.Generator(),  # else it draws from the one that dropout does: see `State`
    )
    return iter(loader)


def _pairs(average: nn.Module, network: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """List the tensors of both."""
    return list(average.state_dict().values()), list(network.state_dict().values())


@torch.no_grad()
def _average(average: list[Tensor], network: list[Tensor], decay: float, step: int) -> None:
    """Move the average towards the network; early on, faster, so that it forgets the start.

    Until `decay` is reached, it is mostly of the last half of the steps.
    """
    decay = min(decay, (1 + step) / (3 + step))
    pairs = list(zip(average, network, strict=True))
    floats = [pair for pair in pairs if pair[0].is_floating_point()]
    means, values = (list(one) for one in zip(*floats, strict=True))
    get_ema_multi_avg_fn(decay)(means, values, step)  # type: ignore[no-untyped-call]
    for mean, value in pairs:
        if not mean.is_floating_point():
            mean.copy_(value)
