"""Training the digits network, and what became of it."""

import csv
import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from photochrom.digits.data import Digits, Mnist
from photochrom.digits.network import DigitsConfig, augmentation, build
from photochrom.training.run_directory import open_run_directory

MODEL = "digits.keras"
"""Name of the trained network's file."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    network: Any
    probabilities: npt.NDArray[np.float32]
    """Of the test digits, (N, 10)."""
    accuracy: float
    """Share of the test digits that were read right."""
    minutes: float
    curves: dict[str, list[float]]
    """Loss and accuracy of each epoch, in training and on the held-out digits."""


def train(
    config: DigitsConfig, mnist: Mnist, out: Path, report: Callable[[str], None] = lambda line: None
) -> Outcome:
    """Train in the folder `out`, and read the test digits once.

    A run that was stopped goes on from its last whole epoch. Raises `ConfigError` when `out`
    holds a run with another config.
    """
    open_run_directory(out, dataclasses.asdict(config))
    keras.utils.set_random_seed(config.seed)
    network = build(config)
    steps = math.ceil(len(mnist.train) / config.batch)
    schedule = keras.optimizers.schedules.CosineDecay(
        config.learning_rate / 10,
        decay_steps=steps * max(1, config.epochs - 1),
        warmup_target=config.learning_rate,
        warmup_steps=steps,
    )
    network.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    started = time.perf_counter()
    network.fit(
        _batches(config, mnist),
        validation_data=(mnist.held_out[..., None], mnist.held_out_labels),
        epochs=config.epochs,
        verbose=0,
        shuffle=False,  # the data set shuffles itself
        callbacks=[
            keras.callbacks.CSVLogger(str(out / "log.csv"), append=True),
            keras.callbacks.LambdaCallback(on_epoch_end=_teller(config.epochs, started, report)),
            keras.callbacks.BackupAndRestore(str(out / "backup"), delete_checkpoint=False),
        ],
    )
    bare = build(config)  # without the optimizer's state, a quarter of the size
    bare.set_weights(network.get_weights())
    bare.save(out / MODEL)
    probabilities = network.predict(mnist.test[..., None], verbose=0, batch_size=500)
    accuracy = float((probabilities.argmax(axis=1) == mnist.test_labels).mean())
    curves = _read_curves(out / "log.csv")
    return Outcome(network, probabilities, accuracy, (time.perf_counter() - started) / 60, curves)


def _batches(config: DigitsConfig, mnist: Mnist) -> Any:
    """Shuffle and augment the training digits anew each epoch."""
    augment = augmentation(config)

    def settings_differ(digits: Any, labels: Any, chances: Any) -> tuple[Any, Any]:
        digits = tf.cast(digits, tf.float32)
        chosen = tf.reshape(chances < config.augmented, (-1, 1, 1, 1))
        return tf.where(chosen, augment(digits, training=True), digits), labels

    data = tf.data.Dataset.from_tensor_slices((mnist.train[..., None], mnist.train_labels))
    chances = tf.data.Dataset.random(seed=config.seed).map(lambda value: value / 2**32)
    data = data.shuffle(len(mnist.train), seed=config.seed)
    data = tf.data.Dataset.zip(data, chances).map(lambda pair, chance: (*pair, chance))
    data = data.batch(config.batch)
    return data.map(settings_differ, num_parallel_calls=1, deterministic=True).prefetch(4)


def _teller(
    epochs: int, started: float, report: Callable[[str], None]
) -> Callable[[int, dict[str, float]], None]:
    def on_epoch(epoch: int, scores: dict[str, float]) -> None:
        report(
            f"epoch {epoch + 1}/{epochs}  accuracy {scores['accuracy']:.4f}  "
            f"held out {scores['val_accuracy']:.4f}  "
            f"{(time.perf_counter() - started) / 60:.1f} min"
        )

    return on_epoch


def _read_curves(path: Path) -> dict[str, list[float]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0] if name != "epoch"}


def misread(outcome: Outcome, labels: Digits) -> npt.NDArray[np.intp]:
    """Give the indices of the test digits that were read wrong, the surest mistakes first."""
    taken = outcome.probabilities.argmax(axis=1)
    wrong = np.flatnonzero(taken != labels)
    return wrong[np.argsort(-outcome.probabilities[wrong, taken[wrong]])]
