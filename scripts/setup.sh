# Makes .venv from requirements.lock; called by `make setup`. Does nothing if nothing changed since the last time.
set -eu

stamp=.venv/.setup
log=.accord/logs/setup.log

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    found=
    for candidate in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
        is_new_enough "$candidate" || continue
        found=$candidate
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null || continue
        printf '%s\n' "$candidate"
        return
    done
    [ -z "$found" ] || die "$found cannot make virtual environments: install its venv module (Debian: python3-venv)."
    die "No Python 3.11 or newer was found: install one, or name it with make PYTHON=/path/to/python3."
}

# What a virtual environment was made of, and where: it does not survive being moved.
describe() {
    .venv/bin/python -V
    pwd
    cksum <"$1"
}

# Shows the packages pip names as they go by, in a terminal only; keeps all it says in the log.
follow() {
    total=$(grep -c '==' requirements.lock)
    count=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$log"
        case $line in
        "Collecting "* | "Requirement already satisfied"*)
            count=$((count + 1))
            name=${line#Collecting }
            [ ! -t 2 ] || printf '\r\033[K  %s of %s  %.60s' "$count" "$total" "${name%%[ =]*}" >&2
            ;;
        "Installing collected"*) [ ! -t 2 ] || printf '\r\033[K  unpacking %s packages' "$count" >&2 ;;
        esac
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

pip() {
    status=$(mktemp)
    { .venv/bin/python -m pip --disable-pip-version-check --no-input install --no-deps "$@" 2>&1 || echo failed >"$status"; } | follow
    failure=$(cat "$status")
    rm -f "$status"
    [ -z "$failure" ] || {
        tail -n 20 "$log" >&2
        die "Setting up failed; all that pip said is in $log."
    }
}

is_current() { [ -f "$stamp.$1" ] && [ "$(cat "$stamp.$1")" = "$(describe "$1")" ]; }

[ -f requirements.lock ] || die "Run this from the top of the repository: make setup."
! { is_current requirements.lock && is_current pyproject.toml; } 2>/dev/null || exit 0

mkdir -p "$(dirname "$log")"
: >"$log"
began=$(date +%s)
if ! is_new_enough .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    say "Making .venv with $("$python" -V)."
    rm -rf .venv
    "$python" -m venv .venv
fi
if ! is_current requirements.lock 2>/dev/null; then
    say "Installing $(grep -c '==' requirements.lock) packages from requirements.lock; the first time takes a minute."
    rm -f "$stamp.requirements.lock" "$stamp.pyproject.toml"
    pip --require-hashes -r requirements.lock
    describe requirements.lock >"$stamp.requirements.lock"
fi
pip --no-build-isolation -e .
describe pyproject.toml >"$stamp.pyproject.toml"
say "Set up in $(($(date +%s) - began)) s."
