"""``opqibi-fees completion``: a script that has a shell ask us what may come next, and our answer to it."""

from collections.abc import Iterator
from typing import Annotated

import typer

from opqibi_rules.cli.main import COMMANDS
from opqibi_rules.cli.manual import Command, Given, the_command
from opqibi_rules.cli.options import argument, takes, voice
from opqibi_rules.cli.result import DONE
from opqibi_rules.errors import RequestError
from opqibi_rules.messages import marked
from opqibi_rules.paper.language import Language

EXAMPLES = ("opqibi-fees completion bash", "opqibi-fees completion zsh", "opqibi-fees completion fish")

_SCRIPTS = {
    # Where we have nothing to say, the shell proposes files.
    "bash": """\
# opqibi-fees completion bash > ~/.local/share/bash-completion/completions/opqibi-fees
_opqibi_fees() {
    local IFS=$'\\n'
    COMPREPLY=($(opqibi-fees completion bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
    [[ ${COMPREPLY-} == *= ]] && compopt -o nospace
    return 0
}
complete -o default -F _opqibi_fees opqibi-fees
""",
    "zsh": """\
#compdef opqibi-fees
# opqibi-fees completion zsh > FOLDER/_opqibi-fees, where FOLDER is one of $fpath
_opqibi_fees() {
    local -a found
    found=(${(f)"$(opqibi-fees completion zsh -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
    if (( $#found )); then _describe -V opqibi-fees found; else _files; fi
}
if [[ $funcstack[1] == _opqibi-fees ]]; then _opqibi_fees "$@"; else compdef _opqibi_fees opqibi-fees; fi
""",
    "fish": """\
# opqibi-fees completion fish > ~/.config/fish/completions/opqibi-fees.fish
function __opqibi_fees
    set -l last (commandline -ct)
    set -l found (opqibi-fees completion fish -- (commandline -opc)[2..-1] "$last" 2>/dev/null)
    if set -q found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$last"
    end
end
complete -c opqibi-fees -f -a '(__opqibi_fees)'
""",
}


@takes(voice)
def command(
    language: Language,
    shell: Annotated[str, argument("bash|zsh|fish", marked("The shell."))],
    words: Annotated[
        list[str], argument("WORD…", marked("What is typed so far, after --: the script asks so."))
    ] = [],
) -> int:
    """Write the script; with words, what may stand in the place of the last.

    Raises:
        RequestError: a shell that we know no script for.
    """
    if shell not in _SCRIPTS:
        raise RequestError("« {shell} » is not one of {shells}.", shell=shell[:40], shells=tuple(_SCRIPTS))
    if words:
        for word, meaning in candidates(words, language):
            typer.echo(_written(word, meaning, shell))
    else:
        typer.echo(_SCRIPTS[shell], nl=False)
    return DONE


def candidates(words: list[str], language: Language) -> Iterator[tuple[str, str]]:
    """What may stand in the place of the last word, each with its meaning: nothing where a file or a value may."""
    *before, last = words
    if last == "=":  # bash parts « --lang=f » in three
        before, last = [*before, "="], ""
    if before[-1:] == ["="]:
        before.pop()
    name, equals, _ = last.partition("=")
    called = _called(before, language)
    by_name = {option: each for each in called.options for option in each.names}
    asked = by_name.get(name if equals else before[-1] if before else "")
    if asked is not None and asked.value:
        found = [(f"{name}=" if equals else "") + word for word in asked.choices]
        meanings = [(word, "") for word in found]
    elif last.startswith("-"):
        meanings = [(max(each.names, key=len), each.meaning) for each in called.options]
    elif called.commands:
        meanings = [(each.path.split()[-1], each.meaning) for each in called.commands]
    else:
        meanings = [(word, "") for word in _choices(called.arguments)]
    yield from (each for each in meanings if each[0].startswith(last))


def _called(words: list[str], language: Language) -> Command:
    """The command that the words call."""
    named = [word for word in words if not word.startswith("-")]
    if not named or named[0] not in COMMANDS:
        return the_command(language)
    group = the_command(language, named[0])
    return next((each for each in group.commands if each.path.split()[-1] in named[1:]), group)


def _choices(arguments: tuple[Given, ...]) -> tuple[str, ...]:
    return arguments[0].choices if arguments else ()


def _written(word: str, meaning: str, shell: str) -> str:
    """A candidate as the shell reads it."""
    if not meaning or shell == "bash":
        return word
    return f"{word.replace(':', chr(92) + ':')}:{meaning}" if shell == "zsh" else f"{word}\t{meaning}"
