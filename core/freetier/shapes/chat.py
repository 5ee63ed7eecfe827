"""`router.chat.completions`: the router as an OpenAI client would be used."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from freetier import overrides
from freetier.errors import ConfigError
from freetier.shapes import objects
from freetier.shapes.asked import request as read
from freetier.shapes.objects import Chunks, Reading

if TYPE_CHECKING:
    from freetier.router import Router
    from freetier.streams import AsyncChatStream, ChatStream
    from freetier.values.chat import ChatRequest
    from freetier.values.options import RouteOptions
    from freetier.values.reports import RouteReport

IGNORED = frozenset({"stream_options"})
"""Usage always comes; asking for it only says where (`objects.Chunks`)."""


UNSENT = frozenset({"extra_headers", "extra_query"})
"""What OpenAI's client takes for one request, and which would be no parameter of a body."""


class Chat:
    """Holds `completions`, as OpenAI's client does."""

    def __init__(self, router: Router) -> None:
        self.completions = Completions(router)


class Completions:
    """`create` and `acreate` in OpenAI's shape.

    Parameters that OpenAI has and the router does not know are passed on to candidates of
    that dialect and listed in the report.
    """

    def __init__(self, router: Router) -> None:
        self._router = router

    def create(self, *, stream: bool = False, **given: Any) -> Any:
        """Answer one request in OpenAI's words.

        Args:
            stream: Whether to return an iterator of chunks (also a context manager).
            **given: `model`, `messages` and so on, and the router's options.

        Returns:
            A chat completion, or its stream; dicts that are read by attribute as well,
            with the route as `.report`.

        Raises:
            ConfigError: `n` is above 1, or the request cannot be sent as it stands.
            RouteError: No answer came.
        """
        chunks = _chunks(given)
        request, options = self._read(given)
        if stream:
            return ChunkStream(self._router.stream(request, options=options), chunks)
        made = self._router.complete(request, options=options)
        return objects.completion(made, int(time.time()))

    async def acreate(self, *, stream: bool = False, **given: Any) -> Any:
        """Answer one request in OpenAI's words; see `create`."""
        chunks = _chunks(given)
        request, options = self._read(given)
        if stream:
            return AsyncChunkStream(self._router.astream(request, options=options), chunks)
        made = await self._router.acomplete(request, options=options)
        return objects.completion(made, int(time.time()))

    def _read(self, given: dict[str, Any]) -> tuple[ChatRequest, RouteOptions]:
        if given.pop("n", 1) not in {None, 1}:
            raise ConfigError("only one choice per answer can be routed", where="n")
        for name in UNSENT & given.keys():
            raise ConfigError(
                "what is sent besides the body is said per account (headers)", where=name
            )
        routing = {name: given.pop(name) for name in list(given) if name in overrides.NAMES}
        kept = {name: value for name, value in given.items() if name not in IGNORED}
        kept.update(kept.pop("extra_body", None) or {})
        messages = kept.pop("messages", ())
        return read(messages, kept, extra=True), self._router.options(**routing)


def _chunks(given: Mapping[str, Any]) -> Chunks:
    """Return what makes chunks; `stream_options` say where the usage is wanted."""
    wanted = given.get("stream_options") or {}
    if not isinstance(wanted, Mapping):
        raise ConfigError("give {'include_usage': True}", where="stream_options")
    return Chunks(usage_apart=bool(wanted.get("include_usage")))


class ChunkStream:
    """A stream of OpenAI-shaped chunks, for a thread."""

    def __init__(self, stream: ChatStream, shape: Chunks) -> None:
        self._stream, self._shape = stream, shape
        self._chunks = self._read()

    def _read(self) -> Iterator[Reading]:
        for event in self._stream:
            yield from self._shape.add(event, self._stream.report, int(time.time()))

    @property
    def report(self) -> RouteReport:
        """Return the route so far."""
        return self._stream.report

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Reading:
        return next(self._chunks)

    def close(self) -> None:
        """Stop reading; the connection is let go and the quota settled now."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class AsyncChunkStream:
    """A stream of OpenAI-shaped chunks, for a task."""

    def __init__(self, stream: AsyncChatStream, shape: Chunks) -> None:
        self._stream, self._shape = stream, shape
        self._chunks = self._read()

    async def _read(self) -> AsyncIterator[Reading]:
        async for event in self._stream:
            for made in self._shape.add(event, self._stream.report, int(time.time())):
                yield made

    @property
    def report(self) -> RouteReport:
        """Return the route so far."""
        return self._stream.report

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Reading:
        return await anext(self._chunks)

    async def close(self) -> None:
        """Stop reading; the connection is let go and the quota settled now."""
        await self._stream.aclose()

    aclose = close

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()
