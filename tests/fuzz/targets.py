"""What is fuzzed: each target is a function from bytes that fails when a promise is broken.

Besides "nothing but our own errors leaves" the promises are laws: the same bytes mean the same
however they are cut, what is read stays within bounds, and a key never comes out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from freetier import catalog
from freetier.config import load_mapping
from freetier.config.yaml_tree import parse as parse_yaml
from freetier.dialects import DIALECTS, dialect, durations, jsontext, listing
from freetier.dialects.rescue import rescued
from freetier.dialects.sse import SseDecoder
from freetier.dialects.together import together
from freetier.dialects.words import LINE_MAX, one_line
from freetier.drivers.inflate import Inflate, TooLarge
from freetier.errors import FreetierError
from freetier.routing.candidates import build
from freetier.shapes import asked as shapes
from freetier.values.accounts import Account, Candidate, Secret
from freetier.values.chat import Content, Finished, ToolCallDelta, Usage, UsageReported
from freetier.values.faults import Refused
from freetier.values.setup import Setup
from tests.wire.samples import samples

KEY = "sk-canary-5f0e9d7c1b2a"
YEAR = 367 * 86_400


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing that is fuzzed.

    Attributes:
        name: What it is.
        run: Takes one input; raises if a promise is broken.
        modules: Whose branches are counted.
        seeds: What to begin with.
        longest: Bytes of one input.
    """

    name: str
    run: Callable[[bytes], None]
    modules: tuple[str, ...]
    seeds: tuple[bytes, ...]
    longest: int = 2048


@cache
def candidates() -> tuple[Candidate, ...]:
    """Return one candidate of every provider, with a key that must not come out."""
    providers = {name: catalog.provider(name) for name in catalog.provider_names()}
    live = {name: one for name, one in providers.items() if one.models and one.base_url}
    accounts = tuple(
        Account(id=name, provider=name, secret=Secret(KEY), base_url=one.base_url)
        for name, one in live.items()
    )
    made = build(Setup(accounts=accounts, providers=live))
    return tuple({candidate.provider.name: candidate for candidate in made}.values())


@cache
def _dialects() -> dict[str, Any]:
    return {name: dialect(name, catalog.fault_table()) for name in DIALECTS}


def _candidate(number: int) -> tuple[Candidate, Any]:
    found = candidates()[number % len(candidates())]
    return found, _dialects()[found.provider.dialect]


def _cut(data: bytes, number: int) -> Iterable[bytes]:
    """Yield pieces whose lengths come of a number; never an empty one."""
    place, step = 0, number or 1
    while place < len(data):
        step = step * 37 % 101 or 1
        yield data[place : place + step]
        place += step


def events(data: bytes) -> None:
    """The frame of server-sent events: cut anywhere, the same comes out."""
    if not data:
        return
    whole, pieces = SseDecoder(limit=600), SseDecoder(limit=600)
    one = [*whole.feed(data[1:]), *whole.finish()]
    many = [event for piece in _cut(data[1:], data[0]) for event in pieces.feed(piece)]
    many += pieces.finish()
    assert one == many, "a cut changes what is read"
    assert whole.too_large == pieces.too_large
    assert sum(len(name) + len(body) for name, body in one) <= len(data)


def stream(data: bytes) -> None:
    """A whole stream of a provider: cut anywhere, the same answer comes out."""
    if len(data) < 2:
        return
    who, language = _candidate(data[0])
    one = _decoded(language.decoder(who), [data[2:]])
    many = _decoded(language.decoder(who), _cut(data[2:], data[1]))
    assert _said(one) == _said(many), "a cut changes what is read"
    _check_events(one)


def _decoded(decoder: Any, pieces: Iterable[bytes]) -> list[Any]:
    found: list[Any] = []
    for piece in pieces:
        found += decoder.feed(piece)
    return [*found, *decoder.finish()]


def _said(found: list[Any]) -> Any:
    answer = together(found, None, None)
    return answer.fault if isinstance(answer, Refused) else answer


