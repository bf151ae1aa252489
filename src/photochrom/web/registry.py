"""A registry: what clients have sent, under names that cannot be guessed, for a time."""

import secrets
import time
from typing import Generic, Protocol, TypeVar

from photochrom.web.problems import Problem


class Entry(Protocol):
    """What a registry keeps."""

    used: float
    """When it was last asked for, by `time.monotonic`."""

    @property
    def in_use(self) -> bool:
        """Whether it must stay."""

    def close(self) -> None:
        """Stop work on it, and remove its files."""


T = TypeVar("T", bound=Entry)


class Registry(Generic[T]):
    """Entries by name; those unused for longest are forgotten first, those in use never.

    `gone` is said of a name that is not there, or no longer.
    """

    def __init__(self, seconds: float, gone: str) -> None:
        self._seconds, self._gone = seconds, gone
        self._entries: dict[str, T] = {}

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._entries)

    def is_over(self) -> bool:
        """Whether there is more than there is room for."""
        raise NotImplementedError

    def add(self, entry: T) -> str:
        """Keep an entry; return its name."""
        name = secrets.token_urlsafe(16)
        entry.used = time.monotonic()
        self._entries[name] = entry
        self._forget()
        return name

    def get(self, name: str) -> T:
        """Find an entry; raises `Problem` 410 when it is not there, or no longer."""
        self._forget()
        if name not in self._entries:
            raise Problem(410, self._gone)
        entry = self._entries[name]
        entry.used = time.monotonic()
        return entry

    def remove(self, name: str) -> None:
        """Forget an entry."""
        if entry := self._entries.pop(name, None):
            entry.close()

    def clear(self) -> None:
        """Forget all."""
        for name in list(self._entries):
            self.remove(name)

    def _by_use(self) -> list[tuple[str, T]]:
        """Give all, those unused for longest first."""
        return sorted(self._entries.items(), key=lambda item: item[1].used)

    def _forget(self) -> None:
        """Forget what is too old, and the oldest while there is too much, but the newest."""
        oldest, entries = time.monotonic() - self._seconds, self._by_use()
        for name, entry in entries:
            is_newest = name == entries[-1][0]
            is_unwanted = entry.used < oldest or (self.is_over() and not is_newest)
            if is_unwanted and not entry.in_use:
                self.remove(name)
