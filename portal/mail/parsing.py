"""A message (RFC 5322) taken apart. A program of its own with little memory and time: Python's parser can be made to think for hours.

`main` with FILE as argument prints one JSON object: `parts`, the type and the content (base64) of every part that is no container, and
`reports`, for each delivery status (RFC 3464) its blocks, each as header names in small letters and their values.
It needs nothing but Python's own library, and is started without the rest of the portal.
"""

import json
import resource
import sys
from base64 import b64encode
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path
from typing import Any

MEMORY = 256 << 20
SECONDS = 2


def read(content: bytes) -> dict[str, Any]:
    """What `main` prints."""
    found: dict[str, Any] = {"parts": [], "reports": []}
    for part in message_from_bytes(content, policy=compat32).walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            found["reports"].append([_headers(each) for each in blocks if isinstance(each, Message)] if isinstance(blocks, list) else [])
        elif isinstance(body := part.get_payload(decode=True), bytes):
            found["parts"].append([part.get_content_type(), b64encode(body).decode()])
    return found


def _headers(block: Message) -> dict[str, str]:
    """The first of each name counts."""
    return {name.lower(): str(value) for name, value in reversed(block.items())}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(read(Path(sys.argv[1]).read_bytes())))


if __name__ == "__main__":
    main()
