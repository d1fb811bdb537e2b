"""Install packages with py-rattler: a program of its own, told what to do by one JSON argument.

``{"channels", "specs", "prefix", "cache", "form", "platform"}`` → the installed files' names as a
JSON list; or the failure's text on stderr and status 1.
"""

import asyncio
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from rattler import Gateway, SourceConfig, Subdir, install, solve
from rattler.networking import Client

FORMS = {
    "as it likes": SourceConfig(),
    "zst": SourceConfig(sharded_enabled=False, bz2_enabled=False),
    "json": SourceConfig(sharded_enabled=False, bz2_enabled=False, zstd_enabled=False),
}


async def main(wish: dict[str, Any]) -> list[str]:
    client = Client.default_client(max_retries=0)
    cache = Path(wish["cache"])
    gateway = Gateway(cache / "repodata", FORMS[wish["form"]], client=client)
    platform = Subdir(wish["platform"])
    records = await solve(
        sources=wish["channels"],
        specs=wish["specs"],
        gateway=gateway,
        platforms=[platform, Subdir("noarch")],
    )
    await install(
        records,
        wish["prefix"],
        cache_dir=cache / "packages",
        platform=platform,
        show_progress=False,
        client=client,
    )
    return sorted(record.file_name for record in records)


if __name__ == "__main__":
    status = 0
    try:
        print(json.dumps(asyncio.run(main(json.loads(sys.argv[1])))), flush=True)  # noqa: T201 - its answer
    except Exception:  # noqa: BLE001 - whatever it is, the test wants to see it
        traceback.print_exc()
        status = 1
    sys.stderr.flush()
    # About one run in forty would abort in the threads of py-rattler at a normal exit.
    os._exit(status)
