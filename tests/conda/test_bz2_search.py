"""The search for metadata through a ``.tar.bz2``."""

import bz2
import io

import pytest

from graphrepo.conda.archive import read_info
from graphrepo.conda.limits import Limits
from graphrepo.errors import ArchiveLimitError, InvalidArchiveError
from tests.builders import bz2_file, package, tar
from tests.conda.archives import INDEX, info_of, plain, tar_of

LARGE = {"lib/large": bytes(4000)}
NARROW = Limits(scan_bytes=4000, scan_ratio=1)


def test_metadata_is_found_far_behind_the_files_it_describes() -> None:
    late = bz2_file({**LARGE, **INDEX})
    assert info_of(late, "tar.bz2", Limits(scan_bytes=4000, scan_ratio=100)).index_json == b"{}"
    with pytest.raises(ArchiveLimitError, match="pack info/ first"):
        info_of(late, "tar.bz2", NARROW)


def test_the_search_ends_where_info_is_over_and_the_rest_is_large() -> None:
    early = bz2_file({**INDEX, **LARGE, "lib/more": bytes(10_000)})
    assert info_of(early, "tar.bz2", NARROW).index_json == b"{}"


def test_the_search_goes_on_while_that_is_cheap() -> None:
    data = bz2.compress(tar_of(plain("info/index.json"), plain("a"), plain("info/index.json")))
    with pytest.raises(InvalidArchiveError, match="two"):
        info_of(data, "tar.bz2")
    assert info_of(data, "tar.bz2", Limits(scan_bytes=1500)).index_json == b"{}"


def test_the_search_ends_before_the_members_are_too_many() -> None:
    files = {f"lib/{number}": b"" for number in range(50)}
    assert info_of(bz2_file({**INDEX, **files}), "tar.bz2", Limits(members=20)).index_json == b"{}"
    with pytest.raises(ArchiveLimitError, match="more than 20 members"):
        info_of(bz2_file({**files, **INDEX}), "tar.bz2", Limits(members=20))


def test_a_cut_is_noticed_where_the_search_ended_early() -> None:
    early = bz2_file({**INDEX, "lib/large": bytes(range(256)) * 400})
    assert info_of(early, "tar.bz2", NARROW)
    for missing in (1, 4, 10, 100):
        with pytest.raises(InvalidArchiveError, match="cut off"):
            info_of(early[:-missing], "tar.bz2", NARROW)


def test_a_package_of_several_bzip2_streams_is_read() -> None:
    archive = tar({**INDEX, "info/files": b"a"})
    data = bz2.compress(archive[:900]) + bz2.compress(archive[900:])
    assert info_of(data, "tar.bz2").files == b"a"


def test_a_disk_error_is_not_the_fault_of_the_package() -> None:
    class FailingDisk(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if size is not None and size > 1000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        read_info(FailingDisk(package("a", extension="tar.bz2").data), "tar.bz2", Limits())
