"""``graphrepo audit``: the log of who did what, while a server may be running."""

import json
import re
from datetime import datetime

from tests.builders import package
from tests.site import Site


def test_a_line_tells_who_did_what_when_and_where(site: Site) -> None:
    first = site.command("audit", "--channel", "open", "--since", "2020-01-01").splitlines()[-1]
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
    assert re.match(rf'{moment} the operator create_channel open revision=\d+ owner="olga"', first)


def test_a_line_tells_from_where_a_client_came(site: Site) -> None:
    site.publish("open", package("traced"))
    assert " olga upload open revision=" in (line := site.command("audit", "--limit", "1"))
    assert " from=127.0.0.1 " in line
    assert json.loads(site.command("audit", "--limit", "1", "--json"))["address"] == "127.0.0.1"


def test_programs_read_json_the_newest_first(site: Site) -> None:
    said = site.command("audit", "--action", "create_channel", "--json", "--limit", "2")
    newer, older = map(json.loads, said.splitlines())
    assert newer["id"] > older["id"]
    assert {newer["actor"], older["action"]} == {"the operator", "create_channel"}
    assert datetime.fromisoformat(newer["at"]).tzinfo


def test_filters_narrow_what_is_shown(site: Site) -> None:
    assert site.command("audit", "--actor", "nobody") == ""
    assert site.command("audit", "--until", "2000-01-01T00:00") == ""
