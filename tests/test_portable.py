"""What only POSIX has is not used, so that Photochrom is the same on Windows."""

import ast
from pathlib import Path

import pytest

import photochrom

ROOT = Path(photochrom.__file__).parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in ROOT.rglob("*.py")}
MODULES = {"fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios", "tty"}
OF_OS = """
    chown chroot fchmod fchown fork forkpty getegid geteuid getgid getloadavg getpgid getuid kill
    killpg lchown mkfifo mknod nice openpty posix_fadvise posix_spawn sched_getaffinity setgid
    setpgid setpriority setsid setuid statvfs sync sysconf uname wait waitpid
"""
ALLOWED = {  # which ask whether it is there
    "evaluation/memory.py": {"resource"},
    "storage/lock.py": {"fcntl"},
}


@pytest.mark.parametrize("file", sorted(FILES))
def test_nothing_is_used_that_only_posix_has(file: str) -> None:
    tree = ast.parse(FILES[file].read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & MODULES
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            found |= {name} & {f"os.{one}" for one in OF_OS.split()} | {name} & {"signal.SIGKILL"}
    assert found <= ALLOWED.get(file, set())
