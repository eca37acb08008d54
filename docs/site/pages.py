"""What MkDocs asks of us: the pages that are made from the package, the order of all, and each page's twin.

A command's page is made from its help, the reference from the docstrings of the public names, a schema's page from
the schema. Nothing of it is kept: it is made at each build, in its language (``extra.language``).
"""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

import opqibi_rules
from opqibi_rules.cli.main import COMMANDS
from opqibi_rules.cli.manual import Command, Given, the_command
from opqibi_rules.paper.language import Language

ROOT = Path(__file__).resolve().parents[2]
RESULTS = sorted(path.name.split(".")[0] for path in (ROOT / "opqibi_rules/schemas").glob("*.json"))
TABLES = sorted(path.name.split(".")[0] for path in (ROOT / "data/schemas").glob("*.json"))

_GUIDES = (
    ("devis", "quote"),
    ("plan", "plan"),
    ("facture", "invoice"),
    ("factures", "invoices"),
    ("comptabilite", "accounting"),
    ("certificat", "certificate"),
    ("lot", "batch"),
    ("sql", "sql"),
    ("page", "page"),
    ("cas", "cases"),
    ("tables", "tables"),
)
_REFERENCE = {"functions": "Functions", "values": "Values", "errors": "Errors"}
_PROOFS = (
    "interpretations",
    "performance",
    "certificate-samples",
    "invoice-samples",
    "pages",
    "held-out-pages",
    "scans",
    "mutation",
)
_PROJECT = (
    "tryton",
    "stability",
    "changing",
    "contributing",
    "decisions",
    "glossary",
    "licences",
    "changelog",
)
_TRYTON = "integrations/tryton"
_FROM_ROOT = {
    "changelog.md": "CHANGELOG.md",
    "contributing.md": "CONTRIBUTING.md",
    "tryton.md": f"{_TRYTON}/README.md",
}

_FRENCH = {
    "Home": "Accueil",
    "Guides": "Guides",
    "Commands": "Commandes",
    "In Python": "En Python",
    "JSON": "JSON",
    "Facts and proofs": "Les faits et les preuves",
    "The project": "Le projet",
    "Arguments": "Arguments",
    "Options": "Options",
    "Examples": "Exemples",
    "required": "obligatoire",
    "A page per command, made from its help.": "Une page par commande, faite de son aide.",
    "This page is in English.": "Cette page est en anglais.",
}


def _say(text: str, language: str) -> str:
    return _FRENCH[text] if language == "fr" else text


def _sections(language: str) -> list[tuple[str, list[str]]]:
    """The pages in their order, by section; page for page, both languages have the same."""
    guides = [f"guide.{language}/{pair[language == 'en']}.md" for pair in _GUIDES]
    return [
        ("Guides", guides),
        ("Commands", ["commands/index.md", *(f"commands/{name}.md" for name in COMMANDS)]),
        ("In Python", [f"python/{name}.md" for name in _REFERENCE]),
        ("JSON", ["schemas/index.md", *(f"schemas/{name}.md" for name in RESULTS)]),
        ("Facts and proofs", [f"{name}.md" for name in _PROOFS]),
        ("The project", [f"{name}.md" for name in _PROJECT]),
    ]


def _ordered(language: str) -> list[str]:
    return ["index.md", *(page for _, pages in _sections(language) for page in pages)]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The navigation."""
    language = config.extra["language"]
    config.nav = [
        {_say("Home", language): "index.md"},
        *({_say(name, language): [_in_nav(page) for page in pages]} for name, pages in _sections(language)),
    ]
    return config


def _in_nav(page: str) -> str | dict[str, str]:
    """A page in the navigation, under its own title; a command, under its name alone."""
    folder, _, name = page.removesuffix(".md").partition("/")
    return {name: page} if folder == "commands" and name != "index" else page


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made, and leave out the guides of the other language."""
    language = config.extra["language"]
    for file in list(files):
        if file.src_uri.startswith(f"guide.{'en' if language == 'fr' else 'fr'}/"):
            files.remove(file)
    for page, content in _made(language):
        files.append(File.generated(config, page, content=content))
    for place in ("opqibi_rules/schemas", "data/schemas"):
        for path in sorted((ROOT / place).glob("*.json")):
            files.append(File.generated(config, f"schemas/{path.name}", abs_src_path=str(path)))
    for path in sorted((ROOT / _TRYTON / "pictures").glob("*.png")):
        files.append(File.generated(config, f"pictures/{path.name}", abs_src_path=str(path)))
    for path in sorted((ROOT / "docs/site").glob("site.*")):
        files.append(File.generated(config, path.name, abs_src_path=str(path)))
    return files


def _made(language: str) -> Iterator[tuple[str, str]]:
    """The pages that no file holds."""
    readme = ROOT / ("README.fr.md" if language == "fr" else "README.md")
    # Which language, and where the other is, stand in the heading of each page.
    yield "index.md", _from_root(re.sub(r"\n\*[^\n]*README[^\n]*\*\n", "\n", readme.read_text("utf-8")))
    for page, name in _FROM_ROOT.items():
        yield page, _from_root((ROOT / name).read_text("utf-8"))
    commands = [the_command(Language(language), name) for name in COMMANDS]
    yield "commands/index.md", _commands(commands, language)
    for command in commands:
        yield f"commands/{command.path.split()[-1]}.md", "\n".join(_command(command, language))
    for kind, title in _REFERENCE.items():
        names = [name for name in opqibi_rules.__all__ if _kind(name) == kind]
        yield (
            f"python/{kind}.md",
            f"# {title}\n\n" + "\n\n".join(f"::: opqibi_rules.{name}" for name in names),
        )
    yield "schemas/index.md", "\n".join(_schemas())
    for name in RESULTS:
        text = (ROOT / f"opqibi_rules/schemas/{name}.schema.json").read_text("utf-8")
        yield f"schemas/{name}.md", "\n".join(_schema(name, json.loads(text)))


