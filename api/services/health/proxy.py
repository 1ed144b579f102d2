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
BELIEVED = ("FORWARDED_ALLOW_IPS",)


def address(site: Site) -> Iterator[str]:
    """Between a browser and this machine everything is encrypted, by TLS or as an onion service."""
    parts = urlsplit(site.origin)
    host = parts.hostname or ""
    if parts.scheme != "https" and not host.endswith(".onion") and host not in LOOPBACK:
        yield "The address is neither https nor an onion service: everybody on the way reads along."


def access_log(site: Site) -> Iterator[str]:
    """The proxy does not write down who came, and for what."""
    for path in _sites(site):
        logs = re.findall(r"^\s*access_log\s+([^;]+);", path.read_text("utf-8", "replace"), re.M)
        if not logs or any(one.strip() != "off" for one in logs):
            yield f"nginx keeps an access log for {path.name}: write `access_log off;` there."


def headers(site: Site) -> Iterator[str]:
    """No header decides what is https and who is asking: the address that was set does, and the key that was shown."""
    if site.set(*BELIEVED):
        yield "FORWARDED_ALLOW_IPS is set and without effect: no header of a proxy is believed, the address set is."


def _sites(site: Site) -> list[Path]:
    """Return the files of nginx that pass requests on to a server of this machine."""
    found = [path for pattern in NGINX for path in sorted((site.machine / "etc/nginx").glob(pattern))]
    return [path for path in found if path.is_file() and "proxy_pass" in path.read_text("utf-8", "replace")]
