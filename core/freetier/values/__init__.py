"""The nouns: frozen values that every other layer speaks in.

RULE: no behaviour that needs a clock, no I/O, no imports from the rest of the package.
"""
