"""Which proxy an address goes through, by the usual environment variables."""

from __future__ import annotations

from collections.abc import Mapping


def proxy_for(scheme: str, host: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy's URL for one origin, or None for a direct connection.

    Args:
        scheme: `http` or `https`.
        host: Without port.
        environ: Read are `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in small
            letters first, then in capitals.
    """
    proxy = _read(f"{scheme}_proxy", environ) or _read("all_proxy", environ)
    if not proxy or _bypassed(host, _read("no_proxy", environ) or ""):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _read(name: str, environ: Mapping[str, str]) -> str | None:
    return environ.get(name) or environ.get(name.upper()) or None


def _bypassed(host: str, no_proxy: str) -> bool:
    host = host.lower().strip("[]")
    if host in {"localhost", "127.0.0.1", "::1"}:
        return True
    for entry in no_proxy.lower().split(","):
        name = entry.strip().rsplit(":", 1)[0] if entry.count(":") == 1 else entry.strip()
        name = name.lstrip("*").strip("[]")
        if entry.strip() == "*":
            return True
        if name and (host == name.lstrip(".") or host.endswith("." + name.lstrip("."))):
            return True
    return False
