"""Who is measured: freetier with its adapters, raw httpx, and the peers.

A contender is made for one layout and one number of requests at a time, and offers what
it can: `acall`, `call`, `astream`. Each runs in a process of its own, see `worker`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import Any

PROMPT = "Say what you know about the tides, plainly and in a few words. " * 11
MESSAGES = [
    {"role": "system", "content": "You answer briefly."},
    {"role": "user", "content": PROMPT},
]
MODEL = "m"
PLENTY = 10**9

FAST = ("orjson", "httptools")
"""What the extra `fast` brings; `plain` contenders cannot see it."""


class RawHttpx:
    """One default client, its limits raised to the number of requests at a time."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        import httpx

        limits = httpx.Limits(
            max_connections=max(100, at_once), max_keepalive_connections=max(20, at_once)
        )
        self._client = httpx.Client(limits=limits)
        self._aclient = httpx.AsyncClient(limits=limits)
        self._urls = [f"{origin}/chat/completions" for origin in origins]
        self._headers = [{"authorization": f"Bearer key-{n}"} for n in range(len(origins))]
        self._body = {"model": MODEL, "messages": MESSAGES}
        self._broken: type[Exception] = httpx.TransportError
        self.failed = 0

    def _where(self, n: int) -> dict[str, Any]:
        place = n % len(self._urls)
        return {"url": self._urls[place], "headers": self._headers[place]}

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        try:
            answer = await self._aclient.post(**self._where(n), json=self._body)
        except self._broken:  # one pool over several origins now and then reads from a dead socket
            self.failed += 1
            return await self.acall(n)
        answer.raise_for_status()
        return answer.json()["choices"][0]["message"]["content"]

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        answer = self._client.post(**self._where(n), json=self._body)
        answer.raise_for_status()
        return answer.json()["choices"][0]["message"]["content"]

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token, by `aiter_lines`."""
        body = {**self._body, "stream": True}
        async with self._aclient.stream("POST", **self._where(n), json=body) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    token = json.loads(line[6:])["choices"][0]["delta"].get("content")
                    if token:
                        yield token


def freetier_config(origins: list[str]) -> dict[str, Any]:
    """Return a configuration: an account per origin, each with a minute and a day window."""
    places = sorted(set(origins))
    accounts = [
        {
            "provider": f"own{places.index(origin)}",
            "id": f"account-{n}",
            "base_url": origin,
            "auth": {"api_key": f"key-{n}"},
            "limits": [
                {"metric": "requests", "amount": PLENTY, "per": "rolling 60s"},
                {"metric": "total_tokens", "amount": PLENTY, "per": "day@UTC"},
            ],
        }
        for n, origin in enumerate(origins)
    ]
    members = [f"own{place}/m" for place in range(len(places))]
    return {"accounts": accounts, "aliases": {MODEL: members}}


class Core:
    """`Router.acomplete`, `complete` and `astream`."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        from freetier import Router

        self._router = Router(freetier_config(origins))

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        return (await self._router.acomplete(MESSAGES, model=MODEL)).text

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        return self._router.complete(MESSAGES, model=MODEL).text

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token."""
        async with self._router.astream(MESSAGES, model=MODEL) as stream:
            async for event in stream:
                text = getattr(event, "text", None)
                if text:
                    yield text


class _LangChain:
    """What chat models of LangChain share."""

    model: Any

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        return (await self.model.ainvoke(MESSAGES)).content

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        return self.model.invoke(MESSAGES).content

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token."""
        async for chunk in self.model.astream(MESSAGES):
            if chunk.content:
                yield chunk.content


class LangChain(_LangChain):
    """`FreeTierChatModel`."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        from freetier_langchain import FreeTierChatModel

        self.model = FreeTierChatModel(model=MODEL, config=freetier_config(origins))


class PeerChatOpenAI(_LangChain):
    """LangChain's own client of one account."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        from langchain_openai import ChatOpenAI

        self.model = ChatOpenAI(model=MODEL, base_url=origins[0], api_key="key-0")


