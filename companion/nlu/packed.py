"""The weights of the learned models, as a language pack has them: small whole numbers in one long word."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np

SCALE = 8.0  # steps to one: log odds need no finer ones
MOST = 127

Weights = np.ndarray[Any, np.dtype[np.int8]]


def pack(weights: np.ndarray[Any, Any]) -> str:
    """Base64 of zlib of signed bytes, row by row."""
    stored = np.clip(np.round(weights * SCALE), -MOST, MOST).astype(np.int8)
    return base64.b64encode(zlib.compress(stored.tobytes(), 9)).decode()


def unpack(packed: str, rows: int, file: str) -> Weights:
    """The weights times ``SCALE``, shape (rows, columns). Raises ``ValueError`` naming the file."""
    try:
        stored = np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype=np.int8)
    except (ValueError, zlib.error) as error:
        raise ValueError(f"{file}: the weights cannot be read ({error}); make it anew") from error
    if len(stored) % rows:
        raise ValueError(f"{file}: the weights do not fit what they are for; make it anew")
    return stored.reshape(rows, -1)
