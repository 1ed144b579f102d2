"""A group with a case, a report that waits, a second auditor and a newcomer: what forms can be refused about."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from api.ids import short_code
from tests.pages.browsing import Group, group
from tests.pages.test_staff import accepted, links, told
from tests.world import one_time_code


@dataclass(frozen=True)
class Scene:
    """A group with a case, a report that waits, a second auditor and a newcomer; {names} in paths stand for them."""

    staff: Group
    names: Mapping[str, str]

    def fill(self, text: str) -> str:
        """Put the identifiers into a path or a value."""
        return text.format_map(self.names) if "{" in text else text


def make_scene(folder: Path) -> Scene:
    """Return the group with everything that a refusal is about."""
    staff = group(f"sqlite:///{folder / 'x.db'}", folder)
    case = accepted(staff)
    told(staff)
    told(staff)
    waiting = [one.split("/")[-1] for one in links(staff.member("ines").get("/inbox"), "/inbox/")]
    staff.world.enrol("olga", "auditor")
    newcomer = joining(staff)
    more = {"case": case, "report": waiting[0], "north": staff.world.desks["North"], "newcomer": newcomer}
    more |= {"otto_number": short_code(staff.world.ids["otto"])}
    return Scene(staff, {**staff.world.ids, **more})


def joining(staff: Group) -> str:
    """Invite and join through the pages; return the newcomer's id, who waits to be confirmed."""
    founder, newcomer = staff.member("ada"), staff.stranger()
    founder.get("/members")
    shown = founder.send("/members/invite", {"role": "lawyer"})
    code = next(one["data-invitation"] for one in shown.all("p") if "data-invitation" in one)
    offered = newcomer.get("/join")
    secret = next(one["data-totp-secret"] for one in offered.all("p") if "data-totp-secret" in one)
    mine = {"code": code, "login": "nadia", "initial": "N", "totp_code": one_time_code(secret)}
    joined = newcomer.send("/join", mine)
    assert newcomer.path == "/join"
    assert [one["href"] for one in joined.all("a") if one.get("class") == "btn"] == ["/sign-in"]
    listed = founder.get("/members")
    return next(one.action for one in listed.forms if one.action.endswith("/confirm")).split("/")[2]
