"""What searching adds to packages and files.

The fields stand here, ready made; ``Package`` and ``PackageVariant`` take them over by name.
"""

import strawberry

from graphrepo.graphql.context import Info
from graphrepo.graphql.fields import field
from graphrepo.graphql.loading import then
from graphrepo.registry.views import ArtifactView, PackageView


@field()
def similarity_score(root: strawberry.Parent[PackageView]) -> float | None:
    """How alike the name is to the text that the list is ordered by, 0 to 1; else null."""
    return root.similarity


@field(list[str] | None)
def paths(root: strawberry.Parent[ArtifactView], info: Info) -> object:
    """What the package installs, below the prefix; null where paths were not kept."""
    return then(info.context.loaders.paths, root.id, lambda paths: paths)
