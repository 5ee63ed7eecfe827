"""Models of one configuration share one router, so that they count together."""

from __future__ import annotations

from freetier import Router
from freetier.fields import single
from freetier_langchain import chat_model

GROQ = single("groq", "made-up")


def test_models_without_a_router_share_that_of_the_process() -> None:
    """A second model made the same way is over the same quota."""
    one, other = (chat_model("fast", config=GROQ) for _ in range(2))

    assert one._live_router() is other._live_router()
    assert one._live_router() is Router.shared(GROQ)
