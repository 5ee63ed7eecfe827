"""A provider on loopback that costs almost nothing: `python server.py ORIGINS` prints its URLs.

Speaks as much HTTP as its clients need: requests with a `content-length`, answers with one
or in chunks. Answers are built once. It runs in a process of its own, so that its cost is
nobody's.
"""

from __future__ import annotations

import asyncio
import json
import sys

TOKENS = 16
"""Of a whole answer."""

CHUNKS = 200
"""Of a stream, a token each."""

_HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"date: Tue, 01 Dec 2026 00:00:00 GMT\r\n"
    b"server: loopback\r\n"
    b"content-type: %s\r\n"
    b"cache-control: no-store\r\n"
    b"x-request-id: req_0123456789abcdef\r\n"
)


def _words(count: int) -> list[str]:
    # numbered: some routers take a text that repeats itself for a model that has gone astray
    return [f"w{n} " for n in range(count)]


def whole() -> bytes:
    """Return a whole answer with its head."""
    text = "".join(_words(TOKENS))
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 170, "completion_tokens": TOKENS, "total_tokens": 170 + TOKENS}
    body = json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_796_083_200,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": usage,
        }
    ).encode()
    return (_HEAD % b"application/json") + b"content-length: %d\r\n\r\n" % len(body) + body


def streamed() -> list[bytes]:
    """Return a stream with its head, one piece per token."""
    frame = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}

    def piece(delta: dict[str, str], reason: str | None = None, **more: object) -> bytes:
        choices = [{"index": 0, "delta": delta, "finish_reason": reason}]
        return _chunk(b"data: " + json.dumps({**frame, "choices": choices, **more}).encode())

    usage = {"prompt_tokens": 170, "completion_tokens": CHUNKS, "total_tokens": 170 + CHUNKS}
    head = (_HEAD % b"text/event-stream") + b"transfer-encoding: chunked\r\n\r\n"
    first, *rest = [piece({"content": word}) for word in _words(CHUNKS)]
    return [head + first, *rest, piece({}, "stop", usage=usage), _chunk(b"data: [DONE]") + _END]


def _chunk(data: bytes) -> bytes:
    data += b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


_END = b"0\r\n\r\n"
_WHOLE = whole()
_STREAM = streamed()


class Provider(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._seen += data
        while True:
            head, found, rest = self._seen.partition(b"\r\n\r\n")
            length = _length(head)
            if not found or len(rest) < length:
                return
            body, self._seen = rest[:length], rest[length:]
            if b'"stream": true' in body or b'"stream":true' in body:
                for piece in _STREAM:
                    self._transport.write(piece)
            else:
                self._transport.write(_WHOLE)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def serve(origins: int) -> None:
    """Listen on so many ports until standard input ends."""
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(Provider, "127.0.0.1", 0, backlog=1024) for _ in range(origins)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(*(f"http://127.0.0.1:{port}/v1" for port in ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
