"""`python -m tests.ground.holder FOLDER` keeps the folder's database server as a portal does, until its input ends."""

import sys
from pathlib import Path

from portal.config import Misconfigured
from portal.ground import keeper

if __name__ == "__main__":
    try:
        with keeper.kept(Path(sys.argv[1])) as server:
            print(server.pid, flush=True)
            sys.stdin.read()
    except Misconfigured as reason:
        sys.exit(str(reason))
