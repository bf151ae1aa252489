"""Print how a server does under load: many clients at once, each answer checked.

`python tests/endurance/load.py [REQUESTS] [CLIENTS]`
"""

import argparse
import http.client
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyvips

SIDE = 640  # pixels
LEAVING = 5  # clients that hang up, one after the other


def picture(number: int) -> tuple[bytes, np.ndarray]:
    """Draw a picture that no other request sends; give its file and its grey values."""
    ramp = np.linspace(0, 120, SIDE)
    grey = np.clip(np.add.outer(ramp, ramp[::-1]) + number % 16, 0, 255).astype(np.uint8)
    grey[:8, : 8 * (number % 60 + 1)] = 255
    return bytes(pyvips.Image.new_from_array(grey).write_to_buffer(".png")), grey


def ask(port: int, number: int) -> tuple[float, int]:
    """Send a picture until it is taken; give the seconds, and how often it was sent away."""
    body, grey = picture(number)
    start, refused = time.perf_counter(), 0
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/v1/colorize?format=png", body)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        if answer.status != 429:
            break
        refused += 1
        time.sleep(float(answer.headers["Retry-After"]) / 10)
    seconds = time.perf_counter() - start
    if answer.status != 200:
        raise SystemExit(f"request {number}: {answer.status} {data[:200]!r}")
    painted = pyvips.Image.new_from_buffer(data, "").colourspace("b-w").numpy()
    if np.abs(painted.astype(int) - grey).mean() > 3:
        raise SystemExit(f"request {number} was given the picture of another")
    return seconds, refused


def give_up(port: int, body: bytes) -> None:
    """Send a request and hang up before the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/v1/colorize?format=png", body)
    connection.close()


def metric(port: int, name: str) -> float:
    """Read a figure of the server's own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return float(next(line for line in lines if line.startswith(name + " ")).split()[1])


def peak_memory(process: int) -> float:
    """Give the most memory that a process has had, in MB."""
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Start a server, ask it, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", nargs="?", type=int, default=200)
    parser.add_argument("clients", nargs="?", type=int, default=16)
    given = parser.parse_args()
    requests, clients = given.requests, given.clients
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "photochrom", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            time.sleep(0.1)
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
        ask(port, 0)
        first = peak_memory(server.pid)
        body, _ = picture(0)
        for _ in range(LEAVING):
            give_up(port, body)
        start = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            answers = list(pool.map(lambda number: ask(port, number), range(requests)))
        seconds = time.perf_counter() - start
        time.sleep(1)
        if metric(port, "photochrom_jobs"):
            raise SystemExit("jobs are left")
        dropped = metric(port, "photochrom_jobs_dropped_total")
        if dropped < LEAVING // 2:  # the first of them may have begun
            raise SystemExit(f"of {LEAVING} jobs whose clients hung up, {dropped:g} were dropped")
        times = sorted(one for one, _ in answers)
        refused = sum(again for _, again in answers)
        sys.stdout.write(
            f"{requests} requests of {SIDE} x {SIDE} pixels from {clients} clients, and {LEAVING} "
            f"that hung up, {dropped:g} of them before their turn: each got its own picture; "
            f"{requests / seconds:.1f} a second, 95 % within {times[int(0.95 * requests)]:.1f} s, "
            f"{refused} times told to come again; memory "
            f"{first:.0f} MB after the first, {peak_memory(server.pid):.0f} MB after the last\n"
        )
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
