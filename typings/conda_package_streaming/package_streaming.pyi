import tarfile
import zipfile
from collections.abc import Callable, Generator
from enum import Enum
from pathlib import Path
from typing import IO

class CondaComponent(Enum):
    pkg = "pkg"
    info = "info"

def tar_generator(
    fileobj: IO[bytes],
    tarfile_open: Callable[..., tarfile.TarFile] = ...,
    closefd: bool = False,
    *,
    encoding: str = "utf-8",
) -> Generator[tuple[tarfile.TarFile, tarfile.TarInfo]]: ...
def stream_conda_info(
    filename: str | Path, fileobj: IO[bytes] | None = None
) -> Generator[tuple[tarfile.TarFile, tarfile.TarInfo]]: ...
def stream_conda_component(
    filename: str | Path,
    fileobj: IO[bytes] | None = None,
    component: CondaComponent | str = ...,
    *,
    encoding: str = "utf-8",
    zf: zipfile.ZipFile | None = None,
) -> Generator[tuple[tarfile.TarFile, tarfile.TarInfo]]: ...
