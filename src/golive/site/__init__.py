"""What runs on the old host during a cutover. It is brought there as it stands and imports nothing else of golive.

Python 3.7 with its standard library: what an old host has.
"""
