"""Answers, smaller on their way to clients that can read them so.

What an answer holds and what its reader may choose in it are one reader's: no other origin can
make a browser ask, so lengths tell nobody anything (BREACH).
"""

import asyncio
import gzip
import re
from collections.abc import Mapping

_WORTH_IT = 2048  # bytes; smaller answers fit in a packet or two as they are
_LEVEL = 1
_TAKES_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)")


async def compressed(body: bytes, accept_encoding: str) -> tuple[bytes, Mapping[str, str]]:
    """Return the body as it is sent, and the headers that say how."""
    headers = {"vary": "accept-encoding"}
    if len(body) < _WORTH_IT or not _TAKES_GZIP.search(accept_encoding.lower()):
        return body, headers
    small = await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
    return small, {**headers, "content-encoding": "gzip"}
