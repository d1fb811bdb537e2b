"""What a subdir says about its v3 records."""

import pytest

from graphrepo.conda.revisions import RevisionFacts, repodata_revisions
from graphrepo.errors import InvalidInputError


def test_counting_nothing_says_nothing() -> None:
    assert repodata_revisions(RevisionFacts.count([])) is None


def test_counting_finds_the_extremes() -> None:
    assert repodata_revisions(RevisionFacts.count([5, 3, 9], "Hello.")) == {
        "v3": {"n_packages": 3, "oldest": 3, "newest": 9, "message": "Hello."}
    }


def test_the_message_is_measured_in_bytes() -> None:
    assert repodata_revisions(RevisionFacts(1, 1, 1, "é" * 4096))
    with pytest.raises(InvalidInputError, match="has 8194 bytes; shorten it to 8192"):
        repodata_revisions(RevisionFacts(1, 1, 1, "é" * 4097))
