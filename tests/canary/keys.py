"""Keys of several shapes, none of them real, and the providers that they belong to."""

from __future__ import annotations

KEYS = {
    "groq": "gsk_Q7w9Zt4Kp2Lx8Vb6Nm3Hd5Rj1Fs0Gc7Ya",
    "openrouter": "sk-or-v1-4f6c1d9ab27e803f5562c8e1977d0ab34e6f9c2d81b7a05f",
    "gemini": "AIzaSyD9kQ2mZr7TfXw4Vb8LcNp1HjEo6Ua3GyS",
    "mistral": "Zk8PqLm2XvR7TnB4WcY9HsJd3FgUa6Eo",
    "cerebras": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.k7Xz9Qw2",
    "nvidia": "nvapi-p+a/s=s:w0rd&signs?x=1#88%41~tail",
    "cohere": "k3yT0-9f2aQz",
}
"""By provider; one is a JWT, one is full of signs, one is short."""

REDIS_PASSWORD = "redis-canary-77c1f0aa92"
POSTGRES_PASSWORD = "postgres-canary-5b10e4dd3c"
ALL = (*KEYS.values(), REDIS_PASSWORD, POSTGRES_PASSWORD)
