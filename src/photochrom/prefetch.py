"""Work that is begun on a thread of its own before it is asked for."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

_T = TypeVar("_T")
_begun: dict[Hashable, Future[Any]] = {}


def begin(key: Hashable, work: Callable[[], Any]) -> None:
    """Begin a work that will be asked for under a key; if it fails, who asks is told."""
    pool = ThreadPoolExecutor(1)
    _begun[key] = pool.submit(work)
    pool.shutdown(wait=False)


def take(key: Hashable, work: Callable[[], _T]) -> _T:
    """Give what comes of the work that was begun under a key, once; else of this one."""
    begun: Future[_T] | None = _begun.pop(key, None)
    return begun.result() if begun else work()
