"""Files found by what they are or hold, across the channels that the viewer may read."""

from collections.abc import Iterable, Sequence

from graphrepo.access.viewer import Viewer
from graphrepo.conda.path_pattern import read_path_pattern
from graphrepo.model.database import Database
from graphrepo.model.paths import paths_of
from graphrepo.registry import path_lists, selected
from graphrepo.registry.courtesy import Courtesy
from graphrepo.registry.views import ArtifactView, PackageView, Page, Window


class Search:
    """Searches for files."""

    def __init__(self, database: Database, courtesy: Courtesy) -> None:
        """Keep what the use cases need."""
        self._database = database
        self._courtesy = courtesy

    async def paths(self, viewer: Viewer, pattern: str, window: Window) -> Page[ArtifactView]:
        """Return the files that install a path; ``conda.path_pattern`` says what a pattern is.

        The newest 2,000 files that may hold it are looked at, up to 16 million characters of
        paths. Only files whose paths are kept can be found; hidden files are not.

        Raises:
            InvalidInputError: the pattern says too little, or is none.
            TooManySearchesError: a stranger searched too often.
        """
        self._courtesy.admit_search(viewer)
        read = read_path_pattern(pattern)
        return await self._database.survey(path_lists.holders, viewer, read, window)

    async def paths_of(self, artifact_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the paths that files install, of those whose paths are kept."""
        return await self._database.read(paths_of, tuple(artifact_ids))

    async def package_by_spec(
        self, viewer: Viewer, spec: str, channels: Sequence[str] | None
    ) -> PackageView | None:
        """Return the package of the first of the channels that holds a file that a spec selects.

        Without channels, all that the viewer may read are asked in the order of their names.
        Yanked and hidden files do not count.

        Raises:
            InvalidMatchSpecError: the spec is no MatchSpec with an exact name.
            TooManySearchesError: a stranger searched too often.
        """
        self._courtesy.admit_search(viewer)
        asked = selected.Asked.of(spec, channels)
        return await self._database.survey(selected.package, viewer, asked)

    async def variants_by_spec(
        self, viewer: Viewer, spec: str, channels: Sequence[str] | None, window: Window
    ) -> Page[ArtifactView]:
        """Return the files that a spec selects: by channel as above, the newest version first.

        Raises:
            InvalidMatchSpecError: the spec is no MatchSpec with an exact name.
            TooManySearchesError: a stranger searched too often.
        """
        self._courtesy.admit_search(viewer)
        asked = selected.Asked.of(spec, channels)
        return await self._database.survey(selected.variants, viewer, asked, window)
