"""A service over PostgreSQL, a load on it, and the verdict: what was lost, what failed, and how long users stood."""
