"""The chapters of the guide, one module each: a pure function from the context to blocks."""

from collections.abc import Callable
from dataclasses import dataclass

from golive.guide.chapters import (
    artifacts,
    back_out,
    checklist,
    configuration,
    contacts,
    deployment,
    environment,
    gates,
    handover,
    hypercare,
    installation,
    introduction,
    operations,
    outage,
    people,
    rollback,
    scripts,
    support,
)
from golive.guide.context import Context
from golive.guide.document import Block


@dataclass(frozen=True)
class Part:
    """One chapter: its name in links, its title, what writes it, and its number or letter."""

    name: str
    title: str
    write: Callable[[Context], tuple[Block, ...]]
    number: str


CHAPTERS: tuple[Part, ...] = (
    Part("introduction", "Introduction", introduction.write, "1"),
    Part("people", "Roles", people.write, "2"),
    Part("deployment", "Deployment", deployment.write, "3"),
    Part("installation", "Installation Plan", installation.write, "4"),
    Part("environment", "Delivery environment", environment.write, "5"),
    Part("outage", "Outage and contingency", outage.write, "6"),
    Part("back_out", "Back-out", back_out.write, "7"),
    Part("rollback", "Rollback", rollback.write, "8"),
    Part("gates", "Go/no-go", gates.write, "9"),
    Part("support", "Training and end user support", support.write, "10"),
    Part("hypercare", "Hypercare", hypercare.write, "11"),
    Part("handover", "Handover and acceptance", handover.write, "12"),
)
"""The chapters, in the order of the document; document control stands before them."""

APPENDICES: tuple[Part, ...] = (
    Part("checklist", "Checklist", checklist.write, "A"),
    Part("scripts", "Scripts of each host", scripts.write, "B"),
    Part("configuration", "Configuration files", configuration.write, "C"),
    Part("artifacts", "Artifacts", artifacts.write, "D"),
    Part("operations", "Operations Manual", operations.write, "E"),
    Part("contacts", "Contact list", contacts.write, "F"),
)
"""What is looked up rather than read."""
