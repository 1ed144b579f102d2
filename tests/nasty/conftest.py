"""The office of the API's tests, on each database in turn."""

from tests.routes.conftest import office as office

__all__ = ["office"]
