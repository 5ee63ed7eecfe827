"""Decisions: which candidate, in which order, what then.

RULE: decides, never acts. Time comes in as a number, chance as a number, the world as
the answers to effects.
"""
