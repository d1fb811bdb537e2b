from collections.abc import Iterable, Mapping
from typing import Any

def create(
    prefix: str,
    file_list: str | Iterable[str] | None,
    out_fn: str,
    out_folder: str | None = None,
    **options: Any,
) -> str: ...
def extract(
    fn: str,
    dest_dir: str | None = None,
    components: str | Iterable[str] | None = None,
    prefix: str | None = None,
) -> None: ...
def get_default_extracted_folder(in_file: str, abspath: bool = True) -> str | None: ...
def get_pkg_details(in_file: str) -> Mapping[str, Any]: ...
def list_contents(
    in_file: str, verbose: bool = False, components: str | Iterable[str] | None = None
) -> None: ...
def transmute(
    in_file: str, out_ext: str, out_folder: str | None = None, processes: int = 1, **options: Any
) -> Mapping[str, str]: ...
