"""The calendar: instants and local times, windows and freezes, business days, people's hours. Pure.

What guide, flags and run ask:

- ``timing``: may this step run at that time, until when, and when is the next time that it may?
- ``presence``: does this person work at that time; if not, why; when does the person work between two instants?
- ``days``: is that a business day here, what holiday is it, how many business days lie between?

An *instant* is a ``datetime`` with a zone (UTC inside); a *local time* has none and belongs to a named zone. One that a
change of the clocks skips or repeats is read as RFC 5545 (section 3.3.5) has it: see ``zone``.
"""
