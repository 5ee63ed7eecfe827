"""Requests and answers in the shapes that people write and read: plain dicts, OpenAI's objects.

RULE: translates between values and such shapes; decides nothing and sends nothing.
"""
