"""Keeping memory between steps, on systems with the GNU C library."""

import ctypes
import platform

_MOST = 2**31 - 1
_OPTIONS = {-1: _MOST, -2: 256 * 2**20, -4: 0, -8: 1}
"""mallopt's M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX and M_ARENA_MAX (malloc.h)."""


def keep_freed() -> bool:
    """Let this process keep what it frees, up to 2 GB; say whether the system has the means.

    A step frees large tensors and asks for the same again. The library gives such memory back to
    the system each time, which must clear every page anew: a fifth of a step on two cores.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    library = ctypes.CDLL(None)
    return all(library.mallopt(option, value) for option, value in _OPTIONS.items())
