"""Which rule ids the code uses: read from its syntax, so that no path through it can be missed.

Whatever takes a rule says so by the names of its parameters or fields: `rule` and `sentence`. What is handed
over as the rule is read at every call of that name, and must be written out: a text, or a choice between
texts. Where something else bears the same name too, only texts count.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from accord.codegen.trees import State

__all__ = ["used_rules"]

ROOT = Path(__file__).parents[3]
PACKAGES = ("accord", "authors_service", "books_service")
COMPUTED = {"entry.state.value": [state.value for state in State if state is not State.CURRENT]}
"""Where a rule is the name of a state."""


def used_rules() -> Mapping[str, str]:
    """Each rule with a place that uses it; raises `AssertionError` where a rule is not written out."""
    modules = {
        path: ast.parse(path.read_text(), str(path))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "project" not in path.parts
    }
    takers: dict[str, set[int]] = {}
    others: set[str] = set()
    for tree in modules.values():
        for name, position in _callables(tree):
            if position is None:
                others.add(name)
            else:
                takers.setdefault(name, set()).add(position)
    found: dict[str, str] = {}
    for path, tree in modules.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call):
                for name, argument in _handed_over(call, takers):
                    place = f"{path.relative_to(ROOT)}:{argument.lineno}"
                    if name not in others or isinstance(argument, ast.Constant):
                        for rule in _texts(argument, place):
                            found.setdefault(rule, place)
    return found


def _callables(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Each name that can be called; if with a rule, its position among the arguments of the call."""
    methods = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [item.target for item in node.body if isinstance(item, ast.AnnAssign)]
            yield node.name, _position([field.id for field in fields if isinstance(field, ast.Name)])
            methods |= {
                item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            }
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [argument.arg for argument in node.args.args]
            bound = node in methods and names[:1] in (["self"], ["cls"])
            yield node.name, _position(names[bound:])


def _position(names: list[str]) -> int | None:
    return names.index("rule") if {"rule", "sentence"} <= set(names) else None


def _handed_over(call: ast.Call, takers: Mapping[str, set[int]]) -> Iterator[tuple[str, ast.expr]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in takers:
        return
    named = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
    placed = [call.args[position] for position in takers[name] if position < len(call.args)]
    yield from ((name, argument) for argument in named or placed)


def _texts(argument: ast.expr, place: str) -> Iterator[str]:
    """The rules that an expression can be; one that is passed on is read where it comes from."""
    match argument:
        case ast.Constant(value=str(rule)):
            yield rule
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, place)
            yield from _texts(other, place)
        case ast.Name(id="rule") | ast.Attribute(attr="rule") | ast.Subscript(slice=ast.Constant("rule")):
            pass
        case _ if (written := ast.unparse(argument)) in COMPUTED:
            yield from COMPUTED[written]
        case _:
            raise AssertionError(f"{place}: the rule {written} is not written out as a text")
