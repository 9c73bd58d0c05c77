"""What *prepare* finds before a cutover touches anything: facts of both databases and the front doors, and a judge."""

from golive.method.findings.ask import database, door
from golive.method.findings.finding import Door, Finding, Severity, Side, Wanted, Writer, summary
from golive.method.findings.judge import judge

__all__ = ["Door", "Finding", "Severity", "Side", "Wanted", "Writer", "database", "door", "judge", "summary"]
