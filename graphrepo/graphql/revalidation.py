"""Answers that their reader has already: who asks the same again is told that nothing changed.

Only queries by GET, as programs ask that look for news. The answer is worked out all the same,
for this viewer and now; what is spared is its way. A browser may keep it, for itself alone, and
must ask each time before it shows it again.
"""

from blake3 import blake3

KEPT_TO_BE_ASKED_AGAIN = "private, no-cache"
"""The Cache-Control of such an answer."""


def tag_of(body: bytes) -> str:
    """Return the entity tag of an answer; a weak one, for it may be sent compressed or not."""
    return f'W/"{blake3(body).hexdigest(length=16)}"'


def is_held(tag: str, if_none_match: str) -> bool:
    """Return whether a request's If-None-Match names the tag (RFC 9110 §13.1.2)."""
    held = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return if_none_match.strip() == "*" or tag.removeprefix("W/") in held
