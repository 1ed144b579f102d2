"""Small faults, one at a time: what a module would be if somebody had slipped in one place.

Promises that each mutant differs from the module in one node, and names its line. Must never write a file.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# What a reader sees and no program: the texts of documentation, types, and what Python itself asks for.
UNSEEN = ("__slots__", "__all__", "__tablename__", "__table_args__")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with one fault: where it is (lines, counted from 1) and what was done.

    `whole` is the module's source, `at` the node's place among the visible ones and the number of its change.
    """

    module: str
    path: str
    line: int
    last: int
    what: str
    whole: str = field(repr=False)
    at: tuple[int, int]

    @property
    def name(self) -> str:
        """How a report names it."""
        return f"{self.path}:{self.line} {self.what}"

    @property
    def source(self) -> str:
        """The module's source as it would be."""
        tree = ast.parse(self.whole)
        place, number = self.at
        _, change = list(_changes(list(_visible(tree))[place]))[number]
        change()
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants_of(module: str, path: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source."""
    for place, node in enumerate(_visible(ast.parse(source))):
        for number, (what, _) in enumerate(_changes(node)):
            yield Mutant(module, path, node.lineno, node.end_lineno or node.lineno, what, source, (place, number))


def _visible(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that a fault could be in, in one order for the same tree."""
    for node in ast.iter_child_nodes(tree):
        if _unseen(tree, node):
            continue
        if hasattr(node, "lineno"):
            yield node
        yield from _visible(node)


def _unseen(parent: ast.AST, node: ast.AST) -> bool:
    if isinstance(node, ast.arguments):
        return False
    if isinstance(parent, ast.Assign) and any(getattr(one, "id", "") in UNSEEN for one in parent.targets):
        return True
    annotation = getattr(parent, "annotation", None), getattr(parent, "returns", None)
    documentation = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    imported = isinstance(node, ast.Import | ast.ImportFrom)
    named = isinstance(node, ast.FunctionDef) and node.name in ("__repr__",)
    return documentation or imported or named or any(node is one for one in annotation)


def _changes(node: ast.AST) -> Iterator[tuple[str, "Change"]]:
    """Yield what could be wrong at a node: a word for it and the deed."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            other = COMPARED[type(op)]
            yield f"{type(op).__name__} is {other.__name__}", Change(node, "ops", [other()])
        case ast.BoolOp():
            other_bool = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield f"{type(node.op).__name__} is the other", Change(node, "op", other_bool)
        case ast.BinOp() if type(node.op) in COUNTED:
            other_op = COUNTED[type(node.op)]
            yield f"{type(node.op).__name__} is {other_op.__name__}", Change(node, "op", other_op())
        case ast.If() | ast.IfExp() | ast.While():
            yield "the condition turned round", Change(node, "test", ast.UnaryOp(ast.Not(), node.test))
        case ast.Constant():
            yield from _constants(node)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield "returns nothing", Change(node, "value", ast.Constant(None))
        case ast.Set() | ast.List() | ast.Tuple() if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            yield from _elements(node)
        case ast.Dict():
            yield from _pairs(node)
        case ast.Call():
            yield from _calls(node)
        case ast.FunctionDef() | ast.With() | ast.For():
            yield from _statements(node)
    if isinstance(node, ast.If):
        yield from _statements(node)


def _constants(node: ast.Constant) -> Iterator[tuple[str, "Change"]]:
    match node.value:
        case bool(value):
            yield f"{value} is {not value}", Change(node, "value", not value)
        case int(value):
            yield f"{value} is {value + 1}", Change(node, "value", value + 1)
        case str(value):
            yield f"{value[:20]!r} is another text", Change(node, "value", value + "~")
        case bytes(value):
            yield f"{value[:20]!r} are other bytes", Change(node, "value", value + b"~")


def _elements(node: ast.Set | ast.List | ast.Tuple) -> Iterator[tuple[str, "Change"]]:
    for place in range(len(node.elts) if len(node.elts) > 1 else 0):
        rest = [one for number, one in enumerate(node.elts) if number != place]
        yield f"without element {place}", Change(node, "elts", rest)


def _pairs(node: ast.Dict) -> Iterator[tuple[str, "Change"]]:
    for place in range(len(node.keys)):
        keys = [one for number, one in enumerate(node.keys) if number != place]
        values = [one for number, one in enumerate(node.values) if number != place]
        yield f"without entry {place}", Change(node, "keys", keys, "values", values)


def _calls(node: ast.Call) -> Iterator[tuple[str, "Change"]]:
    if len(node.args) > 1 and not any(isinstance(one, ast.Starred) for one in node.args[:2]):
        yield (
            "the first two arguments changed places",
            Change(node, "args", [node.args[1], node.args[0], *node.args[2:]]),
        )
    for place, one in enumerate(node.keywords):
        if one.arg:
            others = [other for number, other in enumerate(node.keywords) if number != place]
            yield f"without {one.arg}", Change(node, "keywords", others)


def _statements(node: ast.FunctionDef | ast.With | ast.For | ast.If) -> Iterator[tuple[str, "Change"]]:
    """Leave out one statement that does something: a call, a refusal, an assignment to what outlives the function."""
    for place, one in enumerate(node.body):
        called = isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)
        kept = isinstance(one, ast.Assign) and any(isinstance(to, ast.Attribute | ast.Subscript) for to in one.targets)
        if called or kept or isinstance(one, ast.Raise):
            body = [*node.body[:place], ast.Pass(), *node.body[place + 1 :]]
            yield f"without {ast.unparse(one)[:50]}", Change(node, "body", body)


class Change:
    """A deed that waits: puts values in the place of a node's fields."""

    def __init__(self, node: ast.AST, *fields: object) -> None:
        self.node, self.fields = node, fields

    def __call__(self) -> None:
        """Do it."""
        for name, value in zip(self.fields[::2], self.fields[1::2], strict=True):
            setattr(self.node, str(name), value)
