"""Those who grant effects: a thread, an event loop, and the one module that speaks HTTP.

RULE: a driver does what it is told and decides nothing.
"""
