"""Where files are: paths, local copies of remote files, and locks. Only it may import fsspec."""

from photochrom.storage.copies import (
    local_copy,
    named,
    read_ahead,
    read_once,
    remove_stale_copies,
    spool,
    upload,
    written_to,
)
from photochrom.storage.lock import locked
from photochrom.storage.paths import (
    below,
    check_is_file,
    exists_below,
    files_below,
    hidden_beside,
    is_remote,
    make_directory,
    reaching,
    read,
    revision,
    to_path,
)

__all__ = [
    "below",
    "check_is_file",
    "exists_below",
    "files_below",
    "hidden_beside",
    "is_remote",
    "local_copy",
    "locked",
    "make_directory",
    "named",
    "reaching",
    "read",
    "read_ahead",
    "read_once",
    "remove_stale_copies",
    "revision",
    "spool",
    "to_path",
    "upload",
    "written_to",
]
