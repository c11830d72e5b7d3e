"""Holds JSON against a type of an official SDK: TypedDicts, unions, literals and lists, walked key by key. Unlike the SDK itself, which
sends what it is given, this refuses a key that the type does not have."""
import collections.abc
import datetime
import types
import typing

import typing_extensions
from pydantic import BaseModel

LISTS = (list, collections.abc.Iterable, collections.abc.Sequence)
MAPS = (dict, collections.abc.Mapping)
WRAPPERS = (typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.ReadOnly, typing.Annotated)


def faults(value, kind, path="body"):
    """What is wrong with `value` as a `kind`; empty when nothing is. Each starts with the path of the member it is about."""
    kind = unwrapped(kind)
    origin = typing.get_origin(kind)
    if kind in (typing.Any, object):
        return []
    if kind is None or kind is type(None):
        return [] if value is None else [f"{path} is not null"]
    if origin in (typing.Union, types.UnionType):
        return union_faults(value, typing.get_args(kind), path)
    if origin is typing.Literal:
        fits = any(value == each and type(value) is type(each) for each in typing.get_args(kind))
        return [] if fits else [f"{path} is {value!r}, not one of {typing.get_args(kind)}"]
    if typing_extensions.is_typeddict(kind):
        return dict_faults(value, kind, path)
    if origin in MAPS:
        return map_faults(value, typing.get_args(kind), path)
    if origin in LISTS or getattr(origin, "__name__", "") == "SequenceNotStr":
        return list_faults(value, typing.get_args(kind)[0], path)
    return plain_faults(value, kind, path)


def unwrapped(kind):
    while True:
        if typing.get_origin(kind) in WRAPPERS:
            kind = typing.get_args(kind)[0]
        elif isinstance(kind, typing.NewType):
            kind = kind.__supertype__
        elif isinstance(kind, typing_extensions.TypeAliasType):
            kind = kind.__value__
        else:
            return kind


def plain_faults(value, kind, path):
    if kind in MAPS:
        return [] if isinstance(value, dict) else [f"{path} is not an object"]
    if kind in (str, datetime.datetime, datetime.date):
        return [] if isinstance(value, str) else [f"{path} is not a string"]
    if kind is bool:
        return [] if isinstance(value, bool) else [f"{path} is not a boolean"]
    if kind in (int, float):
        numbers = (int, float) if kind is float else int
        return [] if isinstance(value, numbers) and not isinstance(value, bool) else [f"{path} is not of {kind.__name__}"]
    # Objects of Python, such as open files and parsed answers, which the SDK takes and turns into JSON: never what is sent.
    if isinstance(kind, type) and (issubclass(kind, BaseModel) or not issubclass(kind, (str, int))):
        return [f"{path} cannot be a {kind.__name__}"]
    raise TypeError(f"no rule for {kind!r} at {path}")


def list_faults(value, each, path):
    if not isinstance(value, list):
        return [f"{path} is not a list"]
    return [fault for i, item in enumerate(value) for fault in faults(item, each, f"{path}[{i}]")]


def map_faults(value, parts, path):
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    return [fault for key, item in value.items() for fault in faults(item, parts[1], f"{path}.{key}")]


def dict_faults(value, kind, path):
    if not isinstance(value, dict):
        return [f"{path} is not an object"]
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    found = [f"{path}.{key} is not a member of {kind.__name__}" for key in value if key not in hints]
    found += [f"{path}.{key} is missing in {kind.__name__}" for key in hints if key not in value and is_required(kind, key, hints[key])]
    for key in value.keys() & hints.keys():
        found += faults(value[key], hints[key], f"{path}.{key}")
    return found


def is_required(kind, key, hint):
    # Annotations that are strings hide Required from the class itself.
    marks = typing.get_origin(hint)
    if marks in (typing_extensions.Required, typing_extensions.NotRequired):
        return marks is typing_extensions.Required
    return key in kind.__required_keys__


def union_faults(value, kinds, path):
    """Of alternatives none of which fits, that one is told which has the value's `type` or `role`, else its kind, else the fewest faults."""
    nearest = None
    for kind in kinds:
        found = faults(value, kind, path)
        if not found:
            return []
        score = (not is_tagged(value, unwrapped(kind)), any(fault.startswith(path + " ") for fault in found), len(found))
        if nearest is None or score < nearest[0]:
            nearest = (score, found)
    return nearest[1]


def is_tagged(value, kind):
    if not isinstance(value, dict) or not typing_extensions.is_typeddict(kind):
        return False
    hints = typing_extensions.get_type_hints(kind, include_extras=True)
    tags = [tag for tag in ("type", "role") if tag in hints and tag in value]
    return bool(tags) and all(not faults(value[tag], hints[tag]) for tag in tags)
