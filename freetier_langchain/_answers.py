"""Reading the object out of an answer, and judging whether there is one.

A reply is judged inside the attempt, by the very parser that reads it afterwards, so that
an unreadable one goes on to the next candidate instead of to the caller. A refusal is not
unreadable: it is an answer, and raises as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.output_parsers import BaseCumulativeTransformOutputParser, JsonOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputToolsParser
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough

from freetier import Completion, FinishReason
from freetier_langchain._errors import ModelRefused
from freetier_langchain._messages_in import REFUSAL
from freetier_langchain._messages_out import answer


class AnswerParser(BaseCumulativeTransformOutputParser[Any]):
    """Reads the object out of a tool call or out of the text, whichever the answer has.

    Attributes:
        by_call: Reads tool calls; `None` if none was asked for.
        by_text: Reads texts; `None` if a call was asked for.
    """

    by_call: JsonOutputToolsParser | None = None
    by_text: JsonOutputParser | None = None

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        """Return the object, or as much of it as there is.

        Raises:
            ModelRefused: The model declined to answer.
            OutputParserException: The answer cannot be read.
        """
        message = result[0].message if isinstance(result[0], ChatGeneration) else None
        if message is not None:
            _raise_refusal(message)
        if self.by_call is not None and (self.by_text is None or _calls(message)):
            if not partial:
                _raise_unreadable(message)
            return self.by_call.parse_result(result, partial=partial)
        if self.by_text is None:
            return None
        return self.by_text.parse_result(result, partial=partial)

    def parse(self, text: str) -> Any:
        """Return the object that a text holds."""
        return self.parse_result([Generation(text=text)])

    @property
    def _type(self) -> str:
        return "freetier-answer"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Judges a finished answer; its exception sends the request to the next candidate.

    Attributes:
        name: Of the schema.
        parser: Reads the answer.
        required: Keys that an object without a class must have.
        is_lenient: Whether the caller wants an unreadable answer after all.
    """

    name: str
    parser: AnswerParser
    required: frozenset[str] = frozenset()
    is_lenient: bool = False

    def __call__(self, completion: Completion) -> None:
        """Raise what is wrong with an answer, unless it is a refusal."""
        message = answer(completion)
        try:
            parsed = self.parser.parse_result([ChatGeneration(message=message)])
        except ModelRefused:
            return
        if parsed is None:
            raise OutputParserException(f"the answer holds no {self.name}")
        if self.required:
            self._check_keys(parsed)

    def _check_keys(self, parsed: object) -> None:
        if not isinstance(parsed, Mapping):
            raise OutputParserException(f"the answer is no object, but a {type(parsed).__name__}")
        if missing := sorted(self.required - parsed.keys()):
            raise OutputParserException(f"the answer lacks {', '.join(missing)}")

    # It is part of what a cache goes by, so nothing of it may change from run to run.
    def __repr__(self) -> str:
        return f"Acceptance({self.name!r})"


def with_raw(
    model: Runnable[LanguageModelInput, AIMessage], parser: AnswerParser
) -> Runnable[LanguageModelInput, Any]:
    """Return a chain that gives the message as well, and what is wrong with it instead of raising.

    Its answers have the keys `raw`, `parsed` and `parsing_error`.
    """
    read = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=_nothing)
    unread = RunnablePassthrough.assign(parsed=_nothing)
    return RunnableMap(raw=model) | read.with_fallbacks([unread], exception_key="parsing_error")


def _nothing(_: object) -> None:
    return None


def _calls(message: BaseMessage | None) -> bool:
    return isinstance(message, AIMessage) and bool(message.tool_calls or message.invalid_tool_calls)


def _raise_unreadable(message: BaseMessage | None) -> None:
    if isinstance(message, AIMessage) and message.invalid_tool_calls and not message.tool_calls:
        call = message.invalid_tool_calls[0]
        raise OutputParserException(f"{call['name']}: {call['error']}", llm_output=call["args"])


def _raise_refusal(message: BaseMessage) -> None:
    """Raise a refusal that has come to its end."""
    reason = message.response_metadata.get("finish_reason")
    if reason is None:
        return
    text = message.additional_kwargs.get(REFUSAL)
    if text or reason == FinishReason.CONTENT_FILTER.value:
        error = ModelRefused(f"the model declined to answer: {text or reason}")
        error.raw_message = message
        raise error
