"""Entities read as typed classes: ``name = Required(str)`` gives ``channel.name: str``.

On the class itself an attribute is its descriptor, for ``order_by(orm.desc(Channel.name))``.
A related entity named by a string is ``Any``; named by a class, or by a lambda where the class
comes later in the file, it keeps its type. Lambdas and generators in queries are checked as
the Python that they are, although Pony translates them to SQL.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, TracebackType
from typing import (
    Any,
    Generic,
    Literal,
    Protocol,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    Unpack,
    overload,
)

from pony.orm.dbapiprovider import (
    DatabaseError,
    DataError,
    DBAPIProvider,
    DBException,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,
)

__all__ = [
    "BindingError",
    "CommitException",
    "ConnectionClosedError",
    "ConstraintError",
    "DBException",
    "DBSchemaError",
    "DataError",
    "Database",
    "DatabaseError",
    "DatabaseSessionIsOver",
    "ERDiagramError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "IsolationError",
    "MappingError",
    "MultipleObjectsFoundError",
    "MultipleRowsFound",
    "NotSupportedError",
    "ObjectNotFound",
    "OperationWithDeletedObjectError",
    "OperationalError",
    "OptimisticCheckError",
    "Optional",
    "OrmError",
    "PrimaryKey",
    "ProgrammingError",
    "Required",
    "RollbackException",
    "RowNotFound",
    "Set",
    "TableDoesNotExist",
    "TransactionError",
    "TransactionIntegrityError",
    "UnexpectedError",
    "UnrepeatableReadError",
    "Warning",
    "avg",
    "between",
    "coalesce",
    "commit",
    "composite_index",
    "composite_key",
    "concat",
    "count",
    "db_session",
    "delete",
    "desc",
    "distinct",
    "exists",
    "flush",
    "get",
    "group_concat",
    "left_join",
    "max",
    "min",
    "raw_sql",
    "rollback",
    "select",
    "set_sql_debug",
    "sql_debugging",
    "sum",
]

_T = TypeVar("_T")
_V = TypeVar("_V")
_E = TypeVar("_E")
_F = TypeVar("_F", bound=Callable[..., Any])

# Attributes

class AttributeOptions(TypedDict, total=False):
    auto: bool
    cascade_delete: bool
    column: str
    columns: list[str]
    default: object
    fk_name: str
    hidden: bool
    index: bool | str
    lazy: bool
    max: float
    max_len: int
    min: float
    optimistic: bool
    precision: int
    py_check: Callable[[Any], bool]
    reverse: str | Attribute[Any]
    reverse_index: bool | str
    scale: int
    size: Literal[8, 16, 24, 32, 64]
    sql_default: str | bool
    sql_type: str
    unique: bool | str
    unsigned: bool
    volatile: bool

class Attribute(Generic[_T]):
    name: str
    column: str | None
    columns: list[str]
    nullable: bool | None
    py_type: type[Any]
    is_required: bool
    is_unique: bool | None
    @property
    def asc(self) -> Attribute[_T]: ...
    @property
    def desc(self) -> DescWrapper: ...
    @overload
    def __get__(self, obj: None, cls: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, obj: object, cls: type[Any] | None = None) -> _T: ...
    def __set__(self, obj: object, value: _T) -> None: ...

class DescWrapper:
    attr: Attribute[Any]

class Required(Attribute[_T]):
    @overload
    def __init__(
        self: Required[Any], entity: str, /, **options: Unpack[AttributeOptions]
    ) -> None: ...
    @overload
    def __init__(
        self,
        py_type: type[_T] | Callable[[], type[_T]],
        /,
        *size: int,
        **options: Unpack[AttributeOptions],
    ) -> None: ...

class PrimaryKey(Attribute[_T]):
    @overload
    def __init__(
        self: PrimaryKey[Any], entity: str, /, **options: Unpack[AttributeOptions]
    ) -> None: ...
    @overload
    def __init__(
        self: PrimaryKey[Any],
        first: Attribute[Any],
        second: Attribute[Any],
        /,
        *rest: Attribute[Any],
    ) -> None: ...
    @overload
    def __init__(
        self,
        py_type: type[_T] | Callable[[], type[_T]],
        /,
        *size: int,
        **options: Unpack[AttributeOptions],
    ) -> None: ...

class Optional(Attribute[_T]):
    """Absent is ``""`` for a string that is not nullable, and None for everything else."""

    @overload
    def __init__(
        self: Optional[Any],
        entity: str,
        /,
        *,
        nullable: bool = ...,
        **options: Unpack[AttributeOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Optional[str],
        py_type: type[str],
        /,
        *size: int,
        nullable: Literal[False] = ...,
        **options: Unpack[AttributeOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: Optional[_V | None],
        py_type: type[_V] | Callable[[], type[_V]],
        /,
        *size: int,
        nullable: bool = ...,
        **options: Unpack[AttributeOptions],
    ) -> None: ...

class SetOptions(TypedDict, total=False):
    cascade_delete: bool
    column: str
    columns: list[str]
    lazy: bool
    nplus1_threshold: int
    reverse: str | Attribute[Any]
    reverse_column: str
    reverse_columns: list[str]
    table: str | tuple[str, str]

class Set(Generic[_T]):
    name: str
    @overload
    def __init__(self: Set[Any], entity: str, /, **options: Unpack[SetOptions]) -> None: ...
    @overload
    def __init__(
        self, entity: type[_T] | Callable[[], type[_T]], /, **options: Unpack[SetOptions]
    ) -> None: ...
    @overload
    def __get__(self, obj: None, cls: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, obj: object, cls: type[Any] | None = None) -> SetInstance[_T]: ...
    def __set__(self, obj: object, value: _T | Iterable[_T]) -> None: ...

class SetInstance(Generic[_T]):
    def __bool__(self) -> bool: ...
    def __contains__(self, item: object) -> bool: ...
    def __iter__(self) -> Iterator[_T]: ...
    def __len__(self) -> int: ...
    def add(self, new_items: _T | Iterable[_T]) -> None: ...
    def clear(self) -> None: ...
    def copy(self) -> set[_T]: ...
    def count(self) -> int: ...
    def create(self, **values: Any) -> _T: ...
    def filter(self, *conditions: Callable[[_T], object], **values: Any) -> Query[_T]: ...
    def is_empty(self) -> bool: ...
    def limit(self, limit: int | None = None, offset: int | None = None) -> QueryResult[_T]: ...
    def load(self) -> None: ...
    def order_by(self, *keys: OrderKey | Callable[[_T], object]) -> Query[_T]: ...
    def page(self, pagenum: int, pagesize: int = 10) -> QueryResult[_T]: ...
    def remove(self, items: _T | Iterable[_T]) -> None: ...
    def select(self, *conditions: Callable[[_T], object], **values: Any) -> Query[_T]: ...

def composite_key(
    first: Attribute[Any], second: Attribute[Any], /, *rest: Attribute[Any]
) -> None: ...
def composite_index(first: Attribute[Any], /, *rest: Attribute[Any]) -> None: ...

# Entities

class EntityMeta(type):
    def __getitem__(cls: type[_E], key: object, /) -> _E: ...
    def __iter__(cls: type[_E]) -> Iterator[_E]: ...
    def exists(cls: type[_E], *conditions: Callable[[_E], object], **values: Any) -> bool: ...
    def get(cls: type[_E], *conditions: Callable[[_E], object], **values: Any) -> _E | None: ...
    def get_by_sql(
        cls: type[_E],
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> _E | None: ...
    @overload
    def get_for_update(
        cls: type[_E],
        condition: Callable[[_E], object],
        /,
        *,
        nowait: bool = False,
        skip_locked: bool = False,
    ) -> _E | None: ...
    @overload
    def get_for_update(
        cls: type[_E], *, nowait: bool = False, skip_locked: bool = False, **values: Any
    ) -> _E | None: ...
    def select(cls: type[_E], *conditions: Callable[[_E], object], **values: Any) -> Query[_E]: ...
    def select_by_sql(
        cls: type[_E],
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> list[_E]: ...
    def select_random(cls: type[_E], limit: int) -> list[_E]: ...

class Entity(metaclass=EntityMeta):
    _table_: str | tuple[str, str]
    _table_options_: Mapping[str, str]
    def __init__(self, *, _no_init_: bool = ..., **values: Any) -> None: ...
    def __lt__(self, other: Self) -> bool: ...
    def __le__(self, other: Self) -> bool: ...
    def __gt__(self, other: Self) -> bool: ...
    def __ge__(self, other: Self) -> bool: ...
    def after_delete(self) -> None: ...
    def after_insert(self) -> None: ...
    def after_update(self) -> None: ...
    def before_delete(self) -> None: ...
    def before_insert(self) -> None: ...
    def before_update(self) -> None: ...
    def delete(self) -> None: ...
    def flush(self) -> None: ...
    def get_pk(self) -> Any: ...
    def load(self, *attributes: str | Attribute[Any]) -> None: ...
    def set(self, **values: Any) -> None: ...
    def to_dict(
        self,
        only: str | Iterable[str] | None = None,
        exclude: str | Iterable[str] | None = None,
        with_collections: bool = False,
        with_lazy: bool = False,
        related_objects: bool = False,
    ) -> dict[str, Any]: ...

# The database

class Cursor(Protocol):
    """A cursor of PEP 249; both drivers, sqlite3 and psycopg2, iterate as well."""

    @property
    def description(self) -> Any: ...
    @property
    def rowcount(self) -> int: ...
    @property
    def lastrowid(self) -> int | None: ...
    def __iter__(self) -> Iterator[tuple[Any, ...]]: ...
    def fetchone(self) -> tuple[Any, ...] | None: ...
    def fetchmany(self, size: int = ..., /) -> list[tuple[Any, ...]]: ...
    def fetchall(self) -> list[tuple[Any, ...]]: ...
    def close(self) -> object: ...

class SessionCache:
    """What one thread holds of a database; not public, and the only way to a plain BEGIN."""

    connection: Any
    immediate: bool
    in_transaction: bool
    modified: bool
    def prepare_connection_for_query_execution(self) -> Any: ...

class Schema:
    tables: Mapping[str, Any]
    def generate_create_script(self) -> str: ...

class OnConnectDecorator:
    @overload
    def __call__(self, func: _F) -> _F: ...
    @overload
    def __call__(self, *, provider: str | None = None) -> Callable[[_F], _F]: ...

class Database:
    Entity: type[Entity]
    entities: dict[str, EntityMeta]
    provider: DBAPIProvider | None
    provider_name: str | None
    schema: Schema | None
    on_connect: OnConnectDecorator
    def __init__(self, *args: Any, **options: Any) -> None: ...
    @property
    def last_sql(self) -> str | None: ...
    def bind(self, *args: Any, **options: Any) -> None: ...
    def check_tables(self) -> None: ...
    def commit(self) -> None: ...
    def create_tables(self, check_tables: bool = False) -> None: ...
    def disconnect(self) -> None: ...
    def drop_all_tables(self, with_all_data: bool = False) -> None: ...
    def execute(
        self,
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> Cursor: ...
    def exists(
        self,
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> bool: ...
    def flush(self) -> None: ...
    def generate_mapping(
        self, filename: str | None = None, check_tables: bool = True, create_tables: bool = False
    ) -> None: ...
    def get(
        self,
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> Any: ...
    def get_connection(self) -> Any: ...
    def insert(
        self, table_name: str | EntityMeta, returning: str | None = None, **values: Any
    ) -> Any: ...
    def rollback(self) -> None: ...
    def select(
        self,
        sql: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
    ) -> list[Any]: ...
    def _exec_sql(
        self,
        sql: str,
        arguments: object = None,
        returning_id: bool = False,
        start_transaction: bool = False,
    ) -> Any: ...
    def _exec_raw_sql(
        self,
        sql: str,
        globals: Mapping[str, object] | None,
        locals: Mapping[str, object] | None,
        frame_depth: int,
        start_transaction: bool = False,
    ) -> Cursor: ...
    def _get_cache(self) -> SessionCache: ...

# Sessions

class SessionOptions(TypedDict, total=False):
    allowed_exceptions: Iterable[type[BaseException]] | Callable[[BaseException], bool]
    ddl: bool
    immediate: bool
    optimistic: bool
    retry: int
    retry_exceptions: Iterable[type[BaseException]] | Callable[[BaseException], bool]
    serializable: bool
    show_values: bool | None
    sql_debug: bool | None
    strict: bool

class DBSessionContextManager:
    @overload
    def __call__(self, func: _F, /) -> _F: ...
    @overload
    def __call__(self, **options: Unpack[SessionOptions]) -> DBSessionContextManager: ...
    def __enter__(self) -> None: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...

class SQLDebuggingContextManager:
    def __call__(self, debug: bool = True, show_values: bool | None = None) -> Self: ...
    def __enter__(self) -> None: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...

db_session: DBSessionContextManager
sql_debugging: SQLDebuggingContextManager

def commit() -> None: ...
def flush() -> None: ...
def rollback() -> None: ...
def set_sql_debug(debug: bool = True, show_values: bool | None = None) -> None: ...

# Queries

OrderKey: TypeAlias = Attribute[Any] | DescWrapper | int | str

class Query(Generic[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> QueryResult[_T]: ...
    def avg(self, distinct: bool | None = None) -> float | None: ...
    def count(self, distinct: bool | None = None) -> int: ...
    def delete(self, bulk: bool | None = None) -> int: ...
    def distinct(self) -> Query[_T]: ...
    def exists(self) -> bool: ...
    def fetch(self, limit: int | None = None, offset: int | None = None) -> QueryResult[_T]: ...
    def filter(self, *conditions: Callable[..., object], **values: Any) -> Query[_T]: ...
    def first(self) -> _T | None: ...
    def for_update(self, nowait: bool = False, skip_locked: bool = False) -> Query[_T]: ...
    def get(self) -> _T | None: ...
    def get_sql(self) -> str: ...
    def group_concat(self, sep: str | None = None, distinct: bool | None = None) -> str | None: ...
    def limit(self, limit: int | None = None, offset: int | None = None) -> QueryResult[_T]: ...
    def max(self) -> Any: ...
    def min(self) -> Any: ...
    def order_by(self, *keys: OrderKey | Callable[..., object]) -> Query[_T]: ...
    def page(self, pagenum: int, pagesize: int = 10) -> QueryResult[_T]: ...
    def prefetch(self, *attributes: Attribute[Any] | Set[Any] | EntityMeta) -> Query[_T]: ...
    def random(self, limit: int) -> QueryResult[_T]: ...
    def sort_by(self, *keys: OrderKey | Callable[..., object]) -> Query[_T]: ...
    def sum(self, distinct: bool | None = None) -> Any: ...
    def where(self, *conditions: Callable[..., object], **values: Any) -> Query[_T]: ...
    def without_distinct(self) -> Query[_T]: ...

class QueryResult(Generic[_T]):
    def __contains__(self, item: object) -> bool: ...
    @overload
    def __getitem__(self, key: int, /) -> _T: ...
    @overload
    def __getitem__(self, key: slice, /) -> list[_T]: ...
    def __iter__(self) -> Iterator[_T]: ...
    def __len__(self) -> int: ...
    def __reversed__(self) -> Iterator[_T]: ...
    def index(self, item: _T) -> int: ...
    def to_list(self) -> list[_T]: ...

def select(query: Iterable[_T], /) -> Query[_T]: ...
def left_join(query: Iterable[_T], /) -> Query[_T]: ...
def get(query: Iterable[_T], /) -> _T | None: ...
def exists(query: Iterable[object], /) -> bool: ...
def delete(query: Iterable[Entity], /) -> int: ...
def desc(key: object, /) -> Any: ...
def raw_sql(sql: str, result_type: type[_T] | None = None) -> Any: ...
def avg(values: object, /, distinct: bool | None = None) -> Any: ...
def between(value: _T, low: _T, high: _T, /) -> bool: ...
def coalesce(*values: Any) -> Any: ...
def concat(*values: object) -> str: ...
def count(values: object = ..., /, distinct: bool | None = None) -> int: ...
def distinct(values: _T, /) -> _T: ...
def group_concat(
    values: object, /, sep: str | None = None, distinct: bool | None = None
) -> str: ...
def max(*values: Any) -> Any: ...
def min(*values: Any) -> Any: ...
def sum(values: object, /, distinct: bool | None = None) -> Any: ...

# Failures

class OrmError(Exception): ...
class ERDiagramError(OrmError): ...
class DBSchemaError(OrmError): ...
class MappingError(OrmError): ...
class BindingError(OrmError): ...
class TableDoesNotExist(OrmError): ...
class ConstraintError(OrmError): ...
class RowNotFound(OrmError): ...
class MultipleRowsFound(OrmError): ...

class ObjectNotFound(OrmError):
    entity: EntityMeta
    pkval: Any

class MultipleObjectsFoundError(OrmError): ...
class OperationWithDeletedObjectError(OrmError): ...
class TransactionError(OrmError): ...
class ConnectionClosedError(TransactionError): ...

class TransactionIntegrityError(TransactionError):
    original_exc: BaseException | None

class CommitException(TransactionError):
    exceptions: list[Any]

class RollbackException(TransactionError):
    exceptions: list[Any]

class DatabaseSessionIsOver(TransactionError): ...
class IsolationError(TransactionError): ...
class UnrepeatableReadError(IsolationError): ...
class OptimisticCheckError(IsolationError): ...

class UnexpectedError(TransactionError):
    original_exc: BaseException

def adapt_sql(sql: str, paramstyle: str) -> tuple[str, CodeType]: ...
