#!/bin/sh
# Install repairdesk @VERSION@ from this folder, without a network: sh install.sh [FOLDER]
# It needs Python @PYTHON@ with venv; PYTHON=/path/to/python@PYTHON@ names one that is not on the path.
set -eu
folder=${1:-"$HOME/repairdesk"}
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "repairdesk: $*" >&2
    exit 1
}

proved() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum -c --quiet SHA256SUMS
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 -c --quiet SHA256SUMS
    else
        fail "neither sha256sum nor shasum is here: the files cannot be proved"
    fi
}
(cd "$here" && proved) || fail "a file is damaged or missing, nothing was installed. 文件坏了或缺了，什么也没有装。"

python=
for candidate in ${PYTHON:-python@PYTHON@ python3 python}; do
    if "$candidate" -c 'import ensurepip, sqlite3, ssl, sys, venv
sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "it needs Python @PYTHON@ with venv (Debian, Ubuntu: python@PYTHON@-venv), nothing was installed. 需要 Python @PYTHON@，什么也没有装。"

"$python" -m venv "$folder"
# Neither a network nor somebody's own settings of pip are looked at.
PIP_CONFIG_FILE=/dev/null "$folder/bin/python" -m pip --isolated install --quiet --disable-pip-version-check \
    --no-index --find-links "$here/wheels" --upgrade "repairdesk@EXTRAS@==@VERSION@"
"$folder/bin/repairdesk" --help >/dev/null || fail "it was installed, but does not run"
echo "$folder/bin/repairdesk @VERSION@"
