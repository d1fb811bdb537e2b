"""Filters, orders and windows as SQL that any database takes.

Field names never reach SQL: each list maps the names it knows to columns of its own. Values
travel as parameters, and texts to search for as LIKE patterns with everything special escaped.
"""

from collections.abc import Mapping
from types import MappingProxyType

from graphrepo.errors import InvalidInputError
from graphrepo.model.database import like
from graphrepo.registry.requests import AllOf, Condition, Filter, Order, TextOperator
from graphrepo.registry.views import Window

MAX_LIMIT = 500

Columns = Mapping[str, str]

_PATTERNS = {
    TextOperator.STARTS_WITH: "{}%",
    TextOperator.ENDS_WITH: "%{}",
    TextOperator.CONTAINS: "%{}%",
}


class Where:
    """A filter on its way to SQL: ``condition``, and the ``values`` it refers to."""

    def __init__(self, columns: Columns, held: Columns = MappingProxyType({})) -> None:
        """Start without values; ``columns`` maps field names to SQL expressions.

        ``held`` maps fields of which a row has several to the SELECT of a row's own: a text
        equals such a field if it is one of them.
        """
        self._columns = columns
        self._held = held
        self.values: dict[str, object] = {}

    def condition(self, where: Filter) -> str:
        """Return the SQL condition of a filter and remember its values.

        Raises:
            InvalidInputError: the list has no such field.
        """
        if isinstance(where, Condition):
            return self._comparison(where)
        joint, empty = (" AND ", "1 = 1") if isinstance(where, AllOf) else (" OR ", "1 = 0")
        return "(" + (joint.join(map(self.condition, where.parts)) or empty) + ")"

    def _comparison(self, condition: Condition) -> str:
        if condition.field in self._held:
            return f"{self._named(condition.value)} IN ({self._held[condition.field]})"
        column = _column(self._columns, condition.field)
        value, operator = condition.value, condition.operator
        if operator is TextOperator.IN or operator is TextOperator.NOT_IN:
            return self._membership(column, condition)
        if operator in _PATTERNS:
            pattern = _PATTERNS[operator].format(_escaped(str(value)))
            return f"{column} {like()} {self._named(pattern)} ESCAPE '!'"
        sign = "=" if operator is TextOperator.EQ else "<>"
        return f"{column} {sign} {self._named(value)}"

    def _membership(self, column: str, condition: Condition) -> str:
        value, operator = condition.value, condition.operator
        candidates = () if isinstance(value, str | bool) else value
        names = ", ".join(self._named(candidate) for candidate in candidates)
        if not names:  # IN () is no SQL
            return "1 = 0" if operator is TextOperator.IN else "1 = 1"
        return f"{column} {'IN' if operator is TextOperator.IN else 'NOT IN'} ({names})"

    def _named(self, value: object) -> str:
        name = f"w{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def order_by(order: Order | None, columns: Columns, default: str) -> str:
    """Return the ORDER BY list; ``default`` breaks ties, so that pages never overlap.

    Raises:
        InvalidInputError: the list cannot be sorted by this field.
    """
    if order is None:
        return default
    direction = "DESC" if order.descending else "ASC"
    return f"{_column(columns, order.field)} {direction}, {default}"


def like_part(text: str) -> str:
    """Return the LIKE pattern, escaped with ``!``, of whatever contains a text."""
    return f"%{_escaped(text)}%"


def window_values(window: Window) -> dict[str, int]:
    """Return ``$limit`` and ``$offset`` of a window.

    Raises:
        InvalidInputError: the limit is not 0 to 500, or the page is negative.
    """
    if not 0 <= window.limit <= MAX_LIMIT:
        raise InvalidInputError(f"limit is 0 to {MAX_LIMIT}; ask for further pages with page.")
    if window.page < 0:
        raise InvalidInputError("page counts from 0.")
    return {"limit": window.limit, "offset": window.limit * window.page}


def _column(columns: Columns, name: str) -> str:
    if name not in columns:
        raise InvalidInputError(f"There is no field {name} here; there are {', '.join(columns)}.")
    return columns[name]


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
