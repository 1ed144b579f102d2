"""Requests through the nginx of docs/deploy.md: two sites, no log, no file, TLS 1.3, and no header that is believed."""

import datetime
import os
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.demo import stage
from api.settings import Settings
from tests.operating.deployment import block, program
from tests.operating.test_serving import report
from tests.story.servers import free_port
from tests.world import make_world

REPORT, DESK = "report.lantern.example", "desk.lantern.example"
AROUND = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/start.log crit;
events {{ }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
{words}
}}
"""


@dataclass
class Proxy:
    """A running proxy before a running server."""

    folder: Path
    secure: int
    plain: int
    server: str

    def get(self, host: str, path: str, **more: object) -> httpx.Response:
        return self.ask("GET", host, path, **more)

    def ask(self, method: str, host: str, path: str, **more: object) -> httpx.Response:
        """Ask one of the two sites over TLS, by name."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        headers = {"host": host, **dict(more.pop("headers", {}) or {})}
        with httpx.Client(verify=context, timeout=20) as client:
            url, sni = f"https://127.0.0.1:{self.secure}{path}", {"sni_hostname": host}
            return client.request(method, url, headers=headers, extensions=sni, **more)


def certify(folder: Path) -> None:
    """Make a certificate for both names, which this test alone trusts."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, REPORT)])
    names = x509.SubjectAlternativeName([x509.DNSName(REPORT), x509.DNSName(DESK)])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / "fullchain.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "lantern.pem").write_bytes(key.private_bytes(*form))


def configured(folder: Path, server: int, secure: int, plain: int, **otherwise: str) -> Path:
    """Write the page's configuration with ports and paths of this test."""
    words = block("/sites-enabled/lastheard")
    for found, instead in (("443", str(secure)), ("listen 80", f"listen {plain}"), (":8000", f":{server}")):
        words = words.replace(found, f"127.0.0.1:{instead}" if instead.isdigit() else instead)
    words = words.replace(f"127.0.0.1127.0.0.1:{server}", f"127.0.0.1:{server}")
    for name in ("/etc/ssl/lantern", "/etc/ssl/private"):
        words = words.replace(name, str(folder))
    for name, value in otherwise.items():
        words = re.sub(rf"^{name} .*$", f"{name} {value};", words, flags=re.M)
    file = folder / "nginx.conf"
    # Its workers must be able to write into this test's folder: that they do not is what is tried.
    user = "user root;" if os.geteuid() == 0 else ""
    file.write_text(AROUND.format(user=user, folder=folder, words=words), "utf-8")
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A founded group, served on loopback under the desk's name."""
    folder, port = tmp_path_factory.mktemp("behind"), free_port()
    url = f"sqlite:///{folder / 'x.db'}"
    make_world(url, folder).store.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LASTHEARD_ORIGIN", f"https://{DESK}")
        process = stage.start(Settings(folder / "data", folder / "secrets", url), port)
    try:
        stage.wait(f"http://127.0.0.1:{port}")
        yield port
    finally:
        process.terminate()
        process.wait(40)


@pytest.fixture
def proxy(request: pytest.FixtureRequest, tmp_path: Path, served: int) -> Iterator[Proxy]:
    yield from running(program(request, "nginx"), tmp_path, served)