def _check_events(found: list[Any]) -> None:
    refusals = [n for n, event in enumerate(found) if isinstance(event, Refused)]
    assert refusals in ([], [len(found) - 1]), "something comes after a refusal"
    for event in found:
        if isinstance(event, Refused):
            _check_refused(event)
        elif isinstance(event, UsageReported):
            _check_usage(event.usage)
    assert sum(isinstance(event, Finished) for event in found) <= 1
    assert sum(isinstance(event, UsageReported) for event in found) <= 1
    if refusals:
        return  # what came before it is not an answer
    calls = [event for event in found if isinstance(event, ToolCallDelta)]
    first = [event.index for event in calls if event.id is not None]
    assert first == list(range(len(first))), "calls are not counted from 0"
    assert {event.index for event in calls} <= set(first), "a piece of a call without a beginning"


def whole(data: bytes) -> None:
    """A whole answer: words, calls and usage, or a refusal."""
    if not data:
        return
    who, language = _candidate(data[0])
    answer = language.whole(who, data[1:])
    if isinstance(answer, Refused):
        _check_refused(answer)
        return
    _check_content(answer)


def _check_content(answer: Content) -> None:
    for text in (answer.text, answer.reasoning, answer.refusal):
        assert isinstance(text, str)
        text.encode()  # no halves of letters
    for call in answer.tool_calls:
        assert call.id
        assert isinstance(call.name, str)
        assert isinstance(call.arguments, str)
    if answer.usage is not None:
        _check_usage(answer.usage)


def _check_usage(usage: Usage) -> None:
    numbers = (usage.input_tokens, usage.output_tokens, usage.total_tokens)
    parts = (usage.cached_tokens, usage.reasoning_tokens, usage.audio_input_tokens)
    parts += (usage.image_input_tokens, usage.video_input_tokens)
    for number in (*numbers, *(part for part in parts if part is not None)):
        assert isinstance(number, int)
        assert 0 <= number <= 2**54, "no count of tokens"


def vectors(data: bytes) -> None:
    """An answer with vectors."""
    if not data:
        return
    who, language = _candidate(data[0])
    answer = language.vectors(who, data[1:])
    if isinstance(answer, Refused):
        _check_refused(answer)
        return
    for vector in answer.vectors:
        assert all(isinstance(number, float) for number in vector)


def _check_refused(refused: Refused) -> None:
    assert len(refused.detail) <= LINE_MAX + 200
    assert refused.detail.isprintable(), "a detail that a terminal would obey"
    assert KEY not in refused.detail, "the key comes out"
    assert refused.retry_in is None or 0 <= refused.retry_in <= YEAR
    assert refused.amount is None or 0 <= refused.amount < 10**19
    if refused.rescued is not None:
        assert isinstance(json.loads(refused.rescued), list)


def errors(data: bytes) -> None:
    """An error answer of a provider, whatever stands in its body; it may repeat the key."""
    if len(data) < 3:
        return
    who, language = _candidate(data[0])
    status = 400 + (data[1] << 8 | data[2]) % 200
    body = data[3:].replace(b"\x01KEY", KEY.encode())
    _check_refused(language.refusal(who, status, (), body))


def headers(data: bytes) -> None:
    """What the headers of an answer tell of limits and moments."""
    if len(data) < 2:
        return
    who, language = _candidate(data[0])
    names = [rule.name for rule in who.provider.headers] or ["retry-after"]
    values = data[2:].decode("latin-1").split("\n")
    told = [(names[n % len(names)], value) for n, value in enumerate(values[:40])]
    told += [("retry-after", values[0]), ("date", values[-1])]
    hints = language.hints(who, 429 if data[1] % 2 else 200, told)
    assert hints.retry_in is None or 0 <= hints.retry_in <= YEAR
    for said in hints.observations:
        assert said.limit is None or said.limit >= 0
        assert said.remaining is None or said.remaining >= 0
        assert said.reset_in is None or 0 <= said.reset_in <= YEAR


def moments(data: bytes) -> None:
    """Lengths of time and instants as providers write them."""
    text = data.decode("utf-8", "replace")
    for found in (durations.duration(text), durations.seconds(text, "seconds", 1.8e9)):
        assert found is None or 0 <= found <= YEAR
    count = durations.count(text)
    assert count is None or count >= 0
    durations.number(text)
    durations.http_date(text)


def calls(data: bytes) -> None:
    """Tool calls in fragments that are numbered, named and repeated at will."""
    who = next(one for one in candidates() if one.provider.dialect == "openai")
    language = _dialects()["openai"]
    fragments = map(_fragment, _cut(data, 3))
    lines = [b"data: " + json.dumps(one).encode() + b"\n\n" for one in fragments]
    lines.append(b'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n')
    lines.append(b"data: [DONE]\n\n")
    found = _decoded(language.decoder(who), lines)
    _check_events(found)
    assert _said(found) == _said(_decoded(language.decoder(who), [b"".join(lines)]))


