"""The links from cases to mailboxes, which stand under the shred root.

Promises that a row says neither which case nor which mailbox. Must never hold either in the clear.
"""

from sqlalchemy.orm import Mapped, mapped_column

from api.crypto import Sealed
from api.models.tables import Table


class MailboxLinks(Table):
    """A bucket of cases with their mailboxes, under a key of its own that lies beside the bucket keys."""

    __tablename__ = "mailbox_links"
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[Sealed]