class _LlamaIndex:
    """What models of LlamaIndex share."""

    model: Any

    def _messages(self) -> list[Any]:
        from llama_index.core.base.llms.types import ChatMessage

        return [ChatMessage(role=one["role"], content=one["content"]) for one in MESSAGES]

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        return (await self.model.achat(self._messages())).message.content

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        return self.model.chat(self._messages()).message.content

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token."""
        async for chunk in await self.model.astream_chat(self._messages()):
            if chunk.delta:
                yield chunk.delta


class LlamaIndex(_LlamaIndex):
    """`FreeTierLLM`."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        from freetier_llamaindex import FreeTierLLM

        self.model = FreeTierLLM(model=MODEL, config=freetier_config(origins))


class PeerOpenAILike(_LlamaIndex):
    """LlamaIndex's own client of one account."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        from llama_index.llms.openai_like import OpenAILike

        self.model = OpenAILike(
            model=MODEL, api_base=origins[0], api_key="key-0", is_chat_model=True
        )


class PeerLitellm:
    """litellm's router over the same accounts."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        import litellm

        self._router = litellm.Router(
            model_list=[
                {
                    "model_name": MODEL,
                    "litellm_params": {
                        "model": f"openai/{MODEL}",
                        "api_base": origin,
                        "api_key": f"key-{n}",
                        "rpm": PLENTY,
                        "tpm": PLENTY,
                    },
                }
                for n, origin in enumerate(origins)
            ]
        )

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        answer = await self._router.acompletion(model=MODEL, messages=MESSAGES)
        return answer.choices[0].message.content

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        answer = self._router.completion(model=MODEL, messages=MESSAGES)
        return answer.choices[0].message.content

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token."""
        stream = await self._router.acompletion(model=MODEL, messages=MESSAGES, stream=True)
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield chunk.choices[0].delta.content


class PeerFreelm:
    """freelm over the same accounts."""

    def __init__(self, origins: list[str], at_once: int) -> None:
        import freelm

        def made() -> list[Any]:
            return [
                freelm.Provider(
                    [f"key-{n}"],
                    name=f"own{n}",
                    base_url=origin,
                    models=[freelm.ModelSpec(MODEL, ("chat",))],
                    rpm=PLENTY,
                    rpd=PLENTY,
                )
                for n, origin in enumerate(origins)
            ]

        self._sync = freelm.FreeLLM(made(), persist=False)
        self._aio = freelm.AsyncFreeLLM(made(), persist=False)

    async def acall(self, n: int) -> str:
        """Answer one request in a task."""
        return (await self._aio.chat(MESSAGES, model=MODEL)).text

    def call(self, n: int) -> str:
        """Answer one request in a thread."""
        return self._sync.chat(MESSAGES, model=MODEL).text

    async def astream(self, n: int) -> AsyncIterator[str]:
        """Answer one request token by token."""
        async for token in self._aio.astream(MESSAGES, model=MODEL):
            yield token


Make = Callable[[list[str], int], Any]

CONTENDERS: dict[str, tuple[Make, str, bool]] = {
    # name: how it is made, the module it needs, whether it must do without the extra `fast`
    "httpx": (RawHttpx, "httpx", False),
    "freetier": (Core, "freetier", True),
    "freetier[fast]": (Core, "freetier", False),
    "freetier_langchain": (LangChain, "langchain_core.language_models", True),
    "freetier_langchain[fast]": (LangChain, "langchain_core.language_models", False),
    "freetier_llamaindex": (LlamaIndex, "llama_index.core.llms.function_calling", True),
    "freetier_llamaindex[fast]": (LlamaIndex, "llama_index.core.llms.function_calling", False),
    "ChatOpenAI": (PeerChatOpenAI, "langchain_openai", False),
    "OpenAILike": (PeerOpenAILike, "llama_index.llms.openai_like", False),
    "litellm.Router": (PeerLitellm, "litellm", False),
    "freelm": (PeerFreelm, "freelm", False),
}


def prepared(name: str) -> Make:
    """Load what a contender needs, hide what it must not see, and return how it is made."""
    make, needs, plain = CONTENDERS[name]
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it asks the network
    import_module(needs)
    for hidden in FAST if plain else ():
        sys.modules[hidden] = None  # type: ignore[assignment] - an import of it fails from now on
    if not plain and name.endswith("[fast]"):
        for wanted in FAST:
            import_module(wanted)
    return make