def _fragment(piece: bytes) -> dict[str, Any]:
    kind, rest = piece[0], piece[1:].decode("latin-1")
    call: dict[str, Any] = {"function": {"arguments": rest}}
    if kind & 1:
        call["index"] = (kind >> 4) % 4 if kind & 8 else None
    if kind & 2:
        call["id"] = f"call_{(kind >> 5)}" if kind & 8 else ""
    if kind & 4:
        call["function"]["name"] = "f" if kind & 8 else rest[:1]
    return {"choices": [{"delta": {"tool_calls": [call] * (1 + (kind >> 7))}}]}


def saved(data: bytes) -> None:
    """Calls saved from the words of a failed generation."""
    found = rescued(data.decode("utf-8", "replace"))
    assert found is None or isinstance(json.loads(found), list)


def lists(data: bytes) -> None:
    """A provider's list of models."""
    if not data:
        return
    who, _ = _candidate(data[0])
    try:
        found, _page = listing.listed(data[1:], who.quirks)
    except ValueError:  # no list: said so by the one who asked
        return
    assert all(isinstance(one.id, str) and one.id for one in found)


def values(data: bytes) -> None:
    """JSON of strangers: read, written, and the same again."""
    try:
        value = jsontext.read(data)
    except jsontext.Unreadable:
        return
    assert jsontext.read(jsontext.write(value)) == value or value != value  # noqa: PLR0124 - NaN


def words(data: bytes) -> None:
    """A provider's words for people: one bounded line, no markup, no key."""
    text = data.decode("utf-8", "replace").replace("\x01", KEY)
    line = one_line(text, [KEY])
    assert len(line) <= LINE_MAX
    assert line.isprintable()
    assert KEY not in line


def inflated(data: bytes) -> None:
    """A compressed body: bounded, whatever it claims to become."""
    if not data:
        return
    try:
        inflate = Inflate(("gzip", "deflate", "identity", None)[data[0] % 4], bound=20_000)
        out = sum(len(inflate.feed(piece)) for piece in _cut(data[1:], 9))
    except (TooLarge, ValueError):
        return
    assert out <= 20_000


def settings(data: bytes) -> None:
    """A configuration, as text; what is wrong with it is one of our errors."""
    said = ""
    try:
        tree = parse_yaml(data.decode("utf-8", "replace"), "fuzz.yaml")
        if isinstance(tree, dict):
            load_mapping(tree, {"GROQ_API_KEY": KEY}, where="fuzz.yaml")
    except FreetierError as error:
        said = str(error)
    assert KEY not in said, "the key comes out"


def rows(data: bytes) -> None:
    """A provider as a user describes it in the catalogue's format."""
    try:
        tree = parse_yaml(data.decode("utf-8", "replace"), "fuzz.yaml")
        if isinstance(tree, dict):
            catalog.parse_provider(tree, "fuzz.yaml")
    except FreetierError:
        return


def requests(data: bytes) -> None:
    """What a caller writes in OpenAI's shape."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        if isinstance(tree, dict):
            shapes.request(tree.pop("messages", []), {str(k): v for k, v in tree.items()})
        else:
            shapes.request(tree, {})
    except FreetierError:
        return


def _answers(status: int, *, streams: bool = False) -> tuple[bytes, ...]:
    """Return recorded bodies, with a first byte that chooses their provider."""
    places = {one.provider.name: n for n, one in enumerate(candidates())}
    return tuple(
        bytes([places.get(one.provider, 0)]) + one.body
        for one in samples()
        if (one.status == 200) == (status == 200) and one.is_stream == streams
    )


def _after(count: int, seeds: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return seeds with more bytes behind their first, for targets that read several."""
    return tuple(seed[:1] + bytes(count) + seed[1:] for seed in seeds)


CONFIG = b"""\
accounts:
  - provider: groq
    id: a
    auth: {api_key: "${GROQ_API_KEY}"}
    limits: {rpm: 30, tpd: 500000}
  - {provider: mine, base_url: "http://127.0.0.1:1/v1", models: [m], free: true, daily_free: 5}
models:
  - {alias: quick, models: [{provider: groq, model: gpt-oss-20b}, {provider: mine, model: m}]}
strategy: free-first
max_wait: 60
"""
OLD_CONFIG = json.dumps(
    {
        "providers": [{"type": "groq", "apiKey": "x", "priority": 0}],
        "retry": {"maxRetries": 3, "initialBackoffMs": 10},
        "modelAliases": {"a": "llama-3.1-8b"},
    }
).encode()


