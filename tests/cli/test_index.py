"""``graphrepo index verify``: on a data directory that a server is using."""

from pathlib import Path

from tests.builders import package
from tests.cli.calls import called
from tests.registry.damage import change_rows
from tests.site import new_site


def test_what_is_served_is_what_the_rows_say_until_somebody_changes_a_row(tmp_path: Path) -> None:
    with new_site(tmp_path) as site:
        site.publish("open", package("zlib"))
        status, text = called("index", "verify", "open", "--data", str(site.data))
        assert (status, text.split(":")[-1].strip()) == (0, "no difference.")
        change_rows(site.data, "UPDATE artifact SET filename = 'other-1.0-0.conda'")
        status, text = called("index", "verify", "--data", str(site.data))
        assert status == 1
        assert "open/noarch/repodata.json: its content is not what the rows say" in text


def test_a_channel_that_is_not_there_is_named(tmp_path: Path) -> None:
    status, text = called("index", "verify", "absent", "--data", str(tmp_path))
    assert status == 1
    assert "absent" in text
