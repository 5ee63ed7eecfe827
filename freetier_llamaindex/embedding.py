"""The embeddings: LlamaIndex's hooks, each one call of the router."""

from __future__ import annotations

from typing import Any, Self

from llama_index.core.base.embeddings.base import BaseEmbedding, Embedding
from pydantic import Field

from freetier import Space
from freetier.fields import STRICT, Embeds
from freetier_llamaindex._errors import framework_errors
from freetier_llamaindex._routers import Kept
from freetier_llamaindex.events import Telling

MOST_AT_ONCE = 2048
"""Texts that LlamaIndex hands over at once, its own bound; the router makes batches of them."""


class FreeTierEmbedding(Kept, Embeds, BaseEmbedding):
    """One embedding model over all your accounts that have it.

    Texts go in batches as large as every host takes; when one fails or runs dry, another
    account goes on, always within one vector space. Queries and texts are told apart where
    the model does so.

    Args:
        model_name: A canonical embedding model or an alias of one; empty means the
            configuration's `default_embedding_model`.
        embed_batch_size: Texts that LlamaIndex hands over at once.
        dimensions: Numbers wanted in a vector, where the model can make shorter ones.
        expect_space: The `.space` an index was made in; another one is refused before
            anything is sent.
        timeout: Seconds for a whole call, however many batches it takes.
        max_retries: Attempts after the first one, for each batch.
        provider: The only provider that may answer.
        api_key: The key of that single provider; without one, keys come from the environment
            or the configuration.
        config: A configuration file, or a mapping in its shape.
        router: A router of your own; else models of one configuration share one.
        max_wait: Seconds a batch waits for quota: 0 never, `None` as long as `timeout` allows.
        priority: Larger goes first among those who wait.
        allow_paid: Whether a call may cost money.
        allow_training: False leaves out providers that train on free use.
        only, exclude: Providers, accounts or models.
        tags: Passed on to the router's listeners.
        max_cost: Dollars that one call may cost at most.
    """

    model_name: str = ""
    embed_batch_size: int = Field(default=MOST_AT_ONCE, gt=0, le=MOST_AT_ONCE)

    model_config = STRICT  # LlamaIndex's own would have the last word otherwise.

    def __init__(self, model_name: str = "", **fields: Any) -> None:
        super().__init__(**{"model_name": model_name, **fields})

    @classmethod
    def from_defaults(cls, model_name: str = "", **fields: Any) -> Self:
        """Return embeddings; the same as calling the class."""
        return cls(model_name, **fields)

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex stores it."""
        return "freetier_embedding"

    @property
    def space(self) -> Space:
        """The space of the vectors, to be kept beside an index.

        What the catalog does not say is `None` until the first vector has come.
        """
        with framework_errors():
            return self._live_router().space(self.model_name, dimensions=self.dimensions)

    def _asked(self, task: str) -> dict[str, Any]:
        return {**self._told(self.model_name, task), "listener": Telling("embedding")}

    def _vectors(self, texts: list[str], task: str) -> list[Embedding]:
        with framework_errors():
            found = self._live_router().embed(texts, **self._asked(task))
        return [list(vector) for vector in found.vectors]

    async def _avectors(self, texts: list[str], task: str) -> list[Embedding]:
        asked = self._asked(task)
        with framework_errors():
            found = await (await self._ready_router()).aembed(texts, **asked)
        return [list(vector) for vector in found.vectors]

    def _get_query_embedding(self, query: str) -> Embedding:
        return self._vectors([query], "query")[0]

    async def _aget_query_embedding(self, query: str) -> Embedding:
        return (await self._avectors([query], "query"))[0]

    def _get_text_embedding(self, text: str) -> Embedding:
        return self._vectors([text], "document")[0]

    async def _aget_text_embedding(self, text: str) -> Embedding:
        return (await self._avectors([text], "document"))[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return self._vectors(texts, "document")

    async def _aget_text_embeddings(self, texts: list[str]) -> list[Embedding]:
        return await self._avectors(texts, "document")
