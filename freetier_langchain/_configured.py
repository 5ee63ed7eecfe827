"""Routing options out of `config["configurable"]`, on every way into the model.

LangChain does not hand a call's configuration to the methods that answer it, so what it
says of routing becomes arguments of the call before LangChain sees it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import ensure_config

from freetier_langchain._settings import CHOSEN, Settings

CONFIGURABLE = (
    "allow_paid", "allow_training", "max_wait", "only", "exclude", "tags", "route_tags", "deadline",
    "timeout", "max_retries", "max_cost", "on_stream_break", "priority", "budget",
    "fetch_media",
)  # fmt: skip
"""Names of routing options."""


def configured(config: RunnableConfig | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call's arguments with what its configuration says of routing.

    `tags` becomes `route_tags`, because LangChain passes the tags of a run by that name. `model`
    gets a name of its own, because it may be somebody else's word.
    """
    chosen = ensure_config(config).get("configurable") or {}
    every = {**{name: chosen[name] for name in CONFIGURABLE if name in chosen}, **given}
    if isinstance(chosen.get("model"), str) and "model" not in given:
        every[CHOSEN] = chosen["model"]
    if "tags" in every:
        every["route_tags"] = every.pop("tags")
    return every


class Configured(Settings):
    """A model whose every public call reads its configuration."""

    def invoke(
        self,
        input: LanguageModelInput,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer one conversation."""
        return super().invoke(input, config, stop=stop, **configured(config, kwargs))

    async def ainvoke(
        self,
        input: LanguageModelInput,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AIMessage:
        """Answer one conversation."""
        return await super().ainvoke(input, config, stop=stop, **configured(config, kwargs))

    def stream(
        self,
        input: LanguageModelInput,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> Iterator[AIMessageChunk]:
        """Answer one conversation piece by piece."""
        return super().stream(input, config, stop=stop, **configured(config, kwargs))

    def astream(
        self,
        input: LanguageModelInput,  # noqa: A002 - LangChain's name
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[AIMessageChunk]:
        """Answer one conversation piece by piece."""
        return super().astream(input, config, stop=stop, **configured(config, kwargs))

    if not TYPE_CHECKING:
        # Type checkers keep LangChain's own overloads, one per version of the protocol.

        def stream_events(self, input, config=None, **kwargs):  # noqa: A002, ANN001, ANN003, ANN202
            """Answer one conversation event by event."""
            return super().stream_events(input, config, **configured(config, kwargs))

        def astream_events(self, input, config=None, **kwargs):  # noqa: A002, ANN001, ANN003, ANN202
            """Answer one conversation event by event."""
            return super().astream_events(input, config, **configured(config, kwargs))
