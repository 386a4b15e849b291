"""The draw, as a pure function: from the seed and the list anybody gets the same reviewers.

The list is `{"call", "reviews", "experts": [{"code", "expertise"}], "proposals": [{"number", "category",
"excluded"}]}`, its digest SHA-256 of its canonical JSON (keys sorted, no spaces, UTF-8). For each proposal, every
expert of its category who is not excluded gets a ticket: SHA-256 of `seed|digest|proposal|code`, all in ASCII, in
hexadecimal digits. They stand in the order of their tickets; the first `reviews` of them are drawn, and whoever falls
away is followed by the next. Sorting by a keyed hash gives each order with the same chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any


def ticket(seed: str, digest: str, proposal: str, code: str) -> str:
    """An expert's ticket for a proposal, 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}|{digest}|{proposal}|{code}".encode("ascii")).hexdigest()


def order(seed: str, digest: str, content: Mapping[str, Any], proposal: Mapping[str, Any]) -> Sequence[str]:
    """The codes of the experts for a proposal of the list, in the order that was drawn."""
    excluded = frozenset(proposal["excluded"])
    codes = [
        one["code"]
        for one in content["experts"]
        if proposal["category"] in one["expertise"] and one["code"] not in excluded
    ]
    return sorted(codes, key=lambda code: (ticket(seed, digest, proposal["number"], code), code))


def orders(seed: str, digest: str, content: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """The order of experts for each proposal of the list, by its number."""
    return {one["number"]: order(seed, digest, content, one) for one in content["proposals"]}
