"""Objects of a class as answers: always a forced call, judged before it is handed on.

LlamaIndex's function-calling program forces the call except when it streams, and leaves
out the system prompt when it is asynchronous; ours does neither. And an answer that does
not fit the class goes on to the next candidate instead of to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.output_parsers.pydantic import PydanticOutputParser
from llama_index.core.program.function_program import FunctionCallingProgram, get_function_tool
from llama_index.core.prompts.base import BasePromptTemplate
from llama_index.core.types import PydanticProgramMode
from pydantic import BaseModel

from freetier import errors
from freetier.values.reports import Completion
from freetier_llamaindex._calls import arguments_of
from freetier_llamaindex._errors import UnreadableAnswer, twin

Model = TypeVar("Model", bound=BaseModel)

_BY_CALL = (PydanticProgramMode.DEFAULT, PydanticProgramMode.FUNCTION)


class ForcedProgram(FunctionCallingProgram[Model]):
    """A function-calling program that is forced also where it streams."""

    async def object(self, llm_kwargs: Mapping[str, Any], prompt_args: Mapping[str, Any]) -> Model:
        """Return the object, asked for with the system prompt.

        Args:
            llm_kwargs: Arguments of the model's call.
            prompt_args: Values of the prompt's variables.
        """
        messages = self._prompt.format_messages(llm=self._llm, **prompt_args)
        reply = await self._llm.apredict_and_call(
            [get_function_tool(self._output_cls)],
            chat_history=self._llm._extend_messages(messages),  # noqa: SLF001 - as its twin does
            verbose=self._verbose,
            tool_choice=self._tool_choice,
            tool_required=True,
            **llm_kwargs,
        )
        found = self._parse_tool_outputs(reply)
        return found[0] if isinstance(found, list) else found


def forced(
    llm: FunctionCallingLLM, output_cls: type[Model], prompt: BasePromptTemplate
) -> ForcedProgram[Model] | None:
    """Return the program that asks for a class by a call, or `None` if words must do."""
    if not is_by_call(llm):
        return None
    return ForcedProgram(output_cls=output_cls, llm=llm, prompt=prompt, tool_choice="required")


def is_by_call(llm: FunctionCallingLLM) -> bool:
    """Tell whether a model is asked for an object by a call, not by words."""
    return llm.pydantic_program_mode in _BY_CALL and llm.metadata.is_function_calling_model


class Acceptance:
    """Judges a finished answer; its exception sends the request to the next candidate.

    Args:
        output_cls: What the answer must be.
        by_call: Whether it must be a tool call.
    """

    def __init__(self, output_cls: type[BaseModel], *, by_call: bool) -> None:
        self._output_cls = output_cls
        self._by_call = by_call
        self.was_refused = False

    def __call__(self, completion: Completion) -> None:
        """Raise what is wrong with an answer."""
        self.was_refused = True
        if self._by_call:
            arguments = arguments_of(completion.tool_calls)
            if arguments is None:
                raise ValueError(f"the answer holds no call of {self._output_cls.__name__}")
            self._output_cls.model_validate(arguments)
        else:
            PydanticOutputParser(output_cls=self._output_cls).parse(completion.text)
        self.was_refused = False

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Judge the answers to the calls made within; say so where none of them did.

        It does not travel among a call's arguments: those are shown in traces as JSON.
        """
        token = _JUDGE.set(self)
        try:
            yield
        except errors.AllFailed as error:
            if not self.was_refused:
                raise
            raise twin(error, UnreadableAnswer) from error
        finally:
            _JUDGE.reset(token)


_JUDGE: ContextVar[Acceptance | None] = ContextVar("judge", default=None)


def judge() -> Acceptance | None:
    """Return who judges the answers of calls made here, if anybody."""
    return _JUDGE.get()
