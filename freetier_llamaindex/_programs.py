"""Structured prediction in LlamaIndex's four colours, and tools where nobody can call them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any, TypeVar

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.events.llm import (
    LLMStructuredPredictEndEvent,
    LLMStructuredPredictStartEvent,
)
from llama_index.core.prompts.base import PromptTemplate
from pydantic import BaseModel

from freetier_llamaindex._settings import Settings
from freetier_llamaindex._structured import Acceptance, forced, is_by_call

if TYPE_CHECKING:
    from llama_index.core.chat_engine.types import AgentChatResponse

_dispatcher = get_dispatcher(__name__)

Model = TypeVar("Model", bound=BaseModel)
Partial = Any
"""An object of the class that is still growing, or a flexible one that holds its fields."""


class Programs(Settings):
    """What LlamaIndex builds out of a model's calls, mended where it forgets something."""

    def structured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Return an object of a class; an answer that does not fit goes to the next candidate.

        Raises:
            UnreadableAnswer: No candidate's answer fits; it is an `AllFailed` and a `ValueError`.
        """
        accept = Acceptance(output_cls, by_call=is_by_call(self))
        with accept.judging():
            found: Model = super().structured_predict(
                output_cls, prompt, dict(llm_kwargs or {}), **prompt_args
            )
        return found

    async def astructured_predict(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Model:
        """Return an object of a class; see `structured_predict`."""
        program = forced(self, output_cls, prompt)
        accept = Acceptance(output_cls, by_call=program is not None)
        said = dict(llm_kwargs or {})
        with accept.judging():
            if program is None:
                found: Model = await super().astructured_predict(
                    output_cls, prompt, said, **prompt_args
                )
                return found
            _dispatcher.event(
                LLMStructuredPredictStartEvent(
                    output_cls=output_cls, template=prompt, template_args=prompt_args
                )
            )
            found = await program.object(said, prompt_args)
        _dispatcher.event(LLMStructuredPredictEndEvent(output=found))
        return found

    def _structured_stream_call(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> Generator[Partial, None, None]:
        program = forced(self, output_cls, prompt)
        if program is None:
            return super()._structured_stream_call(output_cls, prompt, llm_kwargs, **prompt_args)
        return program.stream_call(llm_kwargs=dict(llm_kwargs or {}), **prompt_args)

    async def _structured_astream_call(
        self,
        output_cls: type[Model],
        prompt: PromptTemplate,
        llm_kwargs: dict[str, Any] | None = None,
        **prompt_args: Any,
    ) -> AsyncGenerator[Partial, None]:
        program = forced(self, output_cls, prompt)
        if program is None:
            return await super()._structured_astream_call(
                output_cls, prompt, llm_kwargs, **prompt_args
            )
        return await program.astream_call(llm_kwargs=dict(llm_kwargs or {}), **prompt_args)

    def predict_and_call(self, *args: Any, **kwargs: Any) -> AgentChatResponse:
        """Call tools; by words where no candidate can call them."""
        return super().predict_and_call(*args, **self._by_words(kwargs))

    async def apredict_and_call(self, *args: Any, **kwargs: Any) -> AgentChatResponse:
        """Call tools; by words where no candidate can call them."""
        return await super().apredict_and_call(*args, **self._by_words(kwargs))

    def _by_words(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return arguments with what LlamaIndex's way by words needs and does not make."""
        if self.metadata.is_function_calling_model:
            return kwargs
        from llama_index.core.agent.react import (  # noqa: PLC0415 - agents load slowly
            ReActChatFormatter,
            ReActOutputParser,
        )

        given = {name: value for name, value in kwargs.items() if value is not None}
        return {
            "react_chat_formatter": ReActChatFormatter(),
            "output_parser": ReActOutputParser(),
            **given,
        }
