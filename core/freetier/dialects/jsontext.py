"""JSON of strangers, read without crashing; `orjson` does the work where it is installed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

COUNT_MAX = 2**53
"""Larger numbers are no counts; JSON itself is exact up to here only (RFC 8259, 6)."""


DEPTH_MAX = 100
"""Levels of nesting; no answer needs a fifth of it, and whoever walks one may recurse."""


SURELY_WHOLE, LONGEST_WHOLE = 18, 20
"""Characters of an integer: that 64 bits surely hold, and that they may hold at most."""


class Unreadable(ValueError):
    """The bytes are no JSON that we can read."""


def read(data: bytes) -> Any:  # noqa: ANN401 - this is where JSON comes in
    """Return the value of a JSON text.

    Raises:
        Unreadable: It is cut, nested too deeply, no UTF-8, or no JSON at all.
    """
    try:
        value = _fast_read(data)
    except (ValueError, RecursionError):
        value = _careful_read(data)
    if data.count(b"[") + data.count(b"{") > DEPTH_MAX and _is_deep(value):
        raise Unreadable("JSON nested too deeply")
    return value


def write(value: object) -> bytes:
    """Return a value as compact JSON in UTF-8; read-only mappings are written as objects.

    Raises:
        ValueError: It holds something that JSON cannot say.
    """
    try:
        return _fast_write(value)
    except (TypeError, ValueError, RecursionError):
        return _careful_write(value)


def as_dict(value: object) -> dict[str, Any]:
    """Return an object, or an empty one if the value is something else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Return an array, or an empty one if the value is something else."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return a text as it is, a number as it is written, anything else as an empty text."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def as_count(value: object) -> int | None:
    """Return a number of things, or `None` if the value is not one."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= COUNT_MAX else None


def read_at(text: str, start: int) -> Any:  # noqa: ANN401
    """Return the JSON value that begins at a place of a text, whatever follows it.

    Raises:
        Unreadable: None begins there.
    """
    try:
        value = _decoder.raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if _is_deep(value):
        raise Unreadable("JSON nested too deeply")
    return value


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return False
    return True


def _within(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _finite(digits: str) -> float | None:
    value = float(digits)
    return value if math.isfinite(value) else None


def _whole(digits: str) -> int | float | None:
    """Return an integer that 64 bits hold, else a float: as `orjson` reads them."""
    if len(digits) <= SURELY_WHOLE:
        return int(digits)
    value = int(digits) if len(digits) <= LONGEST_WHOLE else 1 << 64
    return value if -(1 << 63) <= value < 1 << 64 else _finite(digits)


_decoder = json.JSONDecoder(parse_float=_finite, parse_int=_whole, parse_constant=lambda _: None)
_scan = _decoder.scan_once  # type: ignore[attr-defined] # what its `decode` is made of
_BOM = b"\xef\xbb\xbf"


def _decoded(text: str) -> Any:  # noqa: ANN401
    """Return what a text says; where nothing stands around its value, without a look around."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    return value if end == len(text) else _decoder.decode(text)


def _careful_read(data: bytes) -> Any:  # noqa: ANN401
    try:
        text = data.removeprefix(_BOM).decode()
        value = _decoded(text)
        has_halves = "\\u" in text and "\\ud" in text.lower()
        return _mended(value) if has_halves else value
    except RecursionError:
        raise Unreadable("JSON nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"no JSON: {error}"[:120]) from None


def _mended(value: Any) -> Any:  # noqa: ANN401
    """Replace halves of surrogate pairs, which no UTF-8 text may hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def _plain(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain
).encode


def _careful_write(value: object) -> bytes:
    try:
        return _encode(value).encode("utf-8", "replace")
    except RecursionError:
        raise ValueError("a value nested too deeply cannot be written as JSON") from None
    except TypeError as error:
        raise ValueError(str(error)) from None


def _fastest() -> tuple[Callable[[bytes], Any], Callable[[object], bytes]]:
    try:
        import orjson  # noqa: PLC0415 - the extra `fast` may be missing
    except ImportError:
        return _careful_read, _careful_write
    foreign = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    return orjson.loads, lambda value: orjson.dumps(value, _plain, foreign)


_fast_read, _fast_write = _fastest()
