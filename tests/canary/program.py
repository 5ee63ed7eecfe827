"""Everything that a router can do and say, with keys that must not come out.

    python -m tests.canary.program FOLDER [REDIS_URL POSTGRES_URL]

Each path writes what it sees into the folder: answers, errors with their whole chain and all
local variables, logs, reprs, pickles, dumps, traces, metrics, stores, pages, documents. A test
then searches the folder. It runs as a program of its own, so that its logs and its standard
streams are searched too.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import io
import json
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import yaml

from freetier import Router
from freetier.errors import FreetierError
from freetier.testing import FakeAccount, FakeProvider, Fleet, Limit, faults
from tests.canary.keys import KEYS, POSTGRES_PASSWORD, REDIS_PASSWORD

ECHOES = [
    faults.Status(401, body={"error": {"message": "Incorrect API key provided: {key}."}}),
    faults.Status(403, body="the key {key} may not"),
    faults.Status(400, body={"error": {"message": "bad request by Bearer {key}"}}),
    faults.Status(429, body={"error": {"message": "limit of {key} reached, retry in 1s"}}),
    faults.Status(500, body="<html><body>stack: Authorization: Bearer {key}</body></html>"),
    faults.Status(503, body=["overloaded", "{key}"]),
]
PLAIN = [
    faults.Unreachable(),
    faults.Reset(),
    faults.Garbage(),
    faults.Garbage(where="wire"),
    faults.Html(),
    faults.Empty(),
    faults.RateLimited(wait=0.1),
    faults.Stall(0.3),
    faults.Cut(),
    faults.Cut(pieces=1),
    faults.ErrorEvent(),
    faults.StallMidStream(pieces=1, seconds=0.3),
]
ASKED: dict[str, Any] = {
    "timeout": 0.2,
    "first_content": 0.2,
    "idle": 0.2,
    "attempts": 2,
    "max_wait": 0,
}


class Folder:
    """Where everything goes that came out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count = 0

    def put(self, name: str, what: object) -> None:
        """Write a text, bytes, or the looks of a value."""
        self._count += 1
        data = what if isinstance(what, bytes) else str(what).encode("utf-8", "replace")
        (self.path / f"{self._count:05d}-{name}").write_bytes(data)

    def error(self, name: str, error: BaseException) -> None:
        """Write an error in every way that somebody may show it."""
        chain = traceback.TracebackException.from_exception(error, capture_locals=True)
        self.put(f"{name}-locals", "".join(chain.format()))
        self.put(f"{name}-looks", looks(error))
        with contextlib.suppress(Exception):
            self.put(f"{name}-pickle", pickle.dumps(error))
        if isinstance(error, FreetierError) and getattr(error, "report", None) is not None:
            self.put(f"{name}-report", looks(error.report))  # type: ignore[attr-defined]


def looks(value: Any) -> str:
    """Return everything a value shows: repr, text, page, JSON, attributes."""
    shown = [repr(value), str(value), repr(getattr(value, "__dict__", ""))]
    methods = [getattr(value, name, None) for name in ("_repr_html_", "as_dict")]
    shown += [str(method()) for method in methods if method is not None]
    if is_dataclass(value):
        shown += [repr(getattr(value, field.name)) for field in fields(value)]
    return "\n".join(shown)


def fleet_of() -> Fleet:
    """Return providers whose accounts have the keys; each repeats its key in its errors."""
    return Fleet(
        *(
            FakeProvider(
                name,
                accounts=[FakeAccount(label=f"{name}-1", key=key)],
                limits=[Limit(10_000, "minute")],
            )
            for name, key in KEYS.items()
        )
    )


def configured(fleet: Fleet, folder: Path, store: str) -> tuple[Path, dict[str, Any]]:
    """Return a file with variables for keys, and the same as a mapping with keys in it."""
    config = fleet.config(limits=True) | {"store": store}
    config["aliases"] = [
        {"alias": name, "models": [{"account": f"{name}-1", "model": _model(fleet, name)}]}
        for name in KEYS
    ]
    literal = json.loads(json.dumps(config))
    for account in config["accounts"]:
        variable = f"CANARY_{account['provider'].upper().replace('-', '_')}"
        os.environ[variable] = account["auth"]["api_key"]
        account["auth"]["api_key"] = f"${{{variable}}}"
    path = folder / "freetier.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    path.chmod(0o600)
    return path, literal


