"""What holds for every answer, whatever was asked."""

import httpx

ALWAYS = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "",
    "x-frame-options": "DENY",
}
NEVER_SHOWN = ("Traceback", "site-packages", "sqlalchemy", "asyncpg", ".py&#34;", "SELECT ", "litestar.")


def faults(answer: httpx.Response, *, public: bool = False) -> list[str]:
    """What is wrong with an answer: a crash, details of one, a missing security header, a page that may be kept by others."""
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    found += [f"shows {word}" for word in NEVER_SHOWN if word in answer.text]
    found += [f"no {name}" for name, start in ALWAYS.items() if not answer.headers.get(name, "-").startswith(start)]
    if not public and (answer.headers.get("cache-control"), answer.headers.get("vary")) != ("no-store", "Cookie"):
        found.append(f"may be kept: {answer.headers.get('cache-control')}, {answer.headers.get('vary')}")
    return found


def decent(answer: httpx.Response, *, public: bool = False) -> bool:
    """Whether nothing is wrong; raises with what is."""
    assert faults(answer, public=public) == [], f"{answer.request.method} {answer.request.url} → {answer.status_code}"
    return True
