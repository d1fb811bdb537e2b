"""What graphrepo uses of yoyo-migrations 9."""

from yoyo.backends.base import DatabaseBackend
from yoyo.migrations import MigrationList

def get_backend(uri: str, migration_table: str = "_yoyo_migration") -> DatabaseBackend: ...
def read_migrations(*sources: str) -> MigrationList: ...
