#!/bin/sh
# Makes .venv with the pinned installer in it. Needs Python 3.11 or newer and a package index, nothing else.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "omna: $1" >&2
    exit 1
}

# The newest Python that is new enough; PYTHON names another.
find_python() {
    for candidate in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
        if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed. Debian and Ubuntu: apt install python3 python3-venv. Or name one: make PYTHON=/path/to/python3 up"
}

install() {
    "$@" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes --requirement tools/uv.txt
}

python=$(find_python)
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    else
        # Debian keeps ensurepip in a package of its own; a pip that is installed anyway does as well.
        "$python" -m pip --version >/dev/null 2>&1 ||
            fail "this Python cannot make environments with pip. Debian and Ubuntu: apt install python3-venv"
        "$python" -m venv --without-pip .venv
    fi
fi
if .venv/bin/python -m pip --version >/dev/null 2>&1; then
    install .venv/bin/python -m pip
elif "$python" -m pip --version >/dev/null 2>&1; then
    install "$python" -m pip --python .venv/bin/python
else
    fail "this Python cannot make environments with pip. Debian and Ubuntu: apt install python3-venv"
fi
