"""The vendors a fake provider can speak like, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from freetier.testing.styles import (
    cerebras,
    gemini,
    gemini_openai,
    generic,
    groq,
    mistral,
    nvidia,
    openai,
    openrouter,
    others,
)
from freetier.testing.styles.form import Style

STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "groq": groq.STYLE,
        "cerebras": cerebras.STYLE,
        "openrouter": openrouter.STYLE,
        "mistral": mistral.STYLE,
        "nvidia": nvidia.STYLE,
        "openai": openai.STYLE,
        "gemini-openai": gemini_openai.STYLE,
        "gemini": gemini.STYLE,
        "generic": generic.STYLE,
        **others.STYLES,
    }
)
"""Every style by its name."""

GENERIC = generic.STYLE
