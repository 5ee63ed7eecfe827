"""`python -m freetier.local.serve`: the child process that serves the model.

It reads an `Order` from its standard input, answers with one line of JSON when it is ready, and
leaves when that input ends: when it is told to, or when its parent dies in whatever way.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from importlib.resources import files
from typing import Any

from freetier.local.child import Order

PROMPT_THREADS = 4
LOOK_SECONDS = 1.0
RENAMED = (
    (("hostname", "hostnames"), "127.0.0.1"),
    (("webui", "ui"), False),
    (("fit_params",), False),  # the memory that is free says nothing about so small a model
    (("cors_origins",), ""),
    (("cache_ram_mib",), 256),
)
"""Fields that the engine's releases have under one of these names, or not at all."""


def main() -> None:
    """Serve until the standard input ends."""
    parent = os.getppid()
    announcement = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever the engine prints is no answer
    server = opened(Order.from_line(sys.stdin.buffer.readline()))
    # The engine has put in handlers of its own, which stop it and leave this process behind.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to judge
    ready = {"base_url": f"{server.listening_address.rstrip('/')}/v1"}
    os.write(announcement, json.dumps(ready).encode() + b"\n")
    os.close(announcement)
    _wait(parent)
    os._exit(0)  # nothing is to be saved, and an answer in the making must not hold us up


def opened(order: Order) -> Any:  # noqa: ANN401 - the engine has no types
    """Load the model and return its server, which listens on a free port of loopback."""
    # Read when the engine is loaded. Threads that spin at their barriers make decoding several
    # times slower as soon as anything else wants the cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import xllamacpp

    try:
        return xllamacpp.Server(settings(order, xllamacpp.CommonParams()))
    except RuntimeError as error:
        sys.exit(f"the engine cannot serve {order.weights}: {error}")


def settings(order: Order, params: Any) -> Any:  # noqa: ANN401
    """Fill the engine's own structure of settings."""
    params.model.path = order.weights
    params.api_keys = [order.api_key]  # the server lets any web page ask, so it must have a key
    params.port = 0
    params.n_parallel = order.slots
    params.n_ctx = order.context * order.slots  # the engine divides it between the slots
    # One thread that decodes is as fast as two on a quiet machine and much faster on a busy one.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = min(os.cpu_count() or 1, PROMPT_THREADS)
    params.n_gpu_layers = 0
    params.use_jinja = True
    # The template within the weights makes so small a model ramble, and leaves tools out.
    params.chat_template = (
        files("freetier.local").joinpath("data", "smollm2.jinja").read_text("utf-8")
    )
    params.endpoint_metrics = True
    params.endpoint_props = False
    params.verbosity = -1
    for names, value in RENAMED:
        _set(params, names, value)
    _set(params, ("model_alias",), order.model)
    return params


def _set(params: Any, names: tuple[str, ...], value: object) -> None:  # noqa: ANN401
    """Set the first of the fields that this release of the engine has."""
    for name in names:
        if hasattr(params, name):
            kind = type(getattr(params, name))
            setattr(params, name, kind([value]) if kind in {list, set} else value)
            return


def _wait(parent: int) -> None:
    """Return when the standard input has ended, or when another process has become the parent.

    The second look is for a parent whose other children have inherited the pipe and outlive it.
    """
    over = threading.Event()
    threading.Thread(target=_read_to_the_end, args=(over,), daemon=True).start()
    while not over.wait(LOOK_SECONDS) and os.getppid() == parent:
        continue


def _read_to_the_end(over: threading.Event) -> None:
    sys.stdin.buffer.read()
    over.set()


if __name__ == "__main__":
    main()
