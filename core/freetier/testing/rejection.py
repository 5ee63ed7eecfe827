"""A request that a fake provider does not take, thrown from where it is noticed."""

from __future__ import annotations


class Rejection(Exception):
    """One of the style's errors, by kind, with the facts for its words."""

    def __init__(self, kind: str, why: str, **facts: object) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why
        self.facts = facts


def bad(field: str, detail: str) -> Rejection:
    """Return the rejection of a request whose member `field` is wrong."""
    return Rejection("bad_request", f"{field}: {detail}", field=field, detail=detail)


def extra(location: list[str | int], value: object) -> Rejection:
    """Return the rejection of an unknown member."""
    field = ".".join(str(step) for step in location)
    facts = {"field": field, "location": ["body", *location], "value": value}
    return Rejection("extra_field", f"unknown member {field}", **facts)


def unknown(name: str, place: str) -> Rejection:
    """Return Google's rejection of a field that the message at a place does not have."""
    facts = {"field": name, "place": place or "request", "found": "Cannot find field."}
    return Rejection("extra_field", f"unknown field {name} at {place}", **facts)
