"""Deployment checklist: every step of a site with a box to tick, to be printed."""

from dataclasses import dataclass

from golive.guide.context import Context
from golive.guide.rows import StageRows, by_stage
from golive.guide.words import listed


@dataclass(frozen=True)
class SiteChecklist:
    """The checklist of one site."""

    name: str
    site: str
    before: tuple[str, ...]
    """What people make sure of before the first step."""
    stages: tuple[StageRows, ...]
    signatures: tuple[tuple[str, str], ...]
    """Each line to sign: what for, and who, where the plan says so."""


@dataclass(frozen=True)
class Checklist:
    """The checklists."""

    controller: tuple[StageRows, ...]
    sites: tuple[SiteChecklist, ...]


def write(context: Context) -> Checklist:
    """The chapter."""
    return Checklist(by_stage(context, None), tuple(_site(context, site) for site in context.sites))


def _site(context: Context, site: str) -> SiteChecklist:
    return SiteChecklist(
        site, context.label(site), _before(context), by_stage(context, site), _signatures(context, site)
    )


def _before(context: Context) -> tuple[str, ...]:
    plan = context.plan
    items = [
        "This guide's graph digest is that of the run that is started.",
        "The people named in this guide are available and can be reached.",
        "The host keys of all hosts were compared and trusted (golive trust).",
    ]
    items += ["Users were told, as the outage plan says."] if plan.standards.outage else []
    items += (
        ["The contingency is prepared, as chapter Outage and contingency says."] if plan.standards.contingency else []
    )
    items += [f"Secrets are at hand: {listed(list(plan.secrets))}."] if plan.secrets else []
    return tuple(items)


def _signatures(context: Context, site: str) -> tuple[tuple[str, str], ...]:
    contact = context.site(site).contact
    lead = [person.name for _, person in context.acting("lead", site)]
    sign_off = context.plan.handover.sign_off if context.plan.handover else None
    signers = [person.name for _, person in context.acting(sign_off.role, site) if person.key] if sign_off else []
    return (
        ("Lead", listed(lead)),
        ("Site representative", context.plan.people[contact].name if contact else ""),
        ("Taken over by", listed(signers)),
    )
