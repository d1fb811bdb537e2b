import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

class CondaTarFile(tarfile.TarFile):
    info_tar: tarfile.TarFile

def anonymize(tarinfo: tarfile.TarInfo) -> tarfile.TarInfo: ...
def conda_builder(
    stem: str,
    path: str | Path,
    *,
    compression_level: int | None = None,
    compression_threads: int | None = None,
    is_info: Callable[[str], bool] = ...,
    encoding: str = "utf-8",
) -> AbstractContextManager[CondaTarFile]: ...
