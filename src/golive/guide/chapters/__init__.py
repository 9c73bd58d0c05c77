"""The chapters of the guide, one module each: a pure function from the context to what its template prints."""

from collections.abc import Callable
from dataclasses import dataclass

from golive.guide.chapters import (
    back_out,
    checklist,
    control,
    environment,
    gates,
    handover,
    installation,
    introduction,
    outage,
    people,
    resources,
    scripts,
    support,
    timetable,
)
from golive.guide.context import Context


@dataclass(frozen=True)
class Chapter:
    """One chapter: its name in links and of its template, its title, and what writes it."""

    name: str
    title: str
    write: Callable[[Context], object]


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("control", "Document control", control.write),
    Chapter("introduction", "Introduction", introduction.write),
    Chapter("people", "People and roles", people.write),
    Chapter("timetable", "Schedule", timetable.write),
    Chapter("resources", "Resources and risks", resources.write),
    Chapter("environment", "Delivery environment", environment.write),
    Chapter("installation", "Installation Plan", installation.write),
    Chapter("outage", "Outage and contingency", outage.write),
    Chapter("gates", "Go/no-go", gates.write),
    Chapter("back_out", "Back-out and rollback", back_out.write),
    Chapter("support", "Training and support", support.write),
    Chapter("handover", "Handover", handover.write),
    Chapter("checklist", "Deployment checklist", checklist.write),
    Chapter("scripts", "Appendix: the scripts of each host", scripts.write),
)
"""All chapters, in the order of the document."""
