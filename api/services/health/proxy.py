"""The way in: the address that browsers use, and the reverse proxy before it.

Promises to judge by what the operator set and by the configuration that lies on this machine. Must never make a
request: the doctor works without a network.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from api.services.health.site import Site

NGINX = ("nginx.conf", "conf.d/*.conf", "sites-enabled/*")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# An error of nginx names address and request; what it buffers on the disk lies there in the clear.
QUIET = {
    "access_log": ("off", "keeps a log of who came"),
    "error_log": ("/dev/null crit", "writes down who came when something fails"),
    "proxy_request_buffering": ("off", "may write an upload into a file, in the clear"),
    "proxy_max_temp_file_size": ("0", "may write an answer into a file, in the clear"),
}
BELIEVED = ("FORWARDED_ALLOW_IPS",)


def address(site: Site) -> Iterator[str]:
    """Between a browser and this machine everything is encrypted, by TLS or as an onion service."""
    parts = urlsplit(site.origin)
    host = parts.hostname or ""
    if parts.scheme != "https" and not host.endswith(".onion") and host not in LOOPBACK:
        yield "The address is neither https nor an onion service: everybody on the way reads along."


def quiet(site: Site) -> Iterator[str]:
    """The proxy writes down neither who came, and for what, nor what is passing through it."""
    for path in _sites(site):
        text = path.read_text("utf-8", "replace")
        for name, (wanted, why) in QUIET.items():
            values = [value.strip() for value in re.findall(rf"^\s*{name}\s+([^;]+);", text, re.M)]
            if not values or any(value != wanted for value in values):
                yield f"nginx {why} ({path.name}): write `{name} {wanted};` there."


def headers(site: Site) -> Iterator[str]:
    """No header decides what is https and who is asking: the address that was set does, and the key that was shown."""
    if site.set(*BELIEVED):
        yield "FORWARDED_ALLOW_IPS is set and without effect: no header of a proxy is believed, the address set is."


def _sites(site: Site) -> list[Path]:
    """Return the files of nginx that pass requests on to a server of this machine."""
    found = [path for pattern in NGINX for path in sorted((site.machine / "etc/nginx").glob(pattern))]
    return [path for path in found if path.is_file() and "proxy_pass" in path.read_text("utf-8", "replace")]
