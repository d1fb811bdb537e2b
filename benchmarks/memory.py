"""The memory that a render takes beyond what the server holds anyway. Linux only."""

import re
from pathlib import Path

from benchmarks.site import NotMeasuredError, Site, new_upload

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")


def extra_memory(data: Path) -> int:
    """Return by how many bytes a full render of repodata.json and its .zst raises the resident set.

    To be asked of a new process: one that has rendered before holds that memory already.
    """
    with Site(data) as site:
        site.publish(new_upload("memory", 0))  # first: whatever starts with the first request
        site.fresh("repodata_shards.msgpack.zst")
        site.publish(new_upload("memory", 1))
        site.forget("repodata.json")  # what is made of its predecessor takes next to nothing
        _FORGET.write_text("5")  # proc(5): the peak is now what is resident now
        before = _resident("VmHWM")
        site.fresh("repodata.json.zst")
        return _resident("VmHWM") - before


def _resident(field: str) -> int:
    found = re.search(rf"^{field}:\s+([0-9]+) kB$", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise NotMeasuredError(f"This system does not tell the {field} of a process; Linux does.")
    return int(found[1]) * 1024
