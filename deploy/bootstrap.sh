#!/bin/sh
# Makes .venv in the checkout, fetches uv when it is not on PATH, installs a lock file and the project.
# Usage: bootstrap.sh [LOCK]    without LOCK it only prints the path of uv. PYTHON names the interpreter to use.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
build=requirements-build.lock
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

fail() {
    echo "pvo: $*" >&2
    exit 1
}

works() {
    "$@" >/dev/null 2>&1
}

# Prints a uv that runs (a shim of a version manager may not): from PATH, else the one inside .venv.
find_uv() {
    for uv in uv "$venv/bin/uv"; do
        works "$uv" --version && echo "$uv" && return
    done
    return 1
}

make_venv() {
    if works uv --version; then
        uv venv --quiet --python "$1" "$venv"
    elif works "$1" -c 'import ensurepip, venv'; then
        "$1" -m venv "$venv"
    elif works virtualenv --version; then
        virtualenv --quiet --python "$1" "$venv"
    else
        return 1
    fi
}

# The first Python that is new enough and can make a virtual environment makes it.
create_venv() {
    found=
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        works "$python" -c "$new_enough" || continue
        rm -rf "$venv"
        if make_venv "$python"; then return; fi
        rm -rf "$venv"
        found=${found:-$python}
    done
    [ -z "$found" ] || fail "$(command -v "$found") cannot make a virtual environment: its venv module is" \
        "missing. Install it (Debian and Ubuntu: apt-get install python3-venv), or uv, and run make again."
    fail "Python 3.11 or newer is needed, and ${PYTHON:-python3} is" \
        "$("${PYTHON:-python3}" --version 2>/dev/null || echo "not found")." \
        "Install one, or name it (make PYTHON=/path/to/python3 ...), and run make again."
}

# False for a .venv whose interpreter has gone or whose making was interrupted.
is_usable() {
    works "$venv/bin/python" -c "$new_enough" &&
        { works find_uv || works "$venv/bin/python" -m pip --version; }
}

if ! is_usable; then
    echo "Setting up $venv (once) ..." >&2
    create_venv
fi

if ! uv=$(find_uv); then
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$build" ||
        fail "uv could not be fetched (see above). Check the network or put uv on PATH, and run make again."
    uv=$venv/bin/uv
fi

if [ $# -eq 0 ]; then
    echo "$uv"
    exit
fi

echo "Installing $1 ..." >&2
{ "$uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$build" -r "$1" &&
    "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .; } ||
    fail "the packages of $1 could not be installed (see above). Check the network, and run make again."