def _model(fleet: Fleet, name: str) -> str:
    models = fleet.providers[name].models
    return models[0].id if models else "m"


@contextlib.contextmanager
def heard(folder: Folder) -> Iterator[None]:
    """Take down everything that is logged, by anybody, down to debugging."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        folder.put("logs", stream.getvalue())


def attempted(folder: Folder, name: str, call: Callable[[], object]) -> None:
    """Make a call and write down what came of it."""
    try:
        folder.put(f"{name}-answer", looks(call()))
    except Exception as error:  # noqa: BLE001 - every error is searched
        folder.error(name, error)


def ways(router: Router, name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield a request in each way that there is."""

    def stream() -> object:
        with router.stream("Hello", model=name, **ASKED) as events:
            list(events)
            return events.report

    async def astream() -> object:
        async with router.astream("Hello", model=name, **ASKED) as events:
            return [event async for event in events]

    yield "complete", lambda: router.complete("Hello", model=name, **ASKED)
    yield "stream", stream
    yield "acomplete", lambda: asyncio.run(router.acomplete("Hello", model=name, **ASKED))
    yield "astream", lambda: asyncio.run(astream())  # type: ignore[arg-type]
    yield (
        "create",
        lambda: router.chat.completions.create(
            model=name, messages=[{"role": "user", "content": "Hello"}], **ASKED
        ).model_dump(),
    )


def everything_fails(folder: Folder, fleet: Fleet, router: Router) -> None:
    """Meet every fault at every provider, those that repeat the key first."""
    for turn, (name, key) in enumerate(KEYS.items()):
        plain = PLAIN if not turn else []  # they say the same of every key
        for number, fault in enumerate([*ECHOES, *plain]):
            meant = _with_key(fault, key)
            for way, call in ways(router, name):
                fleet.script(name, [meant] * 3)
                attempted(folder, f"{name}-{number}-{way}", call)
                fleet.script(name, [])
                router.clear_cooldowns()


def _with_key(fault: Any, key: str) -> Any:
    body = getattr(fault, "body", None)
    if body is None:
        return fault
    text = json.dumps(body).replace("{key}", json.dumps(key)[1:-1])
    return type(fault)(fault.status, body=json.loads(text))


def shown(folder: Folder, router: Router) -> None:
    """Write down everything that a router shows of itself."""
    engine = router._engine
    for thing in (router, router.setup, *router.setup.accounts, engine.index.candidates[0]):
        folder.put("looks", looks(thing))
    for name in ("quota_status", "list_models", "forecast", "explain", "checkup"):
        if (method := getattr(router, name, None)) is not None:
            attempted(folder, name, method)
    attempted(folder, "plan", lambda: router.plan(5000, 100, 100, model="groq"))
    folder.put("warnings", router.warnings)
    attempted(folder, "pickle", lambda: pickle.dumps(router))
    folder.put("engine", repr(vars(engine)))


