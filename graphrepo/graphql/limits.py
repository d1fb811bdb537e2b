"""How much a query may ask for, measured before anything runs.

Everything is counted on the document as parsed, each fragment once and from then on by its
result: a document whose fragments spread into each other exponentially is measured in time
that is linear in its length. (Strawberry's own limiters walk such a document to the end.)

The cost of a field is 1. A page of N costs N times the selection on its items, and a list
without a limit counts as ten. So the cost bounds the values of the answer and, because the
registry reads whole levels at once, the rows that are read for it.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_composite_type,
)

from graphrepo.errors import QueryTooComplexError
from graphrepo.graphql.inputs import DEFAULT_LIMIT

_LIST: Final = 10
_BEYOND_ALL_LIMITS: Final = 10**9
_PAGE_SUFFIX: Final = "PageResult"


_SENTENCES: Final = {
    "fields": "The query has {have} fields, over the limit of {most}; ask in several requests.",
    "repeats": "The query repeats fields {have} times, over the limit of {most}; ask once.",
    "aliases": "The query has {have} aliases, over the limit of {most}; ask in several requests.",
    "depth": "The query is {have} levels deep, over the limit of {most}; ask level by level.",
    "cost": "The query costs {have}, over the limit of {most}; ask for smaller pages (limit: …).",
}


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """The most that one operation may have of each."""

    tokens: int = 2_000
    fields: int = 300
    repeats: int = 25  # of a response name in one selection
    aliases: int = 50
    depth: int = 12
    cost: int = 25_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection amounts to, fragments included."""

    fields: int = 0
    aliases: int = 0
    depth: int = 0
    cost: int = 0
    repeats: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        """Return both selections side by side."""
        return Weight(
            self.fields + other.fields,
            self.aliases + other.aliases,
            max(self.depth, other.depth),
            self.cost + other.cost,
        )


class _Scale:
    """Weighs the selections of one operation."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[tuple[str, int], Weight] = {}

    def selection(
        self, node: SelectionSetNode | None, parent: GraphQLCompositeType | None, items: int
    ) -> Weight:
        """Weigh a selection; ``items`` is the limit that the page around it was asked for."""
        total = Weight()
        for part in node.selections if node else ():
            if isinstance(part, FieldNode):
                total += self._field(part, parent, items)
            elif isinstance(part, FragmentSpreadNode):
                total += self._spread(part, items)
            else:
                inline = cast("InlineFragmentNode", part)
                inner = self._conditional(inline, parent)
                total += self.selection(inline.selection_set, inner, items)
        return total

    def _field(self, node: FieldNode, parent: GraphQLCompositeType | None, items: int) -> Weight:
        name = node.name.value
        definition = _definition(parent, name)
        inner = self._named(_type_text(definition).strip("[]!")) if definition else None
        below = self.selection(node.selection_set, inner, self._items(node, definition))
        factor = _factor(parent, definition, name, items)
        return Weight(
            fields=1 + below.fields,
            aliases=below.aliases + (node.alias is not None),
            # graphql-core bounds the depth of introspection itself, by a rule of its own.
            depth=0 if name.startswith("__") else 1 + below.depth,
            cost=1 + factor * below.cost,
        )

    def _spread(self, node: FragmentSpreadNode, items: int) -> Weight:
        name = node.name.value
        fragment = self._fragments.get(name)
        if fragment is None:
            return Weight()  # validation will refuse it
        key = (name, items)
        if key not in self._weighed:
            self._weighed[key] = Weight()  # a cycle weighs nothing here; validation refuses it
            inner = self._named(fragment.type_condition.name.value)
            self._weighed[key] = self.selection(fragment.selection_set, inner, items)
        return self._weighed[key]

    def _conditional(
        self, node: InlineFragmentNode, parent: GraphQLCompositeType | None
    ) -> GraphQLCompositeType | None:
        if node.type_condition is None:
            return parent
        return self._named(node.type_condition.name.value)

    def _named(self, name: str) -> GraphQLCompositeType | None:
        found = self._schema.get_type(name)
        return found if is_composite_type(found) else None

    def _items(self, node: FieldNode, definition: GraphQLField | None) -> int:
        """Return the limit that the field is asked with; 1 where it takes none."""
        if definition is None or "limit" not in definition.args:
            return 1
        for argument in node.arguments or ():
            if argument.name.value == "limit":
                return self._number(argument.value)
        return DEFAULT_LIMIT

    def _number(self, value: ValueNode) -> int:
        """Return what the type Int will make of a limit; what it refuses costs nothing."""
        if isinstance(value, VariableNode):
            given: object = self._variables.get(value.name.value)
        else:
            given = int(value.value[:20]) if isinstance(value, IntValueNode) else None
        if not isinstance(given, int | float):
            return DEFAULT_LIMIT
        return int(min(max(given, 0), _BEYOND_ALL_LIMITS))  # JSON may say 5e2 for 500


def check_limits(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: dict[str, Any],
    limits: QueryLimits,
) -> Weight:
    """Return what an operation weighs.

    Raises:
        QueryTooComplexError: it is over one of the limits, which the message names.
    """
    root = schema.get_root_type(operation.operation)
    scale = _Scale(schema, document, _defaults(operation) | variables)
    weight = scale.selection(operation.selection_set, root, 1)
    # Validation looks at the whole document, also at what does not run, and compares fields
    # of the same name with each other: each with each.
    fields, repeats = _written(document)
    weight = replace(weight, fields=max(weight.fields, fields), repeats=repeats)
    for name, sentence in _SENTENCES.items():
        have, most = getattr(weight, name), getattr(limits, name)
        if have > most:
            raise QueryTooComplexError(sentence.format(have=have, most=most))
    return weight


def _written(document: DocumentNode) -> tuple[int, int]:
    """Return how many fields the document writes, and how many of them repeat a name."""
    fields = repeats = 0
    left: list[Any] = list(document.definitions)
    while left:
        selection: SelectionSetNode | None = getattr(left.pop(), "selection_set", None)
        parts = selection.selections if selection else ()
        names = [(part.alias or part.name).value for part in parts if isinstance(part, FieldNode)]
        fields += len(names)
        repeats += len(names) - len(set(names))
        left += parts
    return fields, repeats


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    return {
        variable.variable.name.value: int(variable.default_value.value[:20])
        for variable in operation.variable_definitions or ()
        if isinstance(variable.default_value, IntValueNode)
    }


def _definition(parent: GraphQLCompositeType | None, name: str) -> GraphQLField | None:
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    return parent.fields.get(name)


def _type_text(definition: GraphQLField) -> str:
    """Return the type as the schema writes it, such as ``[Url!]!``."""
    return str(cast("Any", definition).type)  # graphql-core leaves its generics open


def _factor(
    parent: GraphQLCompositeType | None, definition: GraphQLField | None, name: str, items: int
) -> int:
    if definition is None or not _type_text(definition).startswith("["):
        return 1
    if parent is not None and parent.name.endswith(_PAGE_SUFFIX) and name == "page":
        return items
    return _LIST
