"""``docs/certificate-samples.md``: every public sample of these registers, read and judged.

The samples lie outside the repository, for they belong to others. To make the table anew, give their folders::

    python -m tests.certificate_samples FOLDER… > docs/certificate-samples.md

``test_certificate_samples.py`` checks the table against every sample that it finds.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from opqibi_rules.certificate.check import CertificateReport, check_certificate
from opqibi_rules.certificate.reading.certificate_answer import read_answers
from opqibi_rules.errors import FileError
from opqibi_rules.tables.library import Tables

DAYS = (date(2017, 6, 1), date(2021, 6, 15), date(2026, 11, 21))
_HEAD = f"""# Every public sample, read

Each sample of API Entreprise, OPQIBI and Agence BIO that we hold, as `check-certificate` reads it on three days.
A sample of another register is refused, by name; it is never taken for “no certificate”.

Chaque échantillon d’API Entreprise, de l’OPQIBI et de l’Agence BIO dont nous disposons, tel que `check-certificate`
le lit trois jours donnés. L’échantillon d’un autre registre est refusé, jamais pris pour « aucun certificat ».

Made by `tests/certificate_samples.py`; a test checks that it is current.

| sample | dialect | {" | ".join(day.isoformat() for day in DAYS)} | certificate on these days |
|---|---|{"---|" * len(DAYS)}---|
"""

Body = tuple[str, bytes]
"""The name of a sample, and the body that the register answers."""


class _Recording(yaml.SafeLoader):
    """Ruby writes bytes under a tag of its own."""


_Recording.add_constructor("!binary", lambda _, node: base64.b64decode(node.value))


def bodies(folder: Path) -> Iterator[Body]:
    """Every body of a folder of samples, out of the file that holds it."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".txt":
            yield from _printed(path, name)
        elif path.name in {"path_item.json", "schema_200.json"}:
            yield from _described(path, name)
        elif path.suffix == ".json" and ("examples" in path.parts or "provider_raw" in path.parts):
            yield name, path.read_bytes()
        elif path.suffix in {".yml", ".yaml"}:
            yield from _enveloped(path, name)


def _printed(path: Path, name: str) -> Iterator[Body]:
    """The sample that a page of documentation prints, comments and all."""
    printed = re.search(r"^ +code: >-\n((?: {10}.*\n|\s*\n)+)", path.read_text("utf-8"), re.MULTILINE)
    if printed:
        yield name, printed[1].encode()


def _enveloped(path: Path, name: str) -> Iterator[Body]:
    """A staging payload, or a recorded HTTP exchange."""
    content = yaml.load(path.read_text("utf-8"), _Recording)
    if not isinstance(content, dict):
        return
    if "payload" in content:
        yield name, content["payload"].encode()
    for exchange in content.get("http_interactions", ()):
        body = exchange["response"]["body"]["string"]
        yield name, body if isinstance(body, bytes) else body.encode()


def _described(path: Path, name: str) -> Iterator[Body]:
    """The answer that a description makes of its own examples, field by field."""
    content = json.loads(path.read_text("utf-8"))
    if path.name == "schema_200.json":
        yield name, json.dumps(_exemplified(content)).encode()
        return
    for operation in content.values():
        answer = operation["get"]["responses"]["200"]
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema:
            yield name, json.dumps(_exemplified(schema)).encode()


def _exemplified(schema: dict[str, Any]) -> Any:
    if "example" in schema:
        return schema["example"]
    if "properties" in schema:
        return {key: _exemplified(part) for key, part in schema["properties"].items()}
    if "items" in schema:
        return [_exemplified(schema["items"])]
    return {} if schema.get("type") == "object" else None


def row(body: Body, tables: Tables) -> str:
    """One line of the table."""
    name, data = body
    try:
        answers = read_answers(data, name)
    except FileError as error:
        said = error.mistakes[0].explain().split(" (")[0].rstrip(".")
        return f"| `{name}` | — |{' refused |' * len(DAYS)} {said} |"
    reports = [[check_certificate(answer, on=day, tables=tables) for day in DAYS] for answer in answers]
    cells = [" · ".join(report[index].verdict for report in reports) for index in range(len(DAYS))]
    standings = " · ".join(_standings(of_answer) for of_answer in reports)
    return f"| `{name}` | {answers[0].dialect} | {' | '.join(cells)} | {standings} |"


def _standings(reports: list[CertificateReport]) -> str:
    """What the certificate is on each day; nothing where the answer is an error."""
    return ", ".join(str(report.certificate.status) for report in reports if report.certificate is not None)


def table(folders: list[Path]) -> str:
    """The whole document."""
    tables = Tables()
    lines = [row(body, tables) for folder in folders for body in bodies(folder)]
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table([Path(folder) for folder in sys.argv[1:]]))
