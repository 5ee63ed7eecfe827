"""freetier: one model over several free accounts.

    from freetier import Router

    router = Router.from_env()              # every provider whose key variable is set
    answer = router.complete("Why is the sky blue?", model="fast")
    print(answer.text)
    print(answer.report)                    # who answered, who was tried, what is left

`Router` is the whole of it; the rest are the values it takes and gives, and its errors.
Names are loaded when they are first used, so that importing the package costs little.

For LangChain there is `freetier_langchain`, for LlamaIndex `freetier_llamaindex`. Beside the
names here: `freetier.testing` (fake providers and a virtual clock for tests of your own),
`freetier.observe` (logs, OpenTelemetry, Prometheus), `freetier.plots` (pictures), and the
command line, `freetier --help`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from freetier._version import __version__ as __version__

if TYPE_CHECKING:
    from freetier.errors import AllFailed as AllFailed
    from freetier.errors import ConfigError as ConfigError
    from freetier.errors import DeadlineExceeded as DeadlineExceeded
    from freetier.errors import FreetierError as FreetierError
    from freetier.errors import NoCandidate as NoCandidate
    from freetier.errors import NotAuthorised as NotAuthorised
    from freetier.errors import QuotaExhausted as QuotaExhausted
    from freetier.errors import RequestRejected as RequestRejected
    from freetier.errors import RouteError as RouteError
    from freetier.errors import StreamInterrupted as StreamInterrupted
    from freetier.errors import UnknownModel as UnknownModel
    from freetier.router import Router as Router
    from freetier.values.accounts import Secret as Secret
    from freetier.values.chat import ChatRequest as ChatRequest
    from freetier.values.chat import FinishReason as FinishReason
    from freetier.values.chat import MediaPart as MediaPart
    from freetier.values.chat import Message as Message
    from freetier.values.chat import ResponseFormat as ResponseFormat
    from freetier.values.chat import TextPart as TextPart
    from freetier.values.chat import Tool as Tool
    from freetier.values.chat import ToolCall as ToolCall
    from freetier.values.chat import ToolChoice as ToolChoice
    from freetier.values.chat import Usage as Usage
    from freetier.values.faults import Fault as Fault
    from freetier.values.options import RouteOptions as RouteOptions
    from freetier.values.reports import Completion as Completion
    from freetier.values.reports import RouteEvent as RouteEvent
    from freetier.values.reports import RouteReport as RouteReport
    from freetier.values.vectors import Space as Space

_HOMES = {
    "freetier.errors": (
        "AllFailed ConfigError DeadlineExceeded FreetierError NoCandidate NotAuthorised "
        "QuotaExhausted RequestRejected RouteError StreamInterrupted UnknownModel"
    ),
    "freetier.router": "Router",
    "freetier.values.accounts": "Secret",
    "freetier.values.chat": (
        "ChatRequest FinishReason MediaPart Message ResponseFormat TextPart Tool ToolCall "
        "ToolChoice Usage"
    ),
    "freetier.values.faults": "Fault",
    "freetier.values.options": "RouteOptions",
    "freetier.values.reports": "Completion RouteEvent RouteReport",
    "freetier.values.vectors": "Space",
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AllFailed",
    "ChatRequest",
    "Completion",
    "ConfigError",
    "DeadlineExceeded",
    "Fault",
    "FinishReason",
    "FreetierError",
    "MediaPart",
    "Message",
    "NoCandidate",
    "NotAuthorised",
    "QuotaExhausted",
    "RequestRejected",
    "ResponseFormat",
    "RouteError",
    "RouteEvent",
    "RouteOptions",
    "RouteReport",
    "Router",
    "Secret",
    "Space",
    "StreamInterrupted",
    "TextPart",
    "Tool",
    "ToolCall",
    "ToolChoice",
    "UnknownModel",
    "Usage",
    "__version__",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    home = _WHERE.get(name)
    if home is None:
        raise AttributeError(f"module 'freetier' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
