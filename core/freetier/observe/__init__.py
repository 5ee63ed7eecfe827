"""What watches a router from outside, each imported only by whoever asks for it.

logs          structured logs: one JSON object a line, through the standard library
otel          OpenTelemetry: spans by the GenAI conventions, and metrics; the extra `otel`
prometheus    Prometheus: what is left of every window, and counters; the extra `prometheus`

Each has `watch(router)`, which returns what ends it. None of them ever sees a prompt, an
answer or a key.
"""
