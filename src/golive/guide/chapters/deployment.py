"""Deployment: the timeline, the readiness of sites, the resources, what is told to whom, and where to tick it off."""

from golive.guide.chapters import communications, readiness, resources, timetable
from golive.guide.context import Context
from golive.guide.document import Block, Section, line, link, para


def write(context: Context) -> tuple[Block, ...]:
    """The chapter."""
    return (
        Section("Timeline", timetable.write(context), anchor="timetable"),
        Section("Site readiness", readiness.write(context), anchor="readiness"),
        Section("Resources", resources.write(context), anchor="resources"),
        Section("Communications", communications.write(context), anchor="communications"),
        Section(
            "Checklist",
            (
                para(
                    *line("Every step stands with a box to tick in the appendix ", link("Checklist", "checklist"), ".")
                ),
            ),
        ),
    )
