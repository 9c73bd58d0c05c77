"""One canonical form for everything that is hashed or stored, so that equal things have equal digests."""

import hashlib
import json
from typing import Any

_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def canonical(value: Any) -> str:
    """The value as JSON with sorted keys and no spaces: equal values give equal text."""
    return _canonical(value)


def digest(value: Any) -> str:
    """SHA-256, in hex, of the canonical form of a JSON value."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def digest_bytes(content: bytes) -> str:
    """SHA-256, in hex, of bytes as they are."""
    return hashlib.sha256(content).hexdigest()