def running(nginx: str, folder: Path, server: int, **otherwise: str) -> Iterator[Proxy]:
    """Run nginx with the page's configuration until the test ends."""
    certify(folder)
    found = Proxy(folder, free_port(), free_port(), f"http://127.0.0.1:{server}")
    file = configured(folder, server, found.secure, found.plain, **otherwise)
    command = [nginx, "-p", str(folder), "-c", str(file)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", found.secure)) == 0:
                    break
            time.sleep(0.05)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def test_a_family_and_a_member_find_what_is_theirs(proxy: Proxy) -> None:
    for path in ("/uk/", "/uk/report", "/away", "/static/style.css", "/api/v1/receipts/new?language=uk"):
        assert proxy.get(REPORT, path).status_code == 200, path
    for path in ("/sign-in", "/static/style.css", "/api/openapi.json"):
        assert proxy.get(DESK, path).status_code == 200, path
    assert proxy.get(DESK, "/").headers["location"] == "/sign-in"
    assert proxy.get(DESK, "/api/v1/cases").status_code == 401


def test_neither_site_has_what_the_other_has(proxy: Proxy) -> None:
    for path in ("/sign-in", "/today", "/cases", "/api/v1/cases", "/api/v1/sessions", "/api/openapi.json", "/health"):
        assert proxy.get(REPORT, path).status_code == 404, path
    for path in ("/uk/", "/ru/report", "/api/v1/mailbox", "/api/v1/receipts/new", "/health", "/static/../health"):
        assert proxy.get(DESK, path).status_code == 404, path


def test_answers_through_the_proxy_carry_every_header_and_no_version(proxy: Proxy) -> None:
    answer = proxy.get(REPORT, "/uk/report")
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert answer.headers["server"] == "nginx"


def test_a_report_goes_through_and_leaves_no_file_and_no_line(proxy: Proxy) -> None:
    body = report(proxy.server)
    answer = proxy.ask("POST", REPORT, "/uk/report", content=body, headers={"content-type": FORM})
    assert (answer.status_code, answer.headers["location"]) == (303, "/uk/sent")
    files = [path for path in proxy.folder.rglob("*") if path.is_file() and path.suffix not in (".pem", ".conf")]
    assert {path.name for path in files} <= {"pid", "start.log"}
    assert (proxy.folder / "start.log").read_text("utf-8") == ""


FORM = "multipart/form-data; boundary=edge"


def half_sent(proxy: Proxy, body: bytes) -> list[str]:
    """Send half of a report, and return which files the proxy holds open meanwhile: it unlinks them at once."""
    context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    head = f"POST /uk/report HTTP/1.1\r\nHost: {REPORT}\r\nContent-Length: {len(body)}\r\nContent-Type: {FORM}\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", proxy.secure), 10) as raw,
        context.wrap_socket(raw, server_hostname=REPORT) as line,
    ):
        line.sendall(head.encode() + body[: len(body) // 2])
        time.sleep(0.5)
        master = int((proxy.folder / "pid").read_text("utf-8"))
        workers = Path(f"/proc/{master}/task/{master}/children").read_text("utf-8").split()
        held = [one.readlink() for worker in workers for one in Path(f"/proc/{worker}/fd").iterdir()]
        return [str(path) for path in held if str(path).startswith(str(proxy.folder / "bodies"))]


def test_half_an_upload_lies_in_no_file(request: pytest.FixtureRequest, tmp_path: Path, served: int) -> None:
    nginx, body = program(request, "nginx"), report(f"http://127.0.0.1:{served}")
    for name, buffered in (("as-told", "off"), ("otherwise", "on")):
        (tmp_path / name).mkdir()
        for proxy in running(nginx, tmp_path / name, served, proxy_request_buffering=buffered):
            assert bool(half_sent(proxy, body)) == (buffered == "on")


def test_only_tls_1_3_is_spoken(proxy: Proxy) -> None:
    context = ssl.create_default_context(cafile=str(proxy.folder / "fullchain.pem"))
    with (
        socket.create_connection(("127.0.0.1", proxy.secure)) as raw,
        context.wrap_socket(raw, server_hostname=REPORT) as line,
    ):
        assert line.version() == "TLSv1.3"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("127.0.0.1", proxy.secure)) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw, server_hostname=REPORT)


def test_in_the_clear_a_page_leads_to_tls_and_what_is_sent_is_refused(proxy: Proxy) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{proxy.plain}") as client:
        first = client.get("/", headers={"host": "evil.example"})
        assert (first.status_code, first.headers["location"]) == (301, f"https://{REPORT}/")
        for method, path in (("POST", "/uk/report"), ("POST", "/api/v1/sessions"), ("GET", "/api/v1/cases")):
            assert client.request(method, path).status_code == 403


def test_a_name_that_is_not_ours_gets_no_answer(proxy: Proxy) -> None:
    with pytest.raises(httpx.TransportError):
        proxy.get(REPORT, "/uk/", headers={"host": "evil.example"})


def test_headers_of_a_stranger_change_nothing(proxy: Proxy) -> None:
    forged = {"x-forwarded-for": "10.1.2.3", "x-forwarded-proto": "http", "x-forwarded-host": "evil.example"}
    plain, told = proxy.get(DESK, "/today"), proxy.get(DESK, "/today", headers={**forged, "x-user": "vera.admin"})
    assert (plain.status_code, plain.headers["location"]) == (told.status_code, told.headers["location"])


@pytest.mark.parametrize("path", ["/sign-in", "/recover/finish", "/api/v1/members", "/api/v1/recovery/claims"])
def test_whoever_tries_passphrases_without_end_is_slowed_down(proxy: Proxy, path: str) -> None:
    answers = [proxy.ask("POST", DESK, path, data={"login": "x"}).status_code for _ in range(16)]
    assert answers[0] != 503
    assert 503 in answers
    assert proxy.get(DESK, path).status_code != 503
    assert proxy.get(REPORT, "/uk/").status_code == 200
