"""Batches that finish: few calls under way, all answered, order kept, progress told.

LangChain starts every call of an asynchronous batch at once, and few of one in threads.
Here as many are under way as keep a pool of free accounts busy, each waits for quota as
long as it takes unless its caller said how long, and failure or Ctrl-C ends the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import get_config_list

from freetier_langchain._configured import Configured
from freetier_langchain._errors import ModelMisconfigured
from freetier_langchain._workers import AT_ONCE, in_tasks, in_threads
from freetier_langchain.progress import Meter, Show

Outcome = AIMessage | Exception
Configs = RunnableConfig | Sequence[RunnableConfig] | None


class Batched(Configured):
    """A model that is asked many things at once."""

    def batch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """Answer several conversations in threads; the answers have the order of the inputs.

        Args:
            inputs: One conversation each.
            config: Of all, or one for each; `max_concurrency` bounds the calls under way.
            return_exceptions: Give errors in their places instead of raising the first one.
            **kwargs: Arguments of each call; `progress` is that of the batch: true, `tqdm`,
                `rich`, or a callable that takes a `BatchProgress`. It may stand in
                `config["configurable"]` as well.
        """
        found: list[Any] = [None] * len(inputs)
        for number, outcome in self._in_threads(inputs, config, return_exceptions, kwargs):
            found[number] = outcome
        return found

    async def abatch(
        self,
        inputs: list[LanguageModelInput],
        config: RunnableConfig | list[RunnableConfig] | None = None,
        *,
        return_exceptions: bool = False,
        **kwargs: Any,
    ) -> list[AIMessage]:
        """Answer several conversations in tasks; see `batch`."""
        found: list[Any] = [None] * len(inputs)
        async for number, outcome in self._in_tasks(inputs, config, return_exceptions, kwargs):
            found[number] = outcome
        return found

    if not TYPE_CHECKING:
        # Type checkers keep LangChain's own overloads.

        def batch_as_completed(self, inputs, config=None, *, return_exceptions=False, **kwargs):  # noqa: ANN001, ANN003, ANN202
            """Answer several conversations in threads; yields numbers and answers as they come."""
            return self._in_threads(inputs, config, return_exceptions, kwargs)

        def abatch_as_completed(self, inputs, config=None, *, return_exceptions=False, **kwargs):  # noqa: ANN001, ANN003, ANN202
            """Answer several conversations in tasks; yields numbers and answers as they come."""
            return self._in_tasks(inputs, config, return_exceptions, kwargs)

    def _in_threads(
        self,
        inputs: Sequence[LanguageModelInput],
        config: Configs,
        lenient: bool,  # noqa: FBT001 - handed on as it came
        kwargs: dict[str, Any],
    ) -> Iterator[tuple[int, Outcome]]:
        configs, show, at_once = _read(inputs, config, kwargs)

        def call(number: int) -> Outcome:
            try:
                return self.invoke(inputs[number], configs[number], **kwargs)
            except Exception as error:
                if lenient:
                    return error
                raise

        outcomes = in_threads(len(inputs), call, at_once)
        with Meter(show, len(inputs)) as meter, closing(outcomes):
            for number, outcome in outcomes:
                meter.count(outcome)
                yield number, outcome

    async def _in_tasks(
        self,
        inputs: Sequence[LanguageModelInput],
        config: Configs,
        lenient: bool,  # noqa: FBT001 - handed on as it came
        kwargs: dict[str, Any],
    ) -> AsyncIterator[tuple[int, Outcome]]:
        configs, show, at_once = _read(inputs, config, kwargs)

        async def call(number: int) -> Outcome:
            try:
                return await self.ainvoke(inputs[number], configs[number], **kwargs)
            except Exception as error:
                if lenient:
                    return error
                raise

        outcomes = in_tasks(len(inputs), call, at_once)
        with Meter(show, len(inputs)) as meter:
            async with aclosing(outcomes):
                async for number, outcome in outcomes:
                    meter.count(outcome)
                    yield number, outcome


def _read(
    inputs: Sequence[LanguageModelInput], config: Configs, kwargs: dict[str, Any]
) -> tuple[list[RunnableConfig], Show, int]:
    """Return the configuration of each call, who is shown the progress, and how many go at once.

    `progress` is taken out of the arguments of the calls.

    Raises:
        ModelMisconfigured: `max_concurrency` is no number of calls.
    """
    configs = get_config_list(config, len(inputs))
    first = configs[0] if configs else RunnableConfig()
    chosen = first.get("configurable") or {}
    at_once = first.get("max_concurrency") or AT_ONCE
    if at_once < 1:
        raise ModelMisconfigured(
            f"at least one call has to be under way, not {at_once}", where="max_concurrency"
        )
    return configs, kwargs.pop("progress", chosen.get("progress")), at_once
