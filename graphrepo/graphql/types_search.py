"""What searching adds to packages and files.

The fields stand here, ready made; ``Package`` and ``PackageVariant`` take them over by name.
"""

import strawberry

from graphrepo.graphql.fields import field, related
from graphrepo.registry.views import PackageView


@field()
def similarity_score(root: strawberry.Parent[PackageView]) -> float | None:
    """How alike the name is to the text that the list is ordered by, 0 to 1; else null."""
    return root.similarity


@related(list[str] | None, "paths")
def paths(found: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """What the package installs, below the prefix; null where paths were not kept."""
    return found