def _rows_of_the_catalog() -> tuple[bytes, ...]:
    folder = Path(catalog.__file__).parent / "providers"
    return tuple(path.read_bytes()[:4000] for path in sorted(folder.glob("*.yaml"))[:6])


@cache
def targets() -> dict[str, Target]:
    """Return all targets by name."""
    language = "freetier.dialects"

    def within(names: str, package: str = language) -> tuple[str, ...]:
        return tuple(f"{package}.{name}" for name in names.split())

    asked = json.dumps(
        {
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
            "tool_choice": "auto",
            "max_tokens": 5,
        }
    ).encode()
    answers, broken = _answers(200), _answers(400)
    streams = _after(1, _answers(200, streams=True))
    found = (
        Target(name="events", run=events, modules=within("sse"), seeds=streams),
        Target(
            name="stream",
            run=stream,
            modules=within("streams openai.reader gemini.reader cohere.decode ollama.decode"),
            seeds=streams,
        ),
        Target(
            name="whole",
            run=whole,
            modules=within("openai.whole openai.finish gemini.decode gemini.reader"),
            seeds=answers,
        ),
        Target(
            name="vectors", run=vectors, modules=within("openai.texts gemini.texts"), seeds=answers
        ),
        Target(
            name="errors",
            run=errors,
            modules=within("errorbody faults told"),
            seeds=_after(2, broken),
        ),
        Target(
            name="headers",
            run=headers,
            modules=within("limits"),
            seeds=(
                b"\x00\x0130\n12\n1m3.5s\nTue, 01 Dec 2026 10:00:00 GMT",
                b"\x05\x0060\n0\n1796000000",
            ),
            longest=400,
        ),
        Target(
            name="moments",
            run=moments,
            modules=within("durations"),
            seeds=(b"1h2m3.4s", b"120ms", b"20 seconds", b"Tue, 01 Dec 2026 10:00:00 GMT", b"1e9"),
            longest=80,
        ),
        Target(
            name="calls",
            run=calls,
            modules=within("openai.calls"),
            seeds=(bytes(range(64)),),
            longest=600,
        ),
        Target(
            name="saved",
            run=saved,
            modules=within("rescue"),
            seeds=(
                b'<function=f>{"a":1}</function>',
                b'{"name":"f","arguments":{}}',
                b'[{"name":"f"}]',
            ),
        ),
        Target(
            name="lists",
            run=lists,
            modules=within("listing"),
            seeds=(b'\x00{"data":[{"id":"m"}]}', b'\x05{"models":[{"name":"models/m"}]}'),
        ),
        Target(name="values", run=values, modules=within("jsontext"), seeds=answers),
        Target(
            name="words",
            run=words,
            modules=within("words"),
            seeds=(b"<html><title>x</title>", b"key \x01 is wrong", b"Bearer abc123def456"),
        ),
        Target(
            name="inflated",
            run=inflated,
            modules=("freetier.drivers.inflate",),
            seeds=_compressed(),
        ),
        Target(
            name="settings",
            run=settings,
            modules=within("yaml_tree layers accounts limits expansion", "freetier.config"),
            seeds=(CONFIG, OLD_CONFIG),
        ),
        Target(
            name="rows",
            run=rows,
            modules=within("build checks", "freetier.catalog"),
            seeds=_rows_of_the_catalog(),
            longest=4096,
        ),
        Target(
            name="requests",
            run=requests,
            modules=within("asked messages", "freetier.shapes"),
            seeds=(asked,),
        ),
    )
    return {target.name: target for target in found}


def _compressed() -> tuple[bytes, ...]:
    import gzip
    import zlib

    return (
        b"\x00" + gzip.compress(b"x" * 100_000),
        b"\x01" + zlib.compress(b'{"a":1}' * 50),
        b"\x02plain",
    )


def folder_of_seeds(target: Target) -> Path:
    """Write a target's seeds into a new folder, as fuzzers want them."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{target.name}-"))
    for number, seed in enumerate(target.seeds):
        (folder / f"seed{number}").write_bytes(seed[: target.longest])
    return folder
