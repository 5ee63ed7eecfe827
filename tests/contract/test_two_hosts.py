"""Two hosts whose clocks are two seconds apart share one Redis: the server's clock judges."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import servers
from tests.contract.hosts import Host, two_hosts
from tests.contract.store_hammer import ROOT, Asked, beginning
from tests.contract.store_verdicts import judge, table
from tests.figures import Show

SECONDS = 4.6  # three windows and a bit
EACH = 4  # processes per host


@contextmanager
def _redis(addresses: list[str], folder: Path) -> Iterator[int]:
    """Start a server that is reached under several addresses."""
    port = servers._free_port()
    words = ["--port", str(port), "--bind", *addresses, "--protected-mode", "no", "--save", ""]
    process = subprocess.Popen(
        [servers._redis_program(), *words, "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        while not servers._answers_ping(port):
            assert process.poll() is None
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _start(host: Host, url: str, file: Path) -> Any:
    program = [sys.executable, "-m", "tests.contract.store_hammer"]
    words = [url, str(file), str(SECONDS), str(host.offset)]
    return subprocess.Popen(
        [*host.prefix, *program, *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _hammer(hosts: tuple[Host, Host], port: int, folder: Path) -> list[Asked]:
    """Let four processes of each host ask for some seconds, and return their files."""
    files, running = [], []
    for host in hosts:
        for number in range(EACH):
            files.append(folder / f"{host.offset}-{number}.json")
            running.append(_start(host, f"redis://{host.server}:{port}/0", files[-1]))
    try:
        for process in running:
            assert process.stdout.readline() == "ready\n"
        begin = beginning(time.time() + 0.2)
        for process in running:
            print(begin, file=process.stdin, flush=True)
        assert [process.wait(60) for process in running] == [0] * len(running)
    finally:
        for process in running:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
    return [Asked(*each) for file in files for each in json.loads(file.read_text())]


def test_two_hosts_with_different_clocks_are_one_to_the_store(tmp_path: Path, show: Show) -> None:
    """Admitted equals the limit in every window, as on one host."""
    with two_hosts() as hosts:
        addresses = ["127.0.0.1", *(host.server for host in hosts)]
        with _redis(addresses, tmp_path) as port:
            asked = _hammer(hosts, port, tmp_path)
        begin = min(one.before for one in asked)
        verdicts = judge(asked, begin, begin + SECONDS)
        where = f"two hosts, each {hosts[0].name}, clocks {hosts[1].offset:g} s apart"
        show(f"{where}\n{table('redis', verdicts)}")
        assert [one.wrong for one in verdicts] == [""] * 4
