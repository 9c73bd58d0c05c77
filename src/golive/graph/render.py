"""Fills in Jinja expressions in the plan's texts. Pure: all comes in as arguments, undefined names are errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar, cast

from jinja2 import Environment, StrictUndefined, Template, TemplateError
from pydantic import ValidationError

from golive.errors import Exit, GoliveError
from golive.kinds.interface import HostRef
from golive.model import Model, holds_expression
from golive.plan.document import uncarried
from golive.plan.plan import Loaded
from golive.resources.file import File
from golive.resources.interface import Resource
from golive.resources.sh import SECRET_MARK, mark
from golive.resources.sourced import Sourced

M = TypeVar("M", bound=Model)


class RenderError(GoliveError):
    """A text of the plan cannot be filled in."""

    exit = Exit.USAGE


@dataclass(frozen=True)
class Renderer:
    """Fills in texts for one host (or for a site as a whole, without ``host``)."""

    loaded: Loaded
    site: str
    host: HostRef | None = None

    @cached_property
    def _names(self) -> dict[str, Any]:
        plan, site = self.loaded.plan, self.loaded.plan.sites[self.site]

        def secret(name: str) -> str:
            return mark(name)

        def hosts(role: str) -> Sequence[HostRef]:
            return [HostRef(name, site.hosts[name].address) for name in site.with_role(role)]

        names = {"solution": plan.solution, "vars": {**plan.vars, **site.vars}, "hosts": hosts, "secret": secret}
        return names | {"site": {"name": self.site, "title": site.title or self.site}, "host": self.host}

    def text(self, text: str, where: str) -> str:
        """The text with its expressions filled in. Raises RenderError that says ``where``."""
        if not holds_expression(text):
            return text
        try:
            filled = _template(text).render(self._names)
        except (TemplateError, TypeError, ValueError, AttributeError, KeyError) as error:
            line = f" in its line {error.lineno}" if getattr(error, "lineno", None) else ""  # pyright: ignore
            at = f" for {self.site}/{self.host.name}" if self.host else f" for {self.site}"
            hint = "names that are known: vars, site, host, hosts(role), secret(name), solution"
            raise RenderError(f"{where}: {error}{line}{at}", hint) from error
        if strange := uncarried(SECRET_MARK.sub("", filled)):
            said = f"{where}: filled in, it holds U+{ord(strange):04X}, which no script can carry"
            raise RenderError(said, "take it out; a file of any bytes is a source")
        return filled

    def model(self, model: M, where: str) -> M:
        """The model with all its texts filled in; a file's template becomes its content, its source a digest."""
        beside = isinstance(model, File) and (model.template or model.source)
        if not (model.asks or beside):
            return model  # nothing in it depends on the host
        values = model.model_dump(by_alias=True, exclude_unset=True)
        if isinstance(model, File) and model.template:
            del values["template"]
            values["content"] = self.loaded.files[model.template]
            where = f"{where} ({model.template})"
        made: type[Model] = type(model)
        if isinstance(model, File) and model.source:
            del values["source"]
            values |= {"content": "", "held": self.loaded.sources[model.source]}
            made = Sourced
        filled = {key: self._value(value, where) for key, value in values.items()}
        try:
            return cast("M", made.model_validate(filled))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            at = f" for {self.site}/{self.host.name}" if self.host else f" for {self.site}"
            said = f"{where}: filled in{at}, {first['loc'][-1] if first['loc'] else 'it'} is “{first['input']}”"
            raise RenderError(f"{said}, which will not do", first["msg"]) from error

    def _value(self, value: Any, where: str) -> Any:
        match value:
            case str():
                return self.text(value, where)
            case list() | tuple():
                return [self._value(item, where) for item in value]  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value

    def resources(self, resources: Sequence[Resource], where: str) -> tuple[Resource, ...]:
        """All resources, filled in. Raises RenderError also for a secret in a name, which everybody would see."""
        filled = tuple(self.model(resource, f"{where}[{index}]") for index, resource in enumerate(resources))
        for index, resource in enumerate(filled):
            if SECRET_MARK.search(resource.title):
                hint = "use it in content, in a template or in a command; give a command a name:"
                raise RenderError(f"{where}[{index}]: a secret stands in what the {resource.kind} is called", hint)
        return filled


@cache
def _environment() -> Environment:
    """Made on first use, then kept: making one costs more than most texts do."""
    return Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)


@lru_cache(maxsize=4096)
def _template(text: str) -> Template:
    """Hosts and sites share their texts: each is read once."""
    return _environment().from_string(text)


def peers(loaded: Loaded, site: str) -> Mapping[str, tuple[HostRef, ...]]:
    """The hosts of a site by role."""
    spec = loaded.plan.sites[site]
    found: dict[str, tuple[HostRef, ...]] = {}
    for name, host in spec.hosts.items():
        found[host.role] = (*found.get(host.role, ()), HostRef(name, host.address))
    return found
