"""The embeddings: LangChain's four calls, each one call of the router."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from freetier import Space
from freetier.fields import Embeds
from freetier_langchain._errors import langchain_errors
from freetier_langchain._routers import Kept


class FreeTierEmbeddings(Kept, Embeds, Embeddings):
    """One embedding model over all your accounts that have it.

    Texts go in batches as large as every host takes; when one fails or runs dry, another
    account goes on, always within one vector space. Queries and documents are told apart
    where the model does so.

    Args:
        model: A canonical embedding model or an alias of one; empty means the
            configuration's `default_embedding_model`.
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

    model: str = ""

    @property
    def space(self) -> Space:
        """The space of the vectors, to be kept beside an index.

        What the catalog does not say is `None` until the first vector has come.
        """
        with langchain_errors():
            return self._live_router().space(self.model, dimensions=self.dimensions)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text, in order.

        Raises:
            RouteError: A batch found no answer; `.done` has the vectors of the texts before it.
        """
        with langchain_errors():
            found = self._live_router().embed(texts, **self._told(self.model, "document"))
        return [list(vector) for vector in found.vectors]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a query."""
        with langchain_errors():
            found = self._live_router().embed([text], **self._told(self.model, "query"))
        return list(found.vectors[0])

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text, in order; see `embed_documents`."""
        with langchain_errors():
            router = await self._ready_router()
            found = await router.aembed(texts, **self._told(self.model, "document"))
        return [list(vector) for vector in found.vectors]

    async def aembed_query(self, text: str) -> list[float]:
        """Return the vector of a query."""
        with langchain_errors():
            router = await self._ready_router()
            found = await router.aembed([text], **self._told(self.model, "query"))
        return list(found.vectors[0])
