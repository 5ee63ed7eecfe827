"""The chat model: LangChain's four calls, each one call of the router.

RULE: no decisions here. Failover happens inside a call, so that tools, structured output,
streams and traces see one model.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from freetier import RouteError
from freetier_langchain._batches import Batched
from freetier_langchain._chunks import awritten, is_first, written
from freetier_langchain._errors import langchain_errors
from freetier_langchain._failovers import afailures_told, atell, failures_told, tell
from freetier_langchain._messages_out import result
from freetier_langchain._request import Call, call
from freetier_langchain._settings import CHOSEN
from freetier_langchain._structured import Method, Schema, Structured, shaped
from freetier_langchain._tools import AnyTool, Choice, bound_tools
from freetier_langchain._workers import PATIENT
from freetier_langchain.budget import spend


def _bound_models() -> Any:
    """Return the kinds of models with something said beforehand; many a program has none."""
    from freetier_langchain import _bound  # noqa: PLC0415 - so that those need not load them

    return _bound


F = TypeVar("F", bound=Callable[..., Any])


def signed(method: F) -> F:
    """Return a method that carries its signature: LangChain reads it with every call."""
    method.__signature__ = signature(method)  # type: ignore[attr-defined] # as `inspect` has it
    return method


class FreeTierChatModel(Batched):
    """One chat model over all your free accounts.

    A call goes to the best account that has quota, moves on when one fails, waits when
    that is right, and says in `response_metadata` who answered.

    Args:
        model: An alias (`best`, `fast`, ...), a model's name, or `provider/model`; empty
            means the router's default model.
        temperature, top_p, seed, presence_penalty, frequency_penalty, reasoning_effort:
            Passed to the provider; `None` sends none.
        max_tokens: Bound on the answer, in tokens.
        timeout: Seconds for the whole call, fail-overs and waits included.
        max_retries: Attempts after the first one.
        stop: Texts that end an answer.
        streaming: Whether `invoke` streams as well; `False` never streams.
        model_kwargs: Parameters that only some providers know.
        provider: The only provider that may answer.
        api_key: The key of that single provider; without one, keys come from the environment
            or the configuration.
        config: A configuration file, or a mapping in its shape.
        router: A router of your own; else models of one configuration share one.
        max_wait: Seconds to wait for quota: 0 never, `None` as long as `timeout` allows.
        priority: Larger goes first among those who wait.
        allow_paid: Whether a call may cost money.
        allow_training: False leaves out providers that train on free use.
        only, exclude: Providers, accounts or models.
        route_tags: Passed on to the router's listeners.
        on_stream_break: What to do when a stream breaks after its first content.
        max_cost: Dollars that one call may cost at most.
        fetch_media: Whether media by address may be fetched, where a provider takes their content.

    Each call takes the same as arguments, by `bind`, and `model` and the routing options also in
    `config["configurable"]`; a `model` there that nobody has is left to others. Batches wait for
    quota as long as it takes unless `max_wait` is given; `CallBudget` bounds the calls of an
    agent's run.
    """

    def _call(
        self, messages: list[BaseMessage], stop: list[str] | None, given: Mapping[str, Any]
    ) -> Call:
        said = {**given, "stop": stop} if stop is not None else {**given}
        budget = said.pop("budget", None)
        chosen = self._heard(said.pop(CHOSEN, None))
        if chosen is not None:
            said.setdefault("model", chosen)
        asked = call(messages, self._own(), said, PATIENT.get())
        spend(budget)
        return asked

    @signed
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with langchain_errors(), failures_told(run_manager):
            asked = self._call(messages, stop, kwargs)
            try:
                completion = self._live_router().complete(asked.request, **asked.arguments())
            except RouteError as error:
                completion = asked.rescued(error)
            tell(completion.report, run_manager)
            return result(completion)

    @signed
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with langchain_errors():
            async with afailures_told(run_manager):
                router = await self._ready_router()
                asked = self._call(messages, stop, kwargs)
                try:
                    completion = await router.acomplete(asked.request, **asked.arguments())
                except RouteError as error:
                    completion = asked.rescued(error)
                await atell(completion.report, run_manager)
                return result(completion)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with langchain_errors(), failures_told(run_manager):
            asked = self._call(messages, stop, kwargs).streamed()
            router = self._live_router()
            with router.stream(asked.request, **asked.arguments()) as stream:
                for chunk in written(stream):
                    if is_first(chunk):
                        tell(stream.report, run_manager)
                    if run_manager is not None:
                        run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                    yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        with langchain_errors():
            async with afailures_told(run_manager):
                router = await self._ready_router()
                asked = self._call(messages, stop, kwargs).streamed()
                async with router.astream(asked.request, **asked.arguments()) as stream:
                    async for chunk in awritten(stream):
                        if is_first(chunk):
                            await atell(stream.report, run_manager)
                        if run_manager is not None:
                            await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
                        yield chunk

    def bind_tools(
        self,
        tools: Sequence[AnyTool],
        *,
        tool_choice: Choice = None,
        strict: bool | None = None,
        parallel_tool_calls: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Return the model with tools it may call.

        Args:
            tools: Functions, tools, Pydantic classes, `TypedDict`s, or dicts in the shape of
                OpenAI, Anthropic or Bedrock.
            tool_choice: `auto`, `none`, `any`, `required`, a tool's name or a vendor's dict.
            strict: Whether providers that can shall hold the arguments to the schema.
            parallel_tool_calls: Whether one answer may hold several calls.
            **kwargs: More arguments of each call, `response_format` among them.

        Raises:
            ModelMisconfigured: A tool is none, or is run by its vendor.
        """
        said = bound_tools(
            tools,
            tool_choice=tool_choice,
            strict=strict,
            parallel_tool_calls=parallel_tool_calls,
            **kwargs,
        )
        return self.bind(**said)

    def with_structured_output(
        self,
        schema: Schema | None = None,
        *,
        include_raw: bool = False,
        method: Method | None = None,
        strict: bool | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, Structured]:
        """Return a chain whose answers are objects of a schema.

        An answer that cannot be read goes on to the next candidate.

        Args:
            schema: A Pydantic class of either version, a `TypedDict`, or a JSON schema.
            include_raw: Give the message as well, and errors as values.
            method: `function_calling`, `json_schema` or `json_mode`; by default what those
                who may answer can do.
            strict: Whether providers that can shall enforce the schema.
            **kwargs: More arguments of each call.

        Raises:
            ModelMisconfigured: The method is unknown, or does not go with the rest.
        """
        return shaped(self, schema, include_raw=include_raw, method=method, strict=strict, **kwargs)

    if not TYPE_CHECKING:
        # Type checkers keep LangChain's own classes.

        def bind(self, **kwargs):  # noqa: ANN003, ANN201
            """Return the model with arguments of each call."""
            return _bound_models().BoundModel(bound=self, kwargs=kwargs, config={})

        def with_config(self, config=None, **kwargs):  # noqa: ANN001, ANN003, ANN201
            """Return the model with a configuration of each call."""
            return _bound_models().BoundModel(
                bound=self, kwargs={}, config={**(config or {}), **kwargs}
            )

        def configurable_fields(self, **kwargs):  # noqa: ANN003, ANN201
            """Return the model with fields that a call's configuration sets."""
            return _bound_models().ConfigurableModel(
                **super().configurable_fields(**kwargs).__dict__
            )

        def configurable_alternatives(self, which, **kwargs):  # noqa: ANN001, ANN003, ANN201
            """Return the model as one of several that a call's configuration chooses from."""
            made = super().configurable_alternatives(which, **kwargs)
            return _bound_models().AlternativeModel(**made.__dict__)


def chat_model(model: str = "", **settings: Any) -> FreeTierChatModel:
    """Return a chat model: `chat_model("fast")`.

    Args:
        model: An alias, a model's name, or `provider/model`; empty means the default model.
        **settings: Fields of `FreeTierChatModel`.
    """
    return FreeTierChatModel(model=model, **settings)
