"""What a request costs before it is sent, and what it cost after."""

from __future__ import annotations

from math import ceil

from freetier.routing.lengths import Lengths
from freetier.routing.limits import capacity
from freetier.routing.needs import Needs
from freetier.values.accounts import Candidate
from freetier.values.chat import Usage
from freetier.values.models import Prices
from freetier.values.options import RouteOptions
from freetier.values.quick import maker
from freetier.values.quota import Cost, Metric

_cost = maker(Cost)

NANO = 1_000_000_000
ROOMY = 2048
"""Tokens of a bound that the caller did not ask for: it cuts answers, so it is well above
what most of them take (`DEFAULT_OUTPUT` would cut every tenth)."""

UNBOUNDED = 2**31


def cost_of(
    needs: Needs,
    candidate: Candidate,
    lengths: Lengths,
    options: RouteOptions | None = None,
) -> Cost:
    """Estimate what a request takes of one candidate (decisions 6, Estimates).

    Output is the caller's bound, else what this model's answers usually take; at most
    the model's maximum and what the tightest token window can hold beside the prompt.

    Args:
        needs: Of the request.
        candidate: Who would answer.
        lengths: What is known of its model.
        options: Of the request; a spend cap among them puts a bound on the output.
    """
    prompt = prompt_tokens(needs, candidate, lengths)
    if needs.inputs:
        return _cost_of_texts(needs, candidate, prompt)
    usual = needs.max_tokens or lengths.output(candidate)
    if needs.max_tokens is None and is_bounded(candidate, options):
        usual = max(ROOMY, 2 * usual)
    output = max(1, min(usual, _room(candidate, prompt)))
    money = 0
    if not candidate.free or _counts_money(candidate):
        media = 2 * needs.media_tokens
        bound = max(prompt, needs.text_bound + needs.thought_tokens + media)
        money = _price(candidate.prices, needs, bound, output)
    return _cost(input_tokens=prompt, output_tokens=output, money=money)


def _cost_of_texts(needs: Needs, candidate: Candidate, prompt: int) -> Cost:
    """Return what texts take that become vectors: there is no output."""
    money = 0
    if not candidate.free or _counts_money(candidate):
        per_token = input_price(candidate.prices, vectors=True) or 0.0
        money = nano(max(prompt, needs.text_bound) * per_token)
    return _cost(input_tokens=prompt, inputs=needs.inputs, money=money)


def input_price(prices: Prices, *, vectors: bool) -> float | None:
    """Return dollars per token of text; vectors may have a price of their own."""
    if vectors and prices.embedding_input is not None:
        return prices.embedding_input
    return prices.input


def prompt_tokens(needs: Needs, candidate: Candidate, lengths: Lengths) -> int:
    """Return the tokens of the prompt as this candidate will count them."""
    estimated = needs.text_tokens
    if needs.thought_tokens and candidate.quirks.replay_reasoning:
        estimated += needs.thought_tokens
    return lengths.prompt(candidate, estimated) + needs.media_tokens


def is_bounded(candidate: Candidate, options: RouteOptions | None) -> bool:
    """Tell whether the output must be bounded although the caller sets no bound.

    So it is where the provider charges a bound at arrival, and under a spend cap.
    """
    return any(limit.precharge for limit in candidate.limits) or is_capped(candidate, options)


def is_capped(candidate: Candidate, options: RouteOptions | None) -> bool:
    """Tell whether the request costs money of which there is a known end."""
    if candidate.free:
        return False
    per_request = options is not None and options.max_cost is not None
    return per_request or candidate.account.max_daily_spend is not None


def bound_of(
    needs: Needs, candidate: Candidate, cost: Cost, options: RouteOptions | None = None
) -> int | None:
    """Return the output bound that must be sent although the caller set none, or `None`."""
    if needs.inputs or needs.max_tokens is not None or not is_bounded(candidate, options):
        return None
    return cost.output_tokens


def actual(usage: Usage, candidate: Candidate, estimate: Cost) -> Cost:
    """Return what a request really took, as the provider reported it.

    Tokens that are in the total and in neither part are thoughts, hence output. A
    usage of nothing at all leaves the estimate.
    """
    output = max(usage.output_tokens, usage.total_tokens - usage.input_tokens)
    if not usage.input_tokens and not output:
        return estimate
    return _cost(
        input_tokens=usage.input_tokens,
        output_tokens=output,
        cached_tokens=usage.cached_tokens or 0,
        requests=estimate.requests,
        inputs=estimate.inputs,
        money=spent(usage, candidate, output) if estimate.money else 0,
    )


def spent(usage: Usage, candidate: Candidate, output: int) -> int:
    """Return the price of an answer in nano-dollars, rounded up.

    A modality without a price of its own costs what text does.
    """
    prices = candidate.prices
    text = input_price(prices, vectors=candidate.model.embeds) or 0.0
    left, dollars = usage.input_tokens, output * (prices.output or 0.0)
    for told, price in (
        (usage.audio_input_tokens, prices.audio_input),
        (usage.image_input_tokens, prices.image_input),
        (usage.video_input_tokens, prices.video_input),
    ):
        if told and price is not None:
            part = min(told, left)
            left -= part
            dollars += part * price
    return nano(dollars + left * text)


def nano(dollars: float) -> int:
    """Return dollars as nano-dollars, rounded up but for what a float cannot tell apart."""
    return ceil(round(dollars * NANO, 3))


def unpriced(needs: Needs, prices: Prices) -> str | None:
    """Return what a request would use and nobody priced, or `None` if all is priced."""
    if needs.inputs:
        return None if input_price(prices, vectors=True) is not None else "embedding_input"
    used = {
        "input": 1,
        "output": 1,
        "image_input": needs.image_tokens,
        "audio_input": needs.audio_tokens,
        "video_input": needs.video_tokens,
    }
    return next((k for k, n in used.items() if n and getattr(prices, k) is None), None)


def _price(prices: Prices, needs: Needs, bound: int, output: int) -> int:
    """Return the price of an upper bound of the prompt and of the output."""
    dearest = [prices.input]
    if needs.media_tokens:
        dearest += [prices.image_input, prices.audio_input, prices.video_input]
    per_token = max((price for price in dearest if price is not None), default=0.0)
    return nano(bound * per_token + output * (prices.output or 0.0))


def _counts_money(candidate: Candidate) -> bool:
    return any(limit.metric is Metric.MONEY for limit in candidate.limits)


def _room(candidate: Candidate, prompt: int) -> int:
    """Return the largest output that the model and every token window can hold."""
    model = candidate.model
    room = model.max_output or UNBOUNDED
    if model.context:
        room = min(room, model.context - prompt)
    for limit in candidate.limits:
        if limit.metric is Metric.TOTAL:
            room = min(room, capacity(limit) - prompt)
        elif limit.metric is Metric.OUTPUT:
            room = min(room, capacity(limit))
    return room
