"""The model: LlamaIndex's eight calls, each one call of the router.

RULE: no decisions here. Failover happens inside a call, so that agents, query engines,
structured output and traces see one model.
"""

# ruff: noqa: FBT001, FBT002 - the flags stand where LlamaIndex has them

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING, Any, Self

from llama_index.core.base.llms.types import (
    ChatMessage,
    ChatResponse,
    ChatResponseAsyncGen,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseAsyncGen,
    CompletionResponseGen,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from llama_index.core.llms.llm import ToolSelection

from freetier import ConfigError, Router
from freetier.errors import kind_of
from freetier_llamaindex._calls import selections, with_one_call
from freetier_llamaindex._errors import framework_errors
from freetier_llamaindex._programs import Programs
from freetier_llamaindex._request import Asked, asked
from freetier_llamaindex._responses import Growth, as_completion, response
from freetier_llamaindex._structured import judge
from freetier_llamaindex._tools import Choice, choice_of, conversation, tool_dicts
from freetier_llamaindex.events import Telling

if TYPE_CHECKING:
    from llama_index.core.tools.types import BaseTool


class FreeTierLLM(Programs):
    """One function-calling LLM over all your free accounts.

    A call goes to the best account that has quota, moves on when one fails, waits when
    that is right, and says in `raw` who answered.

    Args:
        model: An alias (`best`, `fast`, ...), a model's name, or `provider/model`; empty
            means the router's default model.
        temperature, top_p, seed, presence_penalty, frequency_penalty, reasoning_effort:
            Passed to the provider; `None` sends none.
        max_tokens: Bound on the answer, in tokens.
        timeout: Seconds for the whole call, fail-overs and waits included.
        max_retries: Attempts after the first one.
        stop: Texts that end an answer.
        additional_kwargs: Parameters that only some providers know.
        provider: The only provider that may answer.
        api_key: The key of that single provider; without one, keys come from the environment
            or the configuration.
        config: A configuration file, or a mapping in its shape.
        router: A router of your own; else models of one configuration share one.
        max_wait: Seconds to wait for quota: 0 never, `None` as long as `timeout` allows. By
            default what the router says, a minute if nothing; where nobody said anything, a
            call of a query engine waits up to an hour, one of ingestion or of building an index
            as long as it takes. Evaluators do not say that they make many calls: give `None` to
            theirs.
        priority: Larger goes first among those who wait.
        allow_paid: Whether a call may cost money.
        allow_training: False leaves out providers that train on free use.
        only, exclude: Providers, accounts or models.
        route_tags: Passed on to the router's listeners.
        on_stream_break: What to do when a stream breaks after its first content.
        max_cost: Dollars that one call may cost at most.
        fetch_media: Whether media by address may be fetched, where a provider takes their content.
        context_window, num_output: Tokens, instead of what is known of the models.

    Each call takes the same as arguments.
    """

    def __init__(self, model: str = "", **fields: Any) -> None:
        super().__init__(model=model, **fields)

    @classmethod
    def from_defaults(cls, model: str = "", **fields: Any) -> Self:
        """Return a model; the same as calling the class."""
        return cls(model, **fields)

    def _asked(self, messages: Sequence[ChatMessage], said: dict[str, Any]) -> Asked:
        return asked(messages, self._own(), said, judge())

    def _chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        with framework_errors():
            router = self._live_router()
            call = self._asked(messages, kwargs)
            completion = router.complete(call.request, **call.told(Telling()))
        return response(completion, one_call=call.one_call)

    async def _achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        telling = Telling()
        with framework_errors():
            router = await self._ready_router()
            call = self._asked(messages, kwargs)
            completion = await router.acomplete(call.request, **call.told(telling))
        return response(completion, one_call=call.one_call)

    def _stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        with framework_errors():
            router = self._live_router()
            return self._streamed(router, self._asked(messages, kwargs), Telling())

    async def _astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        telling = Telling()
        with framework_errors():
            router = await self._ready_router()
            return self._astreamed(router, self._asked(messages, kwargs), telling)

    @staticmethod
    def _streamed(
        router: Router, call: Asked, telling: Telling
    ) -> Generator[ChatResponse, None, None]:
        growth = Growth(one_call=call.one_call)
        with (
            framework_errors(),
            router.stream(call.request, **call.told(telling)) as stream,
        ):
            for event in stream:
                if not growth.has_begun:
                    growth.begin(stream.report)
                    telling.began(stream.report)
                if (so_far := growth.add(event)) is not None:
                    try:
                        yield so_far
                    except GeneratorExit:  # whoever reads has heard enough
                        telling.answered(stream.report)
                        raise
            completion = stream.completion
        yield response(completion, one_call=call.one_call, delta="")

    @staticmethod
    async def _astreamed(
        router: Router, call: Asked, telling: Telling
    ) -> AsyncGenerator[ChatResponse, None]:
        growth = Growth(one_call=call.one_call)
        with framework_errors():
            async with router.astream(call.request, **call.told(telling)) as stream:
                async for event in stream:
                    if not growth.has_begun:
                        growth.begin(stream.report)
                        telling.began(stream.report)
                    if (so_far := growth.add(event)) is not None:
                        try:
                            yield so_far
                        except GeneratorExit:  # whoever reads has heard enough
                            telling.answered(stream.report)
                            raise
                completion = stream.completion
        yield response(completion, one_call=call.one_call, delta="")

    def _said(self, prompt: str, *, formatted: bool) -> list[ChatMessage]:
        if not isinstance(prompt, str):
            raise ConfigError(f"give a text, not {kind_of(prompt)}", where="prompt")
        if not formatted and self.completion_to_prompt is not None:
            prompt = self.completion_to_prompt(prompt)
        return [ChatMessage(role=MessageRole.USER, content=prompt)]

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation."""
        return self._chat(messages, **kwargs)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        """Answer a conversation piece by piece; each response holds everything so far."""
        return self._stream_chat(messages, **kwargs)

    @llm_chat_callback()
    async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        """Answer a conversation."""
        return await self._achat(messages, **kwargs)

    @llm_chat_callback()
    async def astream_chat(
        self, messages: Sequence[ChatMessage], **kwargs: Any
    ) -> ChatResponseAsyncGen:
        """Answer a conversation piece by piece; each response holds everything so far."""
        return await self._astream_chat(messages, **kwargs)

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        """Answer a prompt."""
        return as_completion(self._chat(self._said(prompt, formatted=formatted), **kwargs))

    @llm_completion_callback()
    def stream_complete(
        self,
        prompt: str,
        formatted: bool = False,
        **kwargs: Any,
    ) -> CompletionResponseGen:
        """Answer a prompt piece by piece; each response holds everything so far."""
        answers = self._stream_chat(self._said(prompt, formatted=formatted), **kwargs)
        return (as_completion(answer) for answer in answers)

    @llm_completion_callback()
    async def acomplete(
        self,
        prompt: str,
        formatted: bool = False,
        **kwargs: Any,
    ) -> CompletionResponse:
        """Answer a prompt."""
        messages = self._said(prompt, formatted=formatted)
        return as_completion(await self._achat(messages, **kwargs))

    @llm_completion_callback()
    async def astream_complete(
        self,
        prompt: str,
        formatted: bool = False,
        **kwargs: Any,
    ) -> CompletionResponseAsyncGen:
        """Answer a prompt piece by piece; each response holds everything so far."""
        answers = await self._astream_chat(self._said(prompt, formatted=formatted), **kwargs)
        return (as_completion(answer) async for answer in answers)

    def _prepare_chat_with_tools(  # noqa: PLR0913, PLR0917 - LlamaIndex's signature
        self,
        tools: Sequence[BaseTool],
        user_msg: str | ChatMessage | None = None,
        chat_history: list[ChatMessage] | None = None,
        verbose: bool = False,  # noqa: ARG002
        allow_parallel_tool_calls: bool = False,
        tool_required: bool = False,
        tool_choice: Choice = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Return the arguments of `chat`; the history is copied, not changed.

        Parallel calls are refused where they are not allowed, but never asked for: not
        every provider knows the word, and all that make several calls do so unasked.
        """
        with framework_errors():
            given = tool_dicts(tools)
            choice = choice_of(tool_choice or ("required" if tool_required else None), given)
        asked_for: dict[str, Any] = {"messages": conversation(user_msg, chat_history)}
        if given:
            asked_for["tools"] = given
            if choice is not None:
                asked_for["tool_choice"] = choice
            if not allow_parallel_tool_calls:
                asked_for["parallel_tool_calls"] = False
        return {**asked_for, **kwargs}

    def _validate_chat_with_tools_response(
        self,
        response: ChatResponse,
        tools: Sequence[BaseTool],  # noqa: ARG002 - LlamaIndex's signature
        allow_parallel_tool_calls: bool = False,
        **_kwargs: Any,
    ) -> ChatResponse:
        """Return the answer with one call at most, unless more are allowed."""
        if allow_parallel_tool_calls:
            return response
        return response.model_copy(update={"message": with_one_call(response.message)})

    def get_tool_calls_from_response(
        self,
        response: ChatResponse,
        error_on_no_tool_call: bool = True,
        **_kwargs: Any,
    ) -> list[ToolSelection]:
        """Return the calls of an answer, also of one that is still coming.

        Raises:
            ValueError: There are none, and that is an error.
        """
        calls = list(selections(response.message))
        if not calls and error_on_no_tool_call:
            raise ValueError("the answer calls no tool; at least one call was expected")
        return calls
