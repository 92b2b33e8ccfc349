"""How our templates are compiled: as Jinja does it, but for two of its helpers that took a third of the time a page is rendered in."""

import hashlib
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from jinja2.bccache import Bucket, FileSystemBytecodeCache
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

JINJA = version("jinja2")
PLAIN = {FunctionType, MethodType, BuiltinMethodType, type(lru_cache(str)), Macro}
SPECIAL = re.compile("[&<>\"']")


class Ready(Markup):
    """Markup that is kept together with its bytes: most of a page was made for another one before, and is not encoded once more.
    What is made out of it (joined, stripped) is Markup as any other: the bytes are of the whole."""

    __slots__ = ("encoded",)
    encoded: bytes

    def __new__(cls, *given: Any) -> Markup:  # type: ignore[misc]
        return Markup(*given)  # noqa: S704 (as Markup itself)

    @classmethod
    def of(cls, parts: Iterable[str]) -> "Ready":
        """The parts, which are markup, in one."""
        parts = list(parts)
        if len(parts) == 1 and type(parts[0]) is Ready:
            return parts[0]
        made = str.__new__(cls, "".join(parts))
        made.encoded = encoded(parts)
        return made


def encoded(parts: Iterable[str]) -> bytes:
    """The parts of a page as its bytes."""
    return b"".join([each.encoded if type(each) is Ready else each.encode() for each in parts])


def written(value: Any) -> str:
    """As `escape`, for a value that is joined to others at once: what needs no change is not made a Markup, which copies it."""
    kind = type(value)
    if kind is Ready or kind is Markup or (kind is str and not SPECIAL.search(value)):
        return value  # type: ignore[no-any-return]
    return escape(value)


class Code(CodeGenerator):
    """Writes `written` (a field of our environment) where a value is put out."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Around(Context):
    """Calls what a template calls; a plain function, a method or a macro without looking for what Jinja might hand to it besides."""

    def call(__self, __obj: Any, *given: Any, **named: Any) -> Any:  # noqa: N805 (as Jinja names them: a macro may have any argument)
        if type(__obj) not in PLAIN or hasattr(__obj, "jinja_pass_arg"):
            return super().call(__obj, *given, **named)
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return __obj(*given, **named)


class Beside(FileSystemBytecodeCache):
    """Keeps compiled templates in a __pycache__ beside them, as Python keeps its modules: to compile one takes as long as to render it a
    hundred times. When one of `made_of`, all that templates are compiled from, has been touched, they are compiled anew."""

    def __init__(self, folder: Path, locale: str, made_of: Iterable[Path]) -> None:
        super().__init__(str(folder / "__pycache__"), f"{locale}-%s.bin")
        self._made_of = sorted(made_of)
        self._begun_with = self._state()

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256(f"{self._begun_with} {source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(Exception):  # what cannot be read, or was half written when the power went, is compiled
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):  # a portal may not be allowed to write where its code is
            if self._state() == self._begun_with:  # else somebody is at work on them
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)

    def _state(self) -> str:
        found = [(str(each), (known := each.stat()).st_mtime_ns, known.st_size) for each in self._made_of]
        return hashlib.sha256(repr((sys.version, JINJA, found)).encode()).hexdigest()
