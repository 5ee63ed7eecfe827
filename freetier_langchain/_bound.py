"""Models with something said beforehand, which stays said when tools or a shape are added.

What LangChain's own `bind`, `with_config`, `configurable_fields` and `configurable_alternatives`
return hands `bind_tools` and `with_structured_output` to the bare model: an
`allow_training=False` that was said before would be lost without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.runnables.configurable import (
    RunnableConfigurableAlternatives,
    RunnableConfigurableFields,
)

from freetier_langchain._structured import Schema, Structured, shaped
from freetier_langchain._tools import AnyTool, bound_tools

Model = Runnable[LanguageModelInput, AIMessage]
Shaped = Runnable[LanguageModelInput, Structured]

_OF_THE_ANSWER = frozenset(
    {
        "tools", "tool_choice", "parallel_tool_calls", "response_format", "accept",
        "ls_structured_output_format",
    }
)  # fmt: skip
"""Arguments that say what an answer is; a shape takes their place."""


# Pydantic's plugin sees the field `kwargs` and `**kwargs` in one signature.
class BoundModel(RunnableBinding[LanguageModelInput, AIMessage]):  # type: ignore[no-redef]
    """A model with arguments or a configuration of its own."""

    @classmethod
    def lc_id(cls) -> list[str]:
        """Return the name that stored chains have: LangChain's own."""
        return [*cls.get_lc_namespace(), RunnableBinding.__name__]

    def bind_tools(self, tools: Sequence[AnyTool], **said: Any) -> Model:
        """Return the model with tools, and with what was said before."""
        return self.bind(**bound_tools(tools, **said))

    def with_structured_output(self, schema: Schema | None = None, **said: Any) -> Shaped:
        """Return a chain whose answers are objects, asked for with what was said before."""
        kept = {name: value for name, value in self.kwargs.items() if name not in _OF_THE_ANSWER}
        return shaped(self.model_copy(update={"kwargs": kept}), schema, **said)


# With its types filled in, Pydantic would build the model anew, as an abstract one.
class ConfigurableModel(RunnableConfigurableFields):  # type: ignore[type-arg]
    """A model whose fields a call's configuration sets."""

    @classmethod
    def lc_id(cls) -> list[str]:
        """Return the name that stored chains have: LangChain's own."""
        return [*cls.get_lc_namespace(), RunnableConfigurableFields.__name__]

    def bind(self, **said: Any) -> Model:
        """Return the model with arguments; its fields stay configurable."""
        return BoundModel(bound=self, kwargs=said, config={})

    def bind_tools(self, tools: Sequence[AnyTool], **said: Any) -> Model:
        """Return the model with tools; its fields stay configurable."""
        return self.bind(**bound_tools(tools, **said))

    def with_structured_output(self, schema: Schema | None = None, **said: Any) -> Shaped:
        """Return a chain whose answers are objects; the model's fields stay configurable."""
        return shaped(self, schema, **said)


class AlternativeModel(RunnableConfigurableAlternatives):  # type: ignore[type-arg]
    """A model in whose place a call's configuration may put another, of any make."""

    @classmethod
    def lc_id(cls) -> list[str]:
        """Return the name that stored chains have: LangChain's own."""
        return [*cls.get_lc_namespace(), RunnableConfigurableAlternatives.__name__]

    def bind(self, **said: Any) -> Model:
        """Return the choice with arguments for each."""
        return self._each(lambda model: model.bind(**said))

    def bind_tools(self, tools: Sequence[AnyTool], **said: Any) -> Model:
        """Return the choice with tools for each."""
        return self._each(lambda model: model.bind_tools(tools, **said))

    def with_structured_output(self, schema: Schema | None = None, **said: Any) -> Shaped:
        """Return the choice between chains whose answers are objects."""
        return self._each(lambda model: model.with_structured_output(schema, **said))

    def _each(self, change: Callable[[Any], Any]) -> Runnable[LanguageModelInput, Any]:
        """Return the same choice between other things; what is made late is changed late."""

        def changed(made: Any) -> Any:
            return change(made) if isinstance(made, Runnable) else lambda: change(made())

        others = {name: changed(made) for name, made in self.alternatives.items()}
        return type(self)(
            **{**self.__dict__, "default": change(self.default), "alternatives": others}
        )
