"""The bounds of a server."""

from dataclasses import dataclass

LOCAL = ("localhost", "127.0.0.1", "::1")
"""Names of this machine; a server without a token answers to no other."""


@dataclass(frozen=True)
class Settings:
    """Bounds on what a server takes; all of them hold for each request."""

    token: str | None = None
    """If set, requests need it as "Authorization: Bearer TOKEN"."""
    device: str = "cpu"
    """Where models run (see `inference/devices.py`)."""
    max_bytes: int = 200 << 20
    """The largest body."""
    max_film_bytes: int = 8 << 30
    """The largest film, kept on the disk, where temporary files are."""
    max_films: int = 4
    """Films that are kept; the one unused for longest is forgotten first."""
    max_pixels: int = 200_000_000
    """The largest picture, checked before it is decoded."""
    workers: int = 1
    """Pictures that are coloured at the same time; each uses all cores."""
    max_waiting: int = 16
    """Jobs that may wait; beyond, the answer is 429."""
    upload_seconds: float = 30.0
    """How long a body may take to arrive, whatever its size,"""
    upload_rate: int = 32 << 10
    """and the bytes of it that must have come for each second beyond."""
    job_seconds: float = 120.0
    """How long a job may wait and run; beyond, the answer is 503."""
    max_sessions: int = 1000
    """Pictures, and frames of films, that are kept; the one unused for longest goes first."""
    session_disk_bytes: int = 16 << 30
    """The files of all sessions together, on the disk; the one unused for longest goes first."""
    session_bytes: int = 256 << 20
    """Memory of previews; beyond, those unused for longest are decoded anew when asked for."""
    answer_bytes: int = 64 << 20
    """Memory of a model's answers, kept for pictures that are asked for again."""
    session_seconds: float = 3600.0
    """How long an unused session is kept."""
    max_jobs: int = 8
    """Jobs of many pictures that are kept, on the disk; those unused for longest go first."""
    max_job_pictures: int = 1000
    """Pictures of one job,"""
    job_bytes: int = 8 << 30
    """and the bytes of them and of what they become."""
