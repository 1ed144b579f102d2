"""The stage: a fresh store, a real server process, the whole story, then the curtain or an open house.

Promises documents and secrets outside the store's folder. Must never serve beyond loopback.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import typer

from api.demo import story
from api.demo.story import Stage, Told
from api.demo.tales import ERASED, STAYING
from api.sealed.schema import connection_revision
from api.sealed.secrets import SecretFiles
from api.sealed.store import make_engine, open_store
from api.services import founding, operating
from api.settings import Settings, settings_for

GROUP, CONTACT = "The Lantern, a group for prisoners", "submissions@lantern.example"


def perform(data: Path, port: int, serve: bool, machine: bool) -> None:
    """Play the story on a fresh store in `data` and print what somebody needs to look around."""
    url = f"http://127.0.0.1:{port}"
    # Its own secrets, whatever the environment says: those of a real group are not a demonstration's to remove.
    settings = settings_for(data, data.resolve().parent / f"{data.resolve().name}-secrets", url)
    documents = settings.data.parent / f"{settings.data.name}-documents"
    _clear(settings, documents)
    operating.make_store(settings.database, settings.data, SecretFiles(settings.secrets)).close()
    server = start(settings, port)
    try:
        wait(url)
        said = play(url, founding_code(settings), documents, settings)
        typer.echo(json.dumps(said, ensure_ascii=False) if machine else _in_words(said))
        if serve:
            server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait(20)


def play(url: str, code: str, documents: Path, settings: Settings) -> dict[str, Any]:
    """Play the story and return what the demonstration prints."""
    stage = story.found(url, code, GROUP, CONTACT)
    stays = [_take(stage, tale) for tale in STAYING]
    told = _take(stage, ERASED)
    papers = _main_story(stage, told, documents)
    secrets = SecretFiles(settings.secrets)
    planted = [word for tale in (ERASED, *STAYING) for word in tale.planted]
    return {
        "url": url,
        "members": [_member(person) for person in stage.people.values()],
        "receipts": [one.receipt for one in (*stays, told)],
        "cases": [one.code for one in stays],
        "documents": papers,
        "secrets": [str(secrets.deployment), str(secrets.erasure)],
        "planted": [*planted, GROUP, CONTACT, "North", "South"],
    }


def start(settings: Settings, port: int) -> "subprocess.Popen[bytes]":
    """Start the server as a process of its own; what it logs lies beside its data."""
    environment = os.environ | {"LASTHEARD_SECRETS": str(settings.secrets), "LASTHEARD_DATABASE": settings.database}
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(settings.data), "--port", str(port)]
    with settings.data.joinpath("server.log").open("ab") as journal:
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=journal)


def founding_code(settings: Settings) -> str:
    """Return a fresh one-time code, as the terminal of the server shows one."""
    store = open_store(settings.database, settings.data, SecretFiles(settings.secrets))
    try:
        return founding.begin_founding(store)
    finally:
        store.close()


def wait(url: str) -> None:
    """Wait until the server answers; raises TimeoutError after thirty seconds."""
    for _ in range(300):
        try:
            httpx.get(f"{url}/en/", timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not start")


def _take(stage: Stage, tale: Any) -> Told:
    told = story.report(stage.url, tale)
    story.take_in(stage, told)
    return told


def _main_story(stage: Stage, told: Told, documents: Path) -> list[Mapping[str, str]]:
    story.document(stage, told)
    story.come_back(stage, told)
    grant = story.grant(stage, told)
    story.readiness(stage, told)
    story.take_step(stage, told)
    papers: list[Mapping[str, str]] = []
    for kind in ("wgeid", "dossier"):
        path = documents / f"{kind}.pdf"
        path.write_bytes(story.take_out(stage, told, kind))
        papers.append({"kind": kind, "path": str(path)})
    story.decide(stage, told, {"un-confidential": "no"})
    if story.try_out(stage, told, "wgeid") != 403:
        raise RuntimeError("the stop list did not hold")
    story.revoke(stage, told, grant)
    story.erase(stage, told)
    return papers


def _clear(settings: Settings, documents: Path) -> None:
    """Begin afresh: a demonstration's own folders, and nothing else, are removed."""
    engine = make_engine(settings.database)
    if not settings.database.endswith(f"{settings.data}/lastheard.db") and connection_revision(engine) is not None:
        typer.echo("The database is not empty: a demonstration needs one of its own.", err=True)
        raise typer.Exit(1)
    engine.dispose()
    for folder in (settings.data, settings.secrets, documents):
        if folder.exists() and any(folder.iterdir()) and not (settings.data / "demo").exists():
            typer.echo(f"{folder} is not empty and not of a demonstration: choose another --data.", err=True)
            raise typer.Exit(1)
    for folder in (settings.data, settings.secrets, documents):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    (settings.data / "demo").touch()


def _member(person: Any) -> Mapping[str, str]:
    names = ("login", "passphrase", "totp_secret", "token", "role")
    return {name: str(getattr(person, name)) for name in names}


def _in_words(said: Mapping[str, Any]) -> str:
    lines = [f"Lastheard is at {said['url']} (families: {said['url']}/ru/, the group: {said['url']}/sign-in)", ""]
    lines += ["Sign in with login, passphrase, and a code from the secret (any authenticator):"]
    for one in said["members"]:
        role = one["role"].replace("_", " ")
        lines.append(f"  {role:<14} {one['login']:<14} {one['passphrase']}   {one['totp_secret']}")
    whose = [*said["cases"], "erased at the end: it opens nothing"]
    told = [f"  {words}   ({case})" for words, case in zip(said["receipts"], whose, strict=True)]
    lines += ["", "Receipts, each of a family's report, and the case that it became:", *told]
    lines += ["", f"Cases that stay: {', '.join(said['cases'])}; the fourth was erased at the end."]
    lines += ["Documents: " + ", ".join(one["path"] for one in said["documents"])]
    lines += ["", "Ctrl-C ends it. The next demonstration begins afresh: what you add here goes with it."]
    return "\n".join(lines)
