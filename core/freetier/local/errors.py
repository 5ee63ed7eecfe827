"""What can go wrong with the model and the embeddings on this machine.

LocalError
  PartMissing            a package of the extra `local` is not installed
  WeightsUnavailable     a model's file is not here and cannot be had, or is not the right one
  ServerFailed           the model's server did not start, or is not running
"""

from __future__ import annotations

from freetier.errors import FreetierError


class LocalError(FreetierError):
    """The root of the errors of `freetier.local`."""


class PartMissing(LocalError, ImportError):
    """A package of the extra `local` is not installed; the message says how to get it."""


class WeightsUnavailable(LocalError):
    """A model's file is missing or is not the one expected; the message says how to get it."""


class ServerFailed(LocalError):
    """The model's server did not become ready, or is not running."""
