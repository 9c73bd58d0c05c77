"""The tables as they are on SQLite."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    """Makes them."""
    text = sa.String
    op.create_table("meta", sa.Column("key", text, primary_key=True), sa.Column("value", text, nullable=False))
    op.create_table("runs", sa.Column("run", text, primary_key=True), sa.Column("began", text, nullable=False))
    op.create_table(
        "entries",
        sa.Column("run", text, sa.ForeignKey("runs.run"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        *(sa.Column(name, text, nullable=False) for name in ("at", "body", "previous", "hash")),
    )
    op.create_table("graphs", sa.Column("digest", text, primary_key=True), sa.Column("body", text, nullable=False))
    op.create_table("blobs", sa.Column("digest", text, primary_key=True), sa.Column("body", sa.LargeBinary))