def _from_root(text: str) -> str:
    """A page of the repository's top, with its links as they are from ``docs/``."""
    return text.replace("](docs/", "](")


def _kind(name: str) -> str:
    """What a public name is, as names are written; nothing is loaded to know it."""
    if name[0].isupper():
        return "errors" if name.endswith("Error") else "values"
    return "" if name.startswith("_") else "functions"


def _commands(commands: list[Command], language: str) -> str:
    names = [one.path.split()[-1] for one in commands]
    rows = [f"| [`{name}`]({name}.md) | {one.meaning} |" for name, one in zip(names, commands, strict=True)]
    title, said = _say("Commands", language), _say("A page per command, made from its help.", language)
    return "\n".join([f"# {title}", "", said, "", "| | |", "|---|---|", *rows, ""])


def _command(command: Command, language: str, level: int = 1) -> Iterator[str]:
    """What a command's help says, and below it what each of its commands does."""
    yield f"{'#' * level} {command.path}\n\n{command.meaning}\n\n```text\n{command.usage}\n```\n"
    for title, several in (("Arguments", command.arguments), ("Options", command.options)):
        if several:
            yield f'**{_say(title, language)}**\n\n<dl class="options">'
            yield from (_given(given, language) for given in several)
            yield "</dl>\n"
    if command.examples:
        lines = "\n".join(command.examples)
        yield f"**{_say('Examples', language)}**\n\n```sh\n{lines}\n```\n"
    for below in command.commands:
        yield from _command(below, language, level + 1)


def _given(given: Given, language: str) -> str:
    names = " ".join(f"<code>{name}</code>" for name in given.names)
    value = f"<var>{_html(given.value)}</var>" if given.value else ""
    more = f" <em>({_say('required', language)})</em>" if given.required else ""
    return f"<dt>{names} {value}</dt><dd>{_html(given.meaning)}{more}</dd>"


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _schemas() -> Iterator[str]:
    yield "# JSON Schemas\n\nEvery result in JSON; the files are inside the package, in `opqibi_rules/schemas`.\n"
    yield from (f"- [{name}]({name}.md), [`{name}.schema.json`]({name}.schema.json)" for name in RESULTS)
    yield "\nThe tables of facts, `data/*.yaml`: an editor that knows YAML completes and checks a table by them.\n"
    yield from (f"- [`{name}.schema.json`]({name}.schema.json)" for name in TABLES)


def _schema(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """The keys of a result, and of what it is made of."""
    yield f"# {name}\n\n[`{name}.schema.json`]({name}.schema.json)\n"
    for title, one in ((schema["title"], schema), *schema.get("$defs", {}).items()):
        yield f"## {title}\n\n{one.get('description', '')}\n"
        if keys := one.get("properties"):
            yield "| key | holds | meaning |\n|---|---|---|"
            yield from (
                f"| `{key}` | {_holds(held)} | {held.get('description', '')} |" for key, held in keys.items()
            )
            yield ""
        elif "properties" not in one:
            yield _holds(one).replace("\\|", "|") + "\n"


def _holds(held: Mapping[str, Any]) -> str:
    """What a key holds, in a few words."""
    if "$ref" in held:
        name = held["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if several := held.get("anyOf") or held.get("oneOf"):
        return " or ".join(_holds(one) for one in several)
    if "const" in held or "enum" in held:
        return ", ".join(f"`{json.dumps(one)}`" for one in held.get("enum", [held.get("const")]))
    if "items" in held:
        return f"list of {_holds(held['items'])}"
    kinds = held.get("type", "anything")
    text = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    if isinstance(more := held.get("additionalProperties"), Mapping):
        return f"by name, {_holds(more)}"
    return f"{text}, {held['format']}" if "format" in held else text


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """What stands in the repository and not in the site is named, not linked; a page in English says so."""
    markdown = re.sub(r"\[([^]]+)\]\((?:\.\./)*(?:tests/examples|Dockerfile)\)", r"\1", markdown)
    markdown = markdown.replace("](README.md)", "](index.md)")
    for made, name in _FROM_ROOT.items():
        markdown = markdown.replace(f"](../{name})", f"]({made})").replace(
            f"](../../{name})", f"](../{made})"
        )
    if config.extra["language"] == "fr":
        for french, english in _GUIDES:
            markdown = markdown.replace(f"guide.en/{english}.md", f"guide.fr/{french}.md")
    if config.extra["language"] == "fr" and _in_english(page.file.src_uri):
        title, _, rest = markdown.partition("\n")
        return f"{title}\n\n*{_say('This page is in English.', 'fr')}*\n{{ .lone }}\n{rest}"
    return markdown


def _in_english(path: str) -> bool:
    return not path.startswith(("guide.", "commands/", "index")) and path not in {
        "interpretations.md",
        "tryton.md",
    }  # in both


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Where the same page is in the other language, as a relative address."""
    language = config.extra["language"]
    other = "en" if language == "fr" else "fr"
    pages = dict(zip(_ordered(language), _ordered(other), strict=True))
    if twin := pages.get(page.file.src_uri):
        here = posixpath.join("." if language == "fr" else "en", posixpath.dirname(page.url))
        there = posixpath.join("." if other == "fr" else "en", twin.removesuffix(".md") + ".html")
        context["twin"] = posixpath.relpath(there, here)
    return context
