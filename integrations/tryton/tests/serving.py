"""A Tryton server of this machine, with a company ready to receive OPQIBI's invoices."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from xmlrpc.client import ServerProxy

from proteus import Model, Wizard, config
from proteus.config import XmlrpcConfig
from trytond.modules.account.tests.tools import create_fiscalyear
from trytond.modules.account_fr.tests.tools import create_chart
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
from trytond.modules.company.tests.tools import create_company
from trytond.modules.currency.tests.tools import get_currency

PASSWORD = "of this test alone"
PROGRAMS = Path(sys.executable).parent
MODULES = ("opqibi", "account_fr")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of its own, by a user who is not root; its address, for Tryton."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    place = (installed[-1] if installed else Path(shutil.which("initdb") or "initdb")).parent
    root = os.geteuid() == 0
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if root else []
    home = folder / "pg"
    home.mkdir()
    if user:
        shutil.chown(home, "postgres", "postgres")
        folder.chmod(0o755)

    def call(program: str, *words: str) -> None:
        subprocess.run(
            [*user, f"{place}/{program}", *words],
            check=True,
            capture_output=True,
            cwd=home,
            env={"LC_ALL": "C.UTF-8"},
        )

    call("initdb", "-D", f"{home}/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    settings = f"-k {home} -c listen_addresses= -c fsync=off -c shared_buffers=32MB"
    call("pg_ctl", "-D", f"{home}/data", "-o", settings, "-l", f"{home}/log", "-w", "start")
    try:
        call("createdb", "-h", str(home), "-U", "postgres", "books")
        yield f"postgresql://postgres@/?host={home}"
    finally:
        call("pg_ctl", "-D", f"{home}/data", "-m", "immediate", "-w", "stop")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(kind: str, *, root: Path | None = None, port: int = 0, language: str = "en") -> Iterator[str]:
    """A server on a new database: where it answers."""
    with TemporaryDirectory(prefix="tryton-") as name:
        folder, port = Path(name), port or free_port()
        address = postgres(folder) if kind == "postgresql" else _sqlite(folder)
        with address as uri:
            settings = folder / "trytond.conf"
            web = f"[web]\nlisten = 127.0.0.1:{port}\n" + (f"root = {root}\n" if root else "")
            settings.write_text(f"[database]\nuri = {uri}\n{web}", "utf-8")
            (folder / "password").write_text(PASSWORD, "utf-8")
            environment = {
                **os.environ,
                "TRYTONPASSFILE": str(folder / "password"),
                "PYTHONWARNINGS": "ignore",
            }
            admin = [PROGRAMS / "trytond-admin", "-c", settings, "-d", "books", "--email", "a@example.org"]
            languages = ["-l", "fr", "en"]
            done = subprocess.run(
                [*admin, "--password", "-u", *MODULES, "--activate-dependencies", *languages],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            with (folder / "log").open("w") as log:
                running = subprocess.Popen(
                    [PROGRAMS / "trytond", "-c", settings, "-d", "books"],
                    env=environment,
                    stdout=log,
                    stderr=log,
                )
            try:
                _wait(port, running, folder / "log")
                yield f"http://127.0.0.1:{port}/books/rpc/"
            finally:
                running.terminate()
                running.wait(20)


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    (folder / "books.sqlite").touch()
    yield f"sqlite://\npath = {folder}"


def _wait(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert running.poll() is None, log.read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def as_user(address: str, login: str) -> XmlrpcConfig:
    """A user who has logged in."""
    user, session, *_ = ServerProxy(address, allow_none=True).common.db.login(login, {"password": PASSWORD})
    said = base64.b64encode(f"{login}:{user}:{session}".encode()).decode()
    found = XmlrpcConfig(address, headers=[("Authorization", f"Session {said}")])
    found.url, found.user_id = f"{address}#{login}", user  # two users are two configurations
    return found


def prepared(address: str) -> SimpleNamespace:
    """The company: its French chart, its financial years, its supplier, its OPQIBI structure, its two users."""
    admin = config._CONFIG.current = as_user(address, "admin")
    euro = get_currency("EUR", config=admin)
    create_company(currency=euro, config=admin)
    (company,) = Model.get("company.company").find()
    company.party.name = "Bureau d’études Exemple"
    company.party.identifiers.new(type="fr_siren", code="732829320")
    company.party.save()
    admin.set_context(Model.get("res.user").get_preferences(True, {}))
    create_chart(company, config=admin)
    for year in range(2026, 2031):
        books = create_fiscalyear(company, (date(year, 1, 1), date(year, 12, 31)), config=admin)
        set_fiscalyear_invoice_sequences(books, config=admin).click("create_period")
    code = {"account": "code", "tax": "name"}

    def one(model: str, value: str) -> Model:
        (found,) = Model.get(f"account.{model}").find([(code[model], "=", value)])
        return found

    Journal = Model.get("account.journal")
    journal = Journal(name="Opérations diverses", code="OD", type="general")
    journal.save()
    party = Model.get("party.party")(name="OPQIBI", opqibi=True)
    party.identifiers.new(type="fr_siren", code="123456782")
    party.save()
    structure = Model.get("opqibi.structure")(company=company, release_journal=journal)
    structure.tax = one("tax", "T.V.A. Achat de services Taux Normal")
    for number, tariff in enumerate([1] * 5 + [2] * 3):
        structure.qualifications.new(code=f"{1901 + number}", tariff=tariff, granted_on=None)
    structure.turnovers.new(year=2025, base="engineering", amount=Decimal(800_000))
    structure.save()
    return SimpleNamespace(
        address=address, admin=admin, company=company, party=party, structure=structure, account=one,
        clerk=_user(address, "clerk"), chief=_user(address, "chief", "OPQIBI: Post Disputed Invoices"),
    )  # fmt: skip


def _user(address: str, login: str, *rights: str) -> XmlrpcConfig:
    User, Group = Model.get("res.user"), Model.get("res.group")
    (company,) = Model.get("company.company").find()
    user = User(name=login.title(), login=login, password=PASSWORD)
    user.companies.append(company)
    user.company = company
    for name in ("Accounting", *rights):
        user.groups.extend(Group.find([("name", "=", name)]))
    user.save()
    return as_user(address, login)


__all__ = ["Wizard", "as_user", "prepared", "server"]
