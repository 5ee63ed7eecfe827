"""Why a candidate cannot take a request at all, whatever its quota is just now.

RULE: one reason each, from a closed list; what passes here is only a question of when.
"""

from __future__ import annotations

from enum import StrEnum

from freetier.routing.amounts import amount_of
from freetier.routing.candidates import allowed
from freetier.routing.estimate import NANO, is_capped, unpriced
from freetier.routing.limits import capacity
from freetier.routing.needs import Needs
from freetier.values.accounts import Candidate
from freetier.values.models import Capability
from freetier.values.options import RouteOptions
from freetier.values.quota import Cost, Limit, Metric
from freetier.values.reports import Skipped


class Reason(StrEnum):
    """Why a candidate is left out before anything is asked of the store."""

    NOT_WANTED = "not_wanted"  # by `only` or `exclude`
    NOT_ALLOWED = "not_allowed"  # the account's own list of models
    PAID = "paid"  # without permission
    TRAINS = "trains"  # on free use, and the caller minds
    EMBEDS = "embeds"  # makes vectors, no text
    LACKS = "lacks"  # a capability
    CONTEXT = "context"  # shorter than the request
    OUTPUT = "output"  # longer than it can answer
    NEVER_FITS = "never_fits"  # one of its limits
    NO_PRICE = "no_price"  # under a spend cap
    TOO_DEAR = "too_dear"  # for the request's own cap


BY_ADDRESS = "takes no images by address (fetch_media lets them be fetched)"
COUNTS_OUTPUT = frozenset({Metric.TOTAL, Metric.OUTPUT})

Found = tuple[Reason, str] | None


def unfit(needs: Needs, options: RouteOptions, candidate: Candidate, cost: Cost) -> Skipped | None:
    """Return why a candidate cannot take a request, or `None` if it can.

    Args:
        needs: Of the request.
        options: Of the request, with the setup's defaults merged in.
        candidate: Who would answer.
        cost: What `estimate.cost_of` says of this candidate.
    """
    found = (
        _unwanted(options, candidate)
        or _forbidden(options, candidate)
        or _unable(needs, candidate)
        or _too_small(needs, candidate, cost)
        or _too_dear(needs, options, candidate, cost)
    )
    if found is None:
        return None
    reason, detail = found
    return Skipped(candidate=candidate.key, reason=reason, detail=detail)


def abilities(candidate: Candidate) -> frozenset[Capability]:
    """Return what a candidate can do once its provider's quirks are counted in."""
    able, quirks = candidate.model.capabilities, candidate.quirks
    if quirks.tool_choice in {"auto", "none"}:
        able -= {Capability.TOOL_CHOICE}
    if quirks.json_object_as_schema and Capability.JSON_SCHEMA in able:
        able |= {Capability.JSON_OBJECT}
    return able


def called(candidate: Candidate) -> set[str]:
    """Return every name that `only` and `exclude` may call a candidate by."""
    return {
        candidate.key,
        candidate.provider.name,
        candidate.account.id,
        candidate.model.id,
        candidate.model.canonical,
        f"{candidate.account.id}/{candidate.model.id}",  # its key, paid or not
    }


def _unwanted(options: RouteOptions, candidate: Candidate) -> Found:
    if options.only or options.exclude:
        names = called(candidate)
        if options.only and names.isdisjoint(options.only):
            return Reason.NOT_WANTED, "not among those the request is for"
        if not names.isdisjoint(options.exclude):
            return Reason.NOT_WANTED, "excluded by the request"
    if candidate.account.models and not allowed(candidate):
        return Reason.NOT_ALLOWED, f"not among the models of account {candidate.account.id!r}"
    return None


def _forbidden(options: RouteOptions, candidate: Candidate) -> Found:
    if not candidate.free:
        if not options.allow_paid:
            return Reason.PAID, "not known to be free, and the request may not pay (allow_paid)"
        if not candidate.account.paid_enabled:
            account = candidate.account.id
            return Reason.PAID, f"costs money, and account {account!r} may not pay (paid_enabled)"
    elif candidate.provider.trains and not options.allow_training:
        return Reason.TRAINS, "free use there may train models (allow_training)"
    return None


def _unable(needs: Needs, candidate: Candidate) -> Found:
    model = candidate.model
    if model.embeds and not needs.inputs:
        return Reason.EMBEDS, "makes embeddings, no text"
    if needs.capabilities:
        missing = needs.capabilities - abilities(candidate)
        if missing:
            return Reason.LACKS, "no " + ", ".join(sorted(missing))
    if needs.ways and needs.ways.isdisjoint(abilities(candidate)):
        return Reason.LACKS, "neither " + " nor ".join(sorted(needs.ways))
    if needs.image_urls and not candidate.quirks.image_urls:
        return Reason.LACKS, BY_ADDRESS
    if needs.max_tokens and model.max_output and needs.max_tokens > model.max_output:
        return Reason.OUTPUT, f"answers at most {model.max_output} of {needs.max_tokens} tokens"
    return None


def too_long(candidate: Candidate, cost: Cost, context: int | None) -> Skipped | None:
    """Return why a request cannot fit a context whose size the provider told."""
    if not context or cost.input_tokens < context:
        return None
    detail = f"a context of {context}, as told, for about {cost.input_tokens} tokens"
    return Skipped(candidate=candidate.key, reason=Reason.CONTEXT, detail=detail)


def _too_small(needs: Needs, candidate: Candidate, cost: Cost) -> Found:
    asked = needs.longest if needs.inputs else cost.input_tokens + (needs.max_tokens or 1)
    context = candidate.model.context
    if context and asked > context:
        return Reason.CONTEXT, f"a context of {context} for about {asked} tokens"
    for limit in candidate.limits:
        least = least_amount(limit, needs, cost)
        if limit.amount <= 0 or least > capacity(limit):
            return Reason.NEVER_FITS, _never(limit, least)
    return None


def least_amount(limit: Limit, needs: Needs, cost: Cost) -> int:
    """Return the least a request can take of a limit (decisions 6, "Can it ever fit").

    An answer the caller did not bound may be one token long, but where the provider
    charges the bound at arrival the whole charge has to fit.
    """
    if needs.inputs:
        return amount_of(limit)(cost)
    least = needs.max_tokens or (cost.output_tokens if limit.precharge else 1)
    per_token = limit.rate if limit.metric is Metric.UNITS else limit.metric in COUNTS_OUTPUT
    return amount_of(limit)(cost) - int(per_token * (cost.output_tokens - least))


def _never(limit: Limit, least: int) -> str:
    if limit.amount <= 0:
        return f"its limit of {limit.metric} is zero"
    per = limit.window.label
    return f"takes at least {least} {limit.metric}, and {capacity(limit)} is the limit ({per})"


def _too_dear(needs: Needs, options: RouteOptions, candidate: Candidate, cost: Cost) -> Found:
    if not is_capped(candidate, options):
        return None
    missing = unpriced(needs, candidate.prices)
    if missing is not None:
        return Reason.NO_PRICE, f"its price of {missing} is not known, and there is a spend cap"
    caps = (options.max_cost, candidate.account.max_daily_spend)
    cap = min(cap for cap in caps if cap is not None)
    if cost.money > cap * NANO:
        return Reason.TOO_DEAR, f"may cost {cost.money / NANO:.6f} dollars; the cap is {cap}"
    return None
