"""notices.json: readable for conda on Python 3.10."""

import json
from datetime import UTC, datetime, timedelta, timezone

from graphrepo.conda.notices import Notice, notices

DAY = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)


def test_no_notices_are_an_empty_list() -> None:
    assert notices([]) == b'{"notices":[]}'


def test_a_notice_has_the_five_fields_of_cep_6() -> None:
    assert json.loads(notices([Notice("1", "Hello — you.", "warning", DAY, NEXT)])) == {
        "notices": [
            {
                "id": "1",
                "message": "Hello — you.",
                "level": "warning",
                "created_at": "2026-11-22T07:00:00+00:00",
                "expires_at": "2026-11-23T07:00:00+00:00",
            }
        ]
    }


def test_times_are_in_utc_and_whole_seconds() -> None:
    elsewhere = DAY.replace(microsecond=7).astimezone(timezone(timedelta(hours=2)))
    assert notices([Notice("1", "x", "info", elsewhere, NEXT)]) == notices(
        [Notice("1", "x", "info", DAY, NEXT)]
    )


def test_the_newest_comes_first() -> None:
    old = Notice("1", "old", "info", DAY, NEXT)
    new = Notice("2", "new", "critical", NEXT, NEXT)
    assert notices([old, new]) == notices([new, old])
    assert [item["message"] for item in json.loads(notices([old, new]))["notices"]] == [
        "new",
        "old",
    ]
