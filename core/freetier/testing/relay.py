"""Carrying replies over HTTP; the only module of the kit that imports aiohttp."""

from __future__ import annotations

import asyncio
import json
import math
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import web

from freetier.testing.forms import error_body
from freetier.testing.provider import FakeProvider
from freetier.testing.replies import Forward, Incoming, Reply
from freetier.testing.said import Usage
from freetier.testing.upstream import usage_of

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
ABORTED = -1


class Relay:
    """Serves providers by their replies, and fetches what others answer.

    Args:
        now: tells the instant, seconds since 1970 UTC.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._client: aiohttp.ClientSession | None = None

    def route(self, provider: FakeProvider) -> Serve:
        """Return what answers a provider's requests."""

        async def serve(request: web.Request) -> web.StreamResponse:
            incoming = Incoming(
                method=request.method,
                path=request.path_qs,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
            )
            reply = provider.reply(incoming, self._now())
            try:
                await rest(reply.after)
            except asyncio.CancelledError:
                reply.close(self._now(), ABORTED, None)
                raise
            if reply.forward is not None:
                return await self._forward(provider, request, reply, reply.forward)
            if reply.broken is not None:
                return self._break(request, reply)
            return await self._send(request, reply)

        return serve

    async def close(self) -> None:
        """Let every connection upstream go."""
        if self._client is not None:
            await self._client.close()

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
        if reply.ending == "whole" and len(reply.pieces) <= 1:
            response.content_length = len(reply.body)
        sent = 0
        try:
            await response.prepare(request)
            for piece in reply.pieces:
                await rest(piece.after)
                await response.write(piece.data)
                sent += 1
        except ConnectionError:
            return response
        finally:
            reply.close(self._now(), sent, None)
        if reply.ending == "cut":
            abort(request)
        else:
            with suppress(ConnectionError):  # whoever asked has left meanwhile
                await response.write_eof()
        return response

    def _break(self, request: web.Request, reply: Reply) -> web.Response:
        transport = request.transport
        if transport is not None:
            if reply.broken == "garbage":
                transport.write(reply.body)
            else:
                raw = transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        abort(request)
        reply.close(self._now(), len(reply.pieces), None)
        return web.Response()

    async def _forward(
        self, provider: FakeProvider, request: web.Request, reply: Reply, onward: Forward
    ) -> web.StreamResponse:
        self._client = self._client or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout())
        usage, delivered = UsageReader(), ABORTED
        try:
            async with self._client.post(
                onward.url, data=onward.body, headers=onward.headers
            ) as answer:
                response = await self._pass_on(request, reply, answer, usage)
            delivered = 0
        except ConnectionError:  # the caller has left; aiohttp's own error for it is both
            return web.Response()
        except aiohttp.ClientError:
            error = error_body(provider.form, "gateway", {})
            reply.status, delivered = error.status, 0
            return web.Response(status=error.status, body=error.body, headers=dict(error.headers))
        finally:
            told = usage.total() if reply.status == web.HTTPOk.status_code else NOTHING
            reply.close(self._now(), delivered, told)
        return response

    async def _pass_on(
        self,
        request: web.Request,
        reply: Reply,
        answer: aiohttp.ClientResponse,
        usage: UsageReader,
    ) -> web.StreamResponse:
        reply.status = answer.status
        content = {"content-type": answer.headers.get("content-type", "application/json")}
        response = web.StreamResponse(
            status=answer.status, headers={**content, **dict(reply.headers)}
        )
        await response.prepare(request)
        try:
            async for chunk in answer.content.iter_any():
                usage.feed(chunk)
                await response.write(chunk)
        except ConnectionError:
            raise
        except aiohttp.ClientError:
            abort(request)  # it broke off there, so it breaks off here
            return response
        await response.write_eof()
        return response


NOTHING = Usage(prompt=0, output=0)


class UsageReader:
    """Reads the usage out of an answer or a stream that passes by."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._bytes += chunk

    def total(self) -> Usage | None:
        """Return the last usage told; None if none was."""
        told = None
        for line in bytes(self._bytes).splitlines() if self._bytes[:1] != b"{" else [self._bytes]:
            text = bytes(line).removeprefix(b"data:").strip()
            if b'"usage"' in text:
                told = usage_of(read_json(text)) or told
        return told


def read_json(text: bytes) -> object:
    """Return JSON, or None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


async def rest(seconds: float) -> None:
    """Wait so long; for ever if that is infinite."""
    if math.isinf(seconds):
        await asyncio.get_running_loop().create_future()
    elif seconds > 0:
        await asyncio.sleep(seconds)


def abort(request: web.Request) -> None:
    """Close the connection without an ending."""
    if request.transport is not None:
        request.transport.abort()
