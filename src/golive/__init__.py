"""golive takes server software live at client sites: planned, rehearsed, executed, reversible, handed over."""

__version__ = "0.1.0"
