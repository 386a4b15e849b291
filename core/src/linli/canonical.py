"""One form of what can be written in many, so that what is equal has one digest."""

from __future__ import annotations

import json
import unicodedata


def canonical_json(content: object) -> bytes:
    """JSON in one form only: keys sorted, no spaces, UTF-8. Raises: TypeError for what has no JSON."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def folded(text: str) -> str:
    """A number or reference without its spaces, whatever its width and case. Source: Unicode NFKC, case folding."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
