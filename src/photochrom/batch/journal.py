"""What a batch has done, kept in the output folder, so that it can go on after any interruption."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from photochrom import storage
from photochrom.errors import ImageError, unread
from photochrom.inference.fingerprint import file_digest

NAME = ".photochrom.sqlite"
"""The journal's file in the output folder."""
_BRINGING = 60.0  # seconds between copies of a journal to its address
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    target TEXT PRIMARY KEY,  -- relative to the folder
    source TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,   -- nanoseconds, or what tells an address's versions apart
    digest TEXT NOT NULL,     -- BLAKE2b of the source
    recipe TEXT NOT NULL,     -- model and options
    output TEXT NOT NULL      -- BLAKE2b of the target
)
"""


@dataclass(frozen=True)
class Fingerprint:
    """A file at one moment."""

    size: int
    revision: int
    """What `storage.revision` gave."""
    digest: str

    @classmethod
    def of(cls, file: Path, revision: int) -> Self:
        """Look at a file, all of it; raises `ImageError` when it cannot be read."""
        try:
            return cls(file.stat().st_size, revision, file_digest(file))
        except OSError as error:
            raise unread(file, error) from error

    def still_holds(self, path: Path) -> bool:
        """Whether the file has neither been written nor replaced since."""
        try:
            if storage.is_remote(path):
                return storage.revision(path) == self.revision  # which tells of its size too
            known = path.stat()
            return (known.st_mtime_ns, known.st_size) == (self.revision, self.size)
        except (OSError, ImageError):
            return False


@dataclass(frozen=True)
class Entry:
    """A picture that was coloured."""

    source: str
    """Its full path or address."""
    fingerprint: Fingerprint
    settings_key: str
    output: str
    """Digest of what was written."""


def full_name(source: Path) -> str:
    """Name a picture so that it is the same one from whatever folder a batch is started."""
    return str(source if storage.is_remote(source) else source.absolute())


class Entries:
    """What the journal of an output folder says; nothing of it is written down."""

    def __init__(self, root: Path, rows: list[tuple[Any, ...]]) -> None:
        self.root = root
        self._entries = {
            os.fsdecode(row[0]): Entry(os.fsdecode(row[1]), Fingerprint(*row[2:5]), row[5], row[6])
            for row in rows
        }

    @property
    def targets(self) -> set[str]:
        """The files that were made, by their paths below the folder."""
        return {key for key, entry in self._entries.items() if entry.output}

    def wrote(self, target: Path) -> bool:
        """Whether a run of ours made that file, so that it may be made again."""
        return self._key(target) in self._entries

    def entry(self, target: Path) -> Entry:
        """Give what is written of a file that a run of ours made."""
        return self._entries[self._key(target)]

    def is_done(self, source: Path, target: Path, settings_key: str) -> bool:
        """Whether a target that is there was made of just that source in just that way.

        A source that was touched, and holds what it held, is read once and then known again.
        Raises `OSError` or `ImageError` when it cannot be looked at.
        """
        entry = self._entries.get(self._key(target))
        if not entry or entry.settings_key != settings_key or entry.source != full_name(source):
            return False
        if entry.fingerprint.still_holds(source):
            return True
        fingerprint = Fingerprint.of(source, storage.revision(source))
        if fingerprint.digest != entry.fingerprint.digest:
            return False
        self.note(target, replace(entry, fingerprint=fingerprint))
        return True

    def is_whole(self, target: Path) -> bool:
        """Whether a target that is there is, byte for byte, what was written.

        Raises `OSError` or `ImageError` when it cannot be looked at.
        """
        entry = self._entries.get(self._key(target))
        return entry is not None and file_digest(target) == entry.output

    def is_begun(self, target: Path) -> bool:
        """Whether a run was stopped while it made that file, so that it may be newer than noted."""
        return self.wrote(target) and not self.entry(target).settings_key

    def note(self, target: Path, entry: Entry) -> None:
        """Know from now on that a picture is done."""
        self._entries[self._key(target)] = entry

    def _key(self, target: Path) -> str:
        return storage.below(target, self.root)


def peek(root: Path) -> Entries | None:
    """Read the journal of a folder and leave the folder as it is; None where there is no journal.

    Raises `ImageError` when it cannot be read.
    """
    journal = root / NAME
    with storage.reaching(journal), storage.spool() as directory:
        if not journal.exists():
            return None
        with storage.local_copy(journal) as copy:
            shutil.copyfile(copy, directory / NAME)
        log = journal.with_name(f"{NAME}-wal")
        if not storage.is_remote(root) and log.exists():
            shutil.copyfile(log, directory / log.name)
        with _explained(root), closing(sqlite3.connect(directory / NAME)) as base:
            base.execute(_SCHEMA)
            return Entries(root, base.execute("SELECT * FROM pictures").fetchall())


class Journal(Entries):
    """The journal of an output folder; only one run at a time can hold it.

    At an address it is a local copy, uploaded now and then and at the end. Raises `ImageError`
    when another run holds it (see `storage/lock.py`), or the directory cannot be written.
    """

    def __init__(self, root: Path) -> None:
        with ExitStack() as opened:
            self._file = opened.enter_context(_at_hand(root / NAME))
            with _explained(root):
                self._base = sqlite3.connect(self._file, timeout=0.2, isolation_level=None)
                opened.callback(self._base.close)
                rows = self._rows()
            self._closing = opened.pop_all()
        self._brought = time.monotonic()
        super().__init__(root, rows)

    def _rows(self) -> list[tuple[Any, ...]]:
        """Give what is in the journal's file."""
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")  # no memory shared over a network
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("BEGIN EXCLUSIVE")
        self._base.execute(_SCHEMA)
        self._base.execute("COMMIT")
        return self._base.execute("SELECT * FROM pictures").fetchall()

    def __enter__(self) -> Self:
        """Hold the journal."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        with self._closing:
            self._bring()

    def _bring(self) -> None:
        """Bring what is written so far to the journal's address, if it has one."""
        if storage.is_remote(self.root):
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            storage.upload(self._file, self.root / NAME)
            self._brought = time.monotonic()

    def begin(self, source: Path, target: Path) -> None:
        """Write down that a picture is about to be made, or made anew."""
        known = self._entries.get(self._key(target))
        begun = Entry(full_name(source), Fingerprint(0, 0, ""), "", "")
        self.note(target, replace(known, settings_key="") if known else begun)

    def give_up(self, target: Path) -> None:
        """Take back a `begin` of which nothing came: what stands there later is not ours.

        Raises `ImageError` when that cannot be written down.
        """
        key = self._key(target)
        if key in self._entries and not self._entries[key].output:
            self._write("DELETE FROM pictures WHERE target = ?", (key,))
            del self._entries[key]

    def note(self, target: Path, entry: Entry) -> None:
        """Write down that a picture is done; raises `ImageError` when that is not possible."""
        key, fingerprint = self._key(target), entry.fingerprint
        row = (key, entry.source, fingerprint.size, fingerprint.revision, fingerprint.digest)
        self._write(
            "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, entry.settings_key, entry.output),
        )
        super().note(target, entry)
        if time.monotonic() > self._brought + _BRINGING:
            self._bring()

    def _write(self, statement: str, values: tuple[str | int, ...]) -> None:
        try:
            self._base.execute(
                statement, [_fit(one) if isinstance(one, str) else one for one in values]
            )
        except sqlite3.Error as error:
            raise ImageError(
                f"{self.root / NAME}: cannot be written ({error}); "
                "the same command goes on where this one stopped"
            ) from error


def _fit(text: str) -> str | bytes:
    """Give a name as SQLite takes it: as bytes where it is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return os.fsencode(text)
    return text


@contextmanager
def _at_hand(journal: Path) -> Iterator[Path]:
    """Give a journal as a file of this machine, its directory made and held."""
    with ExitStack() as stack:
        stack.enter_context(storage.locked(journal.parent))
        if not storage.is_remote(journal):
            yield journal
            return
        file = stack.enter_context(storage.spool()) / journal.name
        if journal.exists():
            with storage.local_copy(journal) as copy:
                copy.replace(file)
        yield file


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    """Turn the errors of SQLite, while a journal is opened, into one line."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ImageError(f"{root}: cannot be written ({error}); write to another folder") from error
    except sqlite3.DatabaseError as error:
        raise ImageError(
            f"{root / NAME}: the file is not a valid journal ({error}); remove it"
        ) from error
