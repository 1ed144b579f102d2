"""The family's pages: no account, no script, no cookie; the receipt's words travel in each form.

Promises that a refused form comes back with everything typed. Must never show more than the mailbox of the receipt.
"""

from api.pages.reporter.handlers import router

__all__ = ["router"]