def observed(folder: Folder, fleet: Fleet, path: Path) -> None:
    """Trace and count requests with the real SDKs."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from prometheus_client import CollectorRegistry, generate_latest

    from freetier.observe import otel, prometheus

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    registry = CollectorRegistry()
    with Router(path) as router:
        otel.watch(router, tracer_provider=provider)
        prometheus.watch(router, registry=registry)
        for name, key in KEYS.items():
            fleet.script(name, [_with_key(ECHOES[0], key)])
            attempted(folder, "traced", lambda n=name: router.complete("Hi", model=n, max_wait=0))
        folder.put("metrics", generate_latest(registry))
    for span in exporter.get_finished_spans():
        folder.put("span", span.to_json())


def framed(folder: Folder, fleet: Fleet, path: Path) -> None:
    """Go through both frameworks, with callbacks and dumps."""
    from langchain_core.load import dumpd
    from langchain_core.tracers.memory_stream import _MemoryStream  # noqa: F401 - loads tracers
    from langchain_core.tracers.stdout import ConsoleCallbackHandler
    from llama_index.core.llms import ChatMessage

    from freetier_langchain import FreeTierChatModel
    from freetier_llamaindex import FreeTierLLM

    for name, key in KEYS.items():
        chain = FreeTierChatModel(model=name, config=str(path), max_retries=0)
        llm = FreeTierLLM(name, config=str(path))
        for thing in (chain, llm):
            folder.put("model-looks", looks(thing))
        folder.put("dumpd", json.dumps(dumpd(chain), default=repr))
        folder.put("to_dict", json.dumps(llm.to_dict(), default=repr))
        for fails in (False, True):
            fleet.script(name, [_with_key(ECHOES[0], key)] * 4 if fails else [])
            console = {"callbacks": [ConsoleCallbackHandler()]}
            attempted(folder, "invoke", lambda c=chain, h=console: c.invoke("Hello", h))
            attempted(
                folder, "chat", lambda m=llm: m.chat([ChatMessage(role="user", content="Hello")])
            )
            fleet.script(name, [])
    attempted(
        folder,
        "literal",
        lambda: FreeTierChatModel(model="groq", provider="groq", api_key=KEYS["groq"]),
    )


def commanded(folder: Folder, path: Path) -> None:
    """Run the commands, as tables and as JSON."""
    from typer.testing import CliRunner

    from freetier.cli.app import app

    for words in (
        ["status"], ["explain", "groq"], ["check"], ["models"], ["plan", "500"], ["forecast"],
        ["ask", "Hello", "-m", "groq"],
    ):  # fmt: skip
        for more in ([], ["--json"]):
            ran = CliRunner().invoke(app, [*words, *more, "--config", str(path)])
            folder.put(f"cli-{words[0]}", ran.output)
            if ran.exception is not None:
                folder.error(f"cli-{words[0]}", ran.exception)


def misconfigured(folder: Folder, literal: dict[str, Any]) -> None:
    """Say it wrong with keys in plain sight, in files and in arguments."""
    wrongs = (
        {"accountz": []},
        {"strategy": "none"},
        {"store": f"redis://:{REDIS_PASSWORD}@127.0.0.1:1/0"},
        {"store": f"postgresql://me:{POSTGRES_PASSWORD}@127.0.0.1:1/db"},
        {"store": f"nosuch://me:{POSTGRES_PASSWORD}@h/db"},
        {"aliases": [{"alias": "x", "models": [{"provider": "nobody", "model": "m"}]}]},
    )
    for number, wrong in enumerate(wrongs):
        mapping = json.loads(json.dumps(literal)) | wrong
        path = folder.path.parent / "wrong.yaml"
        path.write_text(yaml.safe_dump(mapping), "utf-8")
        path.chmod(0o600)

        def ask(source: Any) -> object:
            with Router(source) as router:
                folder.put("wrong-router", looks(router))
                return router.complete("Hello", model="groq", max_wait=0)

        attempted(folder, f"wrong-{number}-file", lambda p=path: ask(p))
        _without_our_frame(folder, f"wrong-{number}", ask, mapping)
        path.unlink()


def _without_our_frame(
    folder: Folder, name: str, ask: Callable[[Any], object], mapping: Any
) -> None:
    """Pass keys in an argument; what the caller's own frames hold is the caller's."""
    try:
        folder.put(f"{name}-answer", looks(ask(mapping)))
    except Exception as error:  # noqa: BLE001 - every error is searched
        ours = error.__traceback__
        while ours is not None and "/freetier/" not in ours.tb_frame.f_code.co_filename:
            ours = ours.tb_next
        folder.error(name, error.with_traceback(ours))


def main() -> None:
    """Do everything."""
    place = Path(sys.argv[1])
    (place / "out").mkdir(parents=True, exist_ok=True)
    folder = Folder(place / "out")
    stores = [f"sqlite:///{place / 'out' / 'quota.db'}", *sys.argv[2:]]
    crash = (place / "out" / "crash.txt").open("w")
    faulthandler.enable(crash)
    with heard(folder), fleet_of() as fleet:
        for number, store in enumerate(stores):
            path, literal = configured(fleet, place, store)
            with Router(path) as router:
                for name in KEYS:
                    for way, call in ways(router, name):
                        attempted(folder, f"fine-{name}-{way}", call)
                if not number:
                    everything_fails(folder, fleet, router)
                shown(folder, router)
                faulthandler.dump_traceback(crash)
        misconfigured(folder, literal)
        observed(folder, fleet, path)
        framed(folder, fleet, path)
        commanded(folder, path)
        folder.put("books", repr(fleet.books.entries))
    print(f"{len(list(folder.path.iterdir()))} things came out")


if __name__ == "__main__":
    main()
