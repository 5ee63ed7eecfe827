"""Who it is that cannot call functions, where LlamaIndex only says that somebody cannot.

`FunctionAgent` looks at the metadata and raises `LLM must be a FunctionCallingLLM`, which our
model is by its class: what is missing is a candidate. The error leaves through LlamaIndex's
span, and there it is told.
"""

from __future__ import annotations

from freetier.fields import Chatting

_COMPLAINT = "LLM must be a FunctionCallingLLM"


def explain(error: BaseException | None) -> None:
    """Say in an agent's complaint about a model of ours which model it is, and what would help."""
    if type(error) is not ValueError or error.args != (_COMPLAINT,):
        return
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    agent = trace.tb_frame.f_locals.get("self") if trace is not None else None
    llm = getattr(agent, "llm", None)
    if isinstance(llm, Chatting):
        name = repr(llm.model) if llm.model else "the default model"
        advice = "give a model that does, or take a ReActAgent"
        error.args = (f"{_COMPLAINT}: no candidate of {name} calls functions; {advice}",)
