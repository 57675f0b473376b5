"""``completion``: the function by which a shell asks what can be typed next, and where it looks for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from repairdesk.cli.common import Call, command, write_whole
from repairdesk.errors import N_, UsageError
from repairdesk.locale import tr

chapter = typer.Typer()
DESK = N_("The desk")

SHELLS = ("bash", "zsh", "fish")

BASH = r"""# Completion of repairdesk for bash; made by: repairdesk completion bash
_repairdesk_complete() {
    local line how=
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $how ]]; then
            how=$line
        else
            COMPREPLY+=("$line")
        fi
    done < <(_REPAIRDESK_COMPLETE="bash ${COMP_TYPE:-9} ${COLUMNS:-80} ${COMP_WORDBREAKS//[^=:@]/}" \
        "${1/#\~/$HOME}" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    case $how in
        files) compopt -o default 2>/dev/null ;;
        dirs) compopt -o dirnames 2>/dev/null ;;
        nospace) compopt -o nospace 2>/dev/null ;;
    esac
    compopt -o nosort 2>/dev/null
    return 0
}
complete -F _repairdesk_complete repairdesk
"""

ZSH = r"""#compdef repairdesk
# Completion of repairdesk for zsh; made by: repairdesk completion zsh
_repairdesk() {
    local line how
    local -a lines values shown extra
    lines=("${(@f)$(_REPAIRDESK_COMPLETE="zsh ${COLUMNS:-80}" ${~words[1]} \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    how=$lines[1]
    case $how in
        '') return 1 ;;
        files) _files; return ;;
        dirs) _files -/; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        shown+=("${line#*$'\t'}")
    done
    [[ $how == *nospace* ]] && extra+=(-S '')
    if [[ $how == *loose* ]]; then
        # What was typed is somewhere within: nothing is put in its place but a whole one.
        extra+=(-U)
        (( $#values > 1 )) && compstate[insert]=menu
    fi
    compadd "${extra[@]}" -V repairdesk -l -d shown -a values
}
if [[ ${funcstack[1]} == _repairdesk ]]; then
    _repairdesk "$@"
else
    (( ${+functions[compdef]} )) || { autoload -Uz compinit && compinit }
    compdef _repairdesk repairdesk
fi
"""

FISH = r"""# Completion of repairdesk for fish; made by: repairdesk completion fish
function __repairdesk_complete
    set -l before (commandline -opc)
    set -l raw (commandline -ct)
    set -l current (string replace --regex '^["\']' '' -- "$raw" | string replace --all --regex '\\\\(.)' '$1')
    set -l lines (env _REPAIRDESK_COMPLETE="fish $COLUMNS" $before "$current" 2>/dev/null)
    test (count $lines) -gt 0; or return
    switch $lines[1]
        case files
            __fish_complete_path "$raw"
        case dirs
            __fish_complete_directories "$raw"
        case '*'
            test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
    end
end
complete --command repairdesk --no-files --keep-order --arguments '(__repairdesk_complete)'
"""

TERMS = (N_("shell"), N_("read_by"))
"""Words that are said by their name."""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@command(chapter, "completion", DESK)
def completion(
    call: Call,
    shell: Annotated[str | None, typer.Argument(metavar="bash|zsh|fish", help=N_("Which shell; this one."))] = None,
    install: Annotated[
        bool, typer.Option("--install", help=N_("Put it where the shell finds it, instead of writing it out."))
    ] = False,
) -> None:
    """Let the shell complete commands, order numbers, people and codes at the press of Tab."""
    from repairdesk.cli import render

    chosen = shell or _running()
    if chosen not in SCRIPTS:
        raise UsageError(N_("“{value}” is no {field}; choose: {known}"), value=chosen or "", field="shell",
                         known=list(SHELLS))  # fmt: skip
    if not install:
        render.text(call, SCRIPTS[chosen])
        return
    doc = _installed(chosen)
    render.fields(call, doc)
    if not call.json_:
        render.note(tr(N_("It works from the next terminal on.")))


def _running() -> str:
    """The shell that runs this: the process above, else the account's own."""
    try:
        above = Path(f"/proc/{os.getppid()}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        above = ""
    return above if above in SCRIPTS else Path(os.environ.get("SHELL", "")).name


def _installed(shell: str) -> dict[str, str]:
    """Write the shell's function into the account's own folder, and have its start-up file read it.

    fish reads its folder by itself.
    """
    home = Path.home()
    if shell == "fish":
        file = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish" / "completions" / "repairdesk.fish"
        start = None
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        file = data / "repairdesk-completion" / f"repairdesk.{shell}"
        start = home / ".bashrc" if shell == "bash" else Path(os.environ.get("ZDOTDIR") or home) / ".zshrc"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, SCRIPTS[shell])
    if start is not None:
        _read_from(start, file)
    return {"shell": shell, "file": str(file), "read_by": str(start or file)}


def _read_from(start: Path, file: Path) -> None:
    """A line at the end of the start-up file, once; the rest of it stays as it is."""
    quoted = "'" + str(file).replace("'", "'\\''") + "'"
    line = f"[ -r {quoted} ] && . {quoted}  # repairdesk completion"
    try:
        before = start.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        before = ""
    if line in before.splitlines():
        return
    gap = "" if not before or before.endswith("\n") else "\n"
    with start.open("a", encoding="utf-8", errors="surrogateescape") as out:
        out.write(f"{gap}{line}\n")
