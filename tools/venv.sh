#!/bin/sh
# Set up .venv: `tools/venv.sh run` with what the program needs, `tools/venv.sh dev` with the tools of its makers too.
# A .venv that is already there, made by hand or by an earlier run, is used if its Python is one that we support.
set -eu
cd "$(dirname "$0")/.."
want=${1:?run or dev}

# An interpreter counts only if it runs (a version manager's shim may be on PATH and fail) and can make a venv.
supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
complete="import ensurepip, sqlite3, ssl, venv; $supported"

fail() {
    echo "repairdesk: $*" >&2
    exit 1
}

# True while the stamp is newer than everything it depends on.
fresh() {
    [ -e ".venv/.stamp-$1" ] && [ ! pyproject.toml -nt ".venv/.stamp-$1" ] && [ ! constraints.txt -nt ".venv/.stamp-$1" ]
}

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if "$candidate" -c "$complete" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if "$candidate" -c "$supported" >/dev/null 2>&1; then
            fail "$candidate lacks venv, ensurepip, sqlite3 or ssl; on Debian and Ubuntu: apt install python3-venv"
        fi
    done
    fail "no Python 3.11, 3.12 or 3.13 found (tried: ${PYTHON:-python3.13 python3.12 python3.11 python3 python}). Install one, or name it: make PYTHON=/path/to/python3"
}

if [ -e .venv ]; then
    .venv/bin/python -c "$supported" >/dev/null 2>&1 ||
        fail ".venv is there, but its Python does not run or is not 3.11 to 3.13. Remove it (make clean) and try again."
else
    python=$(find_python)
    echo "Setting up .venv with $("$python" -V 2>&1) ..." >&2
    "$python" -m venv .venv || { rm -rf .venv; fail "$python could not make a virtual environment"; }
fi
.venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null

if [ "$want" = run ] && fresh dev; then
    touch .venv/.stamp-run
    exit
fi
case $want in
    run) target=. ;;
    dev) target='.[dev]' ;;
    *) fail "run or dev, not $want" ;;
esac
echo "Installing what repairdesk needs into .venv ($want) ..." >&2
.venv/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e "$target"
touch .venv/.stamp-run
[ "$want" = run ] || touch .venv/.stamp-dev
