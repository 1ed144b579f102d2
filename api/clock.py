"""The clock: UTC now, today, and the month.

Promises one place where time is read. Must never be stored finer than a day in the clear.
"""

from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the present moment in UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    """Return today's date in UTC."""
    return now().date()


def month_after(day: date, months: int) -> str:
    """Return the month, `YYYY-MM`, that lies `months` after the one of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
